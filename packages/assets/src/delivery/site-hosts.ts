import { authorityOf } from "@plinth/core";

/** Hosts that sites have to themselves: `acme.` before the base domain is the project acme's. */
export class SiteHosts {
  readonly #base: string | undefined;

  /** @param base normalised; undefined: sites have no hosts */
  constructor(base: string | undefined) {
    this.#base = base;
  }

  /** Whether the URL is one of a host below the domain for sites: no API is to answer there, whosever it is. */
  has(url: string): boolean {
    return this.#labelOf(url) !== undefined;
  }

  /** Whether such a host may be a project's, by its form. */
  isProjects(url: string): boolean {
    return /^[a-z][a-z0-9-]{0,39}$/.test(this.#labelOf(url) ?? "");
  }

  #labelOf(url: string): string | undefined {
    const base = this.#base;
    if (base === undefined) return undefined;
    const host = hostOf(authorityOf(url)).toLowerCase();
    const label = host.length - base.length - 1;
    return label > 0 && host[label] === "." && host.endsWith(base) ? host.slice(0, label) : undefined;
  }

  /** The origin of a project's site, with the scheme and port of the URL; undefined where it has no host. */
  originOf(ref: string, url: string): string | undefined {
    if (this.#base === undefined) return undefined;
    const port = /:\d+$/.exec(authorityOf(url))?.[0] ?? "";
    return `${url.slice(0, url.indexOf("://"))}://${ref}.${this.#base}${port}`;
  }
}

const hostOf = (authority: string): string => authority.replace(/:\d*$/, "").replace(/\.$/, "");
