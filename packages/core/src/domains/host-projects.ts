import type { Kysely } from "kysely";
import type { MetadataTables } from "../metadata/metadata-tables.ts";
import { createHostNameReader, type HostNameReader } from "./host-names.ts";
import { NameCache } from "./name-cache.ts";
import type { HostName } from "./name-lookup.ts";
import { hasDomains, readNames, readSites } from "./read-names.ts";

export interface HostProjectsOptions {
  readonly db: Kysely<MetadataTables>;
  /** Domain whose labels are refs; normalised. */
  readonly base?: string | undefined;
  /** Another one, for sites alone; normalised. */
  readonly sites?: string | undefined;
  /**
   * Milliseconds after which what is learnt now is to be asked for again, for changes that go unheard. Default: never,
   * for metadata that only this process changes.
   */
  readonly refreshAfterMs?: () => number;
}

/** Which project the host of a request names. */
export class HostProjects {
  readonly #db: Kysely<MetadataTables>;
  readonly #bases: readonly string[];
  readonly #nameOf: HostNameReader;
  readonly #names: NameCache;
  readonly #sites: NameCache;
  readonly #refreshAfterMs: () => number;
  /** Whether any domain is registered; undefined until it is asked for. */
  #registered: boolean | undefined;
  #refreshAt = 0;
  #asking: Promise<void> | undefined;
  #generation = 0;

  constructor({ db, base, sites, refreshAfterMs = () => Infinity }: HostProjectsOptions) {
    this.#db = db;
    this.#bases = [base, sites].filter((domain) => domain !== undefined);
    this.#refreshAfterMs = refreshAfterMs;
    this.#nameOf = createHostNameReader(this.#bases);
    this.#names = new NameCache({ read: (names) => readNames(db, names), refreshAfterMs });
    this.#sites = new NameCache({ read: (names) => readSites(db, names), refreshAfterMs });
  }

  /** What the URL's host names by its form; undefined where that can lead to no project. */
  nameOf(url: string): HostName | undefined {
    if (this.#bases.length === 0 && this.#nobodyHasOne()) return undefined;
    return this.#nameOf(url);
  }

  /**
   * The present ref of the project that the name leads to. A promise only where it has to be asked for.
   * @throws the promise rejects where the metadata can't be asked; BackendError PLINTH_TOO_BUSY in a flood
   */
  refOf(name: HostName): string | undefined | Promise<string | undefined> {
    if (name.kind === "ref" || this.#registered === true) return this.#names.find(name);
    if (this.#nobodyHasOne()) return undefined;
    return this.prepare().then(() => (this.#registered === false ? undefined : this.#names.find(name)));
  }

  /** Whether the URL's host is a registered domain that a site has to itself. A promise only where it has to be asked for; false where it can't be. */
  isSites(url: string): boolean | Promise<boolean> {
    const name = this.nameOf(url);
    if (name?.kind !== "domain" || this.#nobodyHasOne()) return false;
    const found = this.#registered === true ? this.#sites.find(name) : this.prepare().then(() => (this.#registered === false ? undefined : this.#sites.find(name)));
    return found instanceof Promise ? found.then((ref) => ref !== undefined, () => false) : found !== undefined;
  }

  /** Finds out whether there are domains at all, before a request has to. */
  async prepare(): Promise<void> {
    if (this.#registered === undefined) await this.#ask();
  }

  /** To be called when the project `ref` has changed, in whichever process; undefined: any may have. */
  forget(ref: string | undefined): void {
    this.#generation++;
    this.#asking = undefined;
    this.#registered = undefined;
    this.#names.forget(ref);
    this.#sites.forget(ref);
  }

  /** Known for sure; in the background it is asked for again from time to time. */
  #nobodyHasOne(): boolean {
    if (this.#registered !== false) return false;
    if (performance.now() >= this.#refreshAt) {
      this.#refreshAt = performance.now() + this.#refreshAfterMs();
      this.#ask().catch(() => undefined);
    }
    return true;
  }

  /** Once, however many want to know. */
  #ask(): Promise<void> {
    if (this.#asking !== undefined) return this.#asking;
    const generation = this.#generation;
    const asking = hasDomains(this.#db)
      .then((some) => {
        if (generation !== this.#generation) return;
        this.#registered = some;
        this.#refreshAt = performance.now() + this.#refreshAfterMs();
      })
      .finally(() => {
        if (this.#asking === asking) this.#asking = undefined;
      });
    this.#asking = asking;
    return asking;
  }
}
