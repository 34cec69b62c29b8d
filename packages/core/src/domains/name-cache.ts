import { LRUCache } from "lru-cache";
import { type HostName, NameLookup, type NamesReader } from "./name-lookup.ts";

export interface NameCacheOptions {
  readonly read: NamesReader;
  /** Milliseconds after which a name that is learnt now is to be asked for again, the old answer serving meanwhile. */
  readonly refreshAfterMs: () => number;
  /** Names that lead to a project, and as many that lead to none, kept at most. Default: 10,000. */
  readonly max?: number;
}

interface Known {
  readonly ref: string | undefined;
  /** When it is to be asked for again, by performance.now(). */
  refreshAt: number;
}

/**
 * Which names lead to which projects, those that lead to none included. Kept apart, so that made-up names can't push
 * out the ones that count. Empty until names are asked for.
 */
export class NameCache {
  readonly #lookup: NameLookup;
  readonly #projects: LRUCache<string, Known>;
  readonly #nobodys: LRUCache<string, Known>;
  readonly #refreshAfterMs: () => number;
  /** Counts what was forgotten: an answer that was under way then is not kept. */
  #generation = 0;

  constructor({ read, refreshAfterMs, max = 10_000 }: NameCacheOptions) {
    this.#lookup = new NameLookup(read);
    this.#projects = new LRUCache({ max });
    this.#nobodys = new LRUCache({ max });
    this.#refreshAfterMs = refreshAfterMs;
  }

  /** A promise only for a name that isn't known. It rejects where the metadata can't be asked. */
  find(host: HostName): string | undefined | Promise<string | undefined> {
    const key = `${host.kind} ${host.name}`;
    const known = this.#projects.get(key) ?? this.#nobodys.get(key);
    if (known === undefined) return this.#ask(host, key);
    if (performance.now() >= known.refreshAt) this.#refresh(host, key, known);
    return known.ref;
  }

  /** After a change of the project `ref`: of names that led nowhere, any may lead to it now. Undefined: of any project. */
  forget(ref: string | undefined): void {
    this.#generation++;
    this.#nobodys.clear();
    for (const [key, known] of this.#projects.entries()) if (ref === undefined || known.ref === ref) this.#projects.delete(key);
  }

  async #ask(host: HostName, key: string): Promise<string | undefined> {
    const generation = this.#generation;
    const ref = await this.#lookup.find(host);
    if (generation === this.#generation) this.#keep(key, ref);
    return ref;
  }

  #keep(key: string, ref: string | undefined): void {
    const [into, from] = ref === undefined ? [this.#nobodys, this.#projects] : [this.#projects, this.#nobodys];
    from.delete(key);
    into.set(key, { ref, refreshAt: performance.now() + this.#refreshAfterMs() });
  }

  /** Once at a time; while the metadata can't be asked the old answer holds. */
  #refresh(host: HostName, key: string, known: Known): void {
    known.refreshAt = performance.now() + this.#refreshAfterMs();
    this.#ask(host, key).catch(() => undefined);
  }
}
