import { LRUCache } from "lru-cache";
import { looksLikeApiKey, parseApiKey } from "./api-key-form.ts";
import { decodePart, parseObject } from "./compact-token.ts";

/** Which project a key says it is for: good for finding what to verify it with, and for nothing else. */
export function unverifiedRef(apikey: string): string | undefined {
  if (looksLikeApiKey(apikey)) return parseApiKey(apikey)?.ref;
  const payload = apikey.split(".", 2)[1];
  const text = payload === undefined ? undefined : decodePart(payload);
  const ref = text === undefined ? undefined : parseObject(text)?.["ref"];
  return typeof ref === "string" && ref !== "" ? ref : undefined;
}

/** In characters of key. */
const CACHE_SIZE = 1_000_000;

/** `unverifiedRef` that remembers the keys it has seen, the least recently used first forgotten. */
export function createRefReader(): (apikey: string) => string | undefined {
  const refs = new LRUCache<string, { readonly ref: string | undefined }>({ maxSize: CACHE_SIZE, sizeCalculation: (_value, key) => key.length + 1 });
  return (apikey) => {
    const known = refs.get(apikey);
    if (known !== undefined) return known.ref;
    const ref = unverifiedRef(apikey);
    refs.set(apikey, { ref });
    return ref;
  };
}
