import { createHash } from "node:crypto";
import type { SchemaCacheOptions, SchemaSnapshot } from "./load-schema-snapshot.ts";
import type { SchemaCache } from "./schema-cache.ts";
import type { SchemaVersion } from "./version/schema-version.ts";

/**
 * Makes one of the schema caches that are equal, as those of projects from the same migrations are: of a thousand
 * projects one is kept. It is forgotten once nobody has it any more.
 *
 * Recorded versions are random ids, so that two databases of one version are copies of each other, as those from one
 * template are: what was read in one of them holds for all.
 */
export class SharedSchemaCaches {
  readonly #byContent = new WeakCaches();
  readonly #byVersion = new WeakCaches();

  /** The same snapshot, with the one cache that is known with its content. */
  share({ cache, version }: SchemaSnapshot, options: SchemaCacheOptions): SchemaSnapshot {
    const content = digestOf(cache);
    const shared = this.#byContent.get(content) ?? cache;
    if (shared === cache) this.#byContent.set(content, cache);
    if (version.source === "changes") this.#byVersion.set(versionKey(version, options), shared);
    return { cache: shared, version };
  }

  /** Whether it may know the cache of any version. */
  get knowsVersions(): boolean {
    return this.#byVersion.size > 0;
  }

  /** What was read of a database of this version, with the same options. */
  ofVersion(version: SchemaVersion, options: SchemaCacheOptions): SchemaCache | undefined {
    return this.#byVersion.get(versionKey(version, options));
  }
}

/** Keeps nothing alive. */
class WeakCaches {
  readonly #caches = new Map<string, WeakRef<SchemaCache>>();
  readonly #forgotten = new FinalizationRegistry<string>((key) => {
    if (this.get(key) === undefined) this.#caches.delete(key);
  });

  get size(): number {
    return this.#caches.size;
  }

  get(key: string): SchemaCache | undefined {
    return this.#caches.get(key)?.deref();
  }

  set(key: string, cache: SchemaCache): void {
    if (this.get(key) === cache) return;
    this.#caches.set(key, new WeakRef(cache));
    this.#forgotten.register(cache, key);
  }
}

const versionKey = ({ source, value }: SchemaVersion, { schemas, extraSearchPath }: SchemaCacheOptions): string => JSON.stringify([source, value, schemas, extraSearchPath]);

const digestOf = (cache: SchemaCache): string => createHash("sha256").update(JSON.stringify(cache, entriesOfMaps)).digest("base64");

const entriesOfMaps = (_key: string, value: unknown): unknown => (value instanceof Map ? [...value] : value);
