import type { BackendError } from "@plinth/core";
import { hasDeepBrackets, MAX_JSON_DEPTH } from "./json-depth.ts";

/** Undefined: the parameter was given without "=". */
export type QueryPair = readonly [name: string, value: string | undefined];

/** The error for a text that isn't UTF-8, has the NUL character, which no text of PostgreSQL may contain, or is too deep for it. */
export type Refusal = (problem: string) => BackendError;

/**
 * The parameters of a query string or a form, decoded: a plus is a space, and a semicolon separates as an ampersand does.
 * @throws BackendError `refuse`
 */
export function parseQueryString(query: string, refuse: Refusal): QueryPair[] {
  const pairs: QueryPair[] = [];
  let start = query.charCodeAt(0) === 63 ? 1 : 0;
  while (start < query.length) {
    const end = endOfPair(query, start);
    pairs.push(parsePair(query.slice(start, end), refuse));
    start = end + 1;
  }
  return pairs;
}

function endOfPair(query: string, start: number): number {
  for (let end = start; end < query.length; end += 1) {
    const code = query.charCodeAt(end);
    if (code === 38 || code === 59) return end;
  }
  return query.length;
}

function parsePair(pair: string, refuse: Refusal): QueryPair {
  const equals = pair.indexOf("=");
  if (equals < 0) return [decodeText(pair, refuse), undefined];
  return [decodeText(pair.slice(0, equals), refuse), decodeText(pair.slice(equals + 1), refuse)];
}

function decodeText(encoded: string, refuse: Refusal): string {
  const text = decodePercent(encoded.includes("+") ? encoded.replaceAll("+", " ") : encoded);
  if (text === undefined) throw refuse(`"${encoded}" is not UTF-8`);
  if (text.includes("\0")) throw refuse(`"${encoded}" contains the NUL character`);
  if (hasDeepBrackets(text)) throw refuse(`A value is nested more than ${MAX_JSON_DEPTH} levels deep`);
  return text;
}

/** Percent escapes decoded, incomplete ones left as they are. Undefined where that isn't UTF-8. */
export function decodePercent(encoded: string): string | undefined {
  if (!isWellFormed(encoded)) return undefined;
  if (!encoded.includes("%")) return encoded;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return decodeLoosely(encoded);
  }
}

/** Has no half of a surrogate pair without the other. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function decodeLoosely(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded.replaceAll(/%(?![0-9A-Fa-f]{2})/g, "%25"));
  } catch {
    return undefined;
  }
}

/** The parameters sorted by name and encoded again; the values of one name joined by commas, as PostgREST does. */
export function canonicalQuery(pairs: readonly QueryPair[]): string {
  const values = new Map<string, string>();
  for (const [name, value] of pairs) {
    const before = values.get(name);
    const encoded = encodeText(value ?? "");
    values.set(name, before === undefined ? encoded : `${before},${encoded}`);
  }
  const names = [...values.keys()].sort();
  return names.map((name) => `${encodeText(name)}=${values.get(name)}`).join("&");
}

export function encodeText(text: string): string {
  if (/^[\w.~-]*$/.test(text)) return text;
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
