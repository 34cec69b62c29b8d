import { LRUCache } from "lru-cache";
import { isProjectRef } from "../projects/project-ref.ts";
import { authorityOf, normalizeDomain } from "./domain-name.ts";
import type { HostName } from "./name-lookup.ts";

/** What the host of a URL names, by its form alone. Undefined: nothing, as localhost or an IP address. */
export type HostNameReader = (url: string) => HostName | undefined;

/** Hosts whose form is remembered. */
const REMEMBERED = 1_000;

/** @param base domain whose labels are refs: `acme.` before it names acme; the base itself names nothing */
export function createHostNameReader(base: string | undefined): HostNameReader {
  const suffix = base === undefined ? undefined : `.${base}`;
  const seen = new LRUCache<string, { readonly name: HostName | undefined }>({ max: REMEMBERED });
  const read = (authority: string): HostName | undefined => {
    const domain = normalizeDomain(authority);
    if (domain === undefined || domain === base) return undefined;
    if (suffix === undefined || !domain.endsWith(suffix)) return { kind: "domain", name: domain };
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
