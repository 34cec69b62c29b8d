import { LRUCache } from "lru-cache";
import { isProjectRef } from "../projects/project-ref.ts";
import { authorityOf, normalizeDomain } from "./domain-name.ts";
import type { HostName } from "./name-lookup.ts";

/** What the host of a URL names, by its form alone. Undefined: nothing, as localhost or an IP address. */
export type HostNameReader = (url: string) => HostName | undefined;

/** Hosts whose form is remembered. */
const REMEMBERED = 1_000;

/** @param bases domains whose labels are refs: `acme.` before one names acme; they themselves name nothing. One may be below another. */
export function createHostNameReader(bases: readonly string[]): HostNameReader {
  const suffixes = bases.map((base) => `.${base}`).toSorted((a, b) => b.length - a.length);
  const seen = new LRUCache<string, { readonly name: HostName | undefined }>({ max: REMEMBERED });
  const read = (authority: string): HostName | undefined => {
    const domain = normalizeDomain(authority);
    if (domain === undefined) return undefined;
    const suffix = suffixes.find((candidate) => domain.endsWith(candidate));
    if (suffix === undefined) return bases.includes(domain) ? undefined : { kind: "domain", name: domain };
    const label = domain.slice(0, -suffix.length);
    return isProjectRef(label) ? { kind: "ref", name: label } : undefined;
  };
  return (url) => {
    const authority = authorityOf(url);
    const known = seen.get(authority);
    if (known !== undefined) return known.name;
    const name = read(authority);
    seen.set(authority, { name });
    return name;
  };
}
