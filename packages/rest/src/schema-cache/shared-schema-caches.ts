import { createHash } from "node:crypto";
import type { SchemaCache } from "./schema-cache.ts";

/**
 * Makes one of the schema caches that are equal, as those of projects from the same migrations are: of a thousand
 * projects one is kept. It is forgotten once nobody has it any more.
 */
export class SharedSchemaCaches {
  readonly #byContent = new Map<string, WeakRef<SchemaCache>>();
  readonly #forgotten = new FinalizationRegistry<string>((content) => {
    if (this.#byContent.get(content)?.deref() === undefined) this.#byContent.delete(content);
  });

  /** The one that is known with the same content, else `cache` itself. */
  share(cache: SchemaCache): SchemaCache {
    const content = digestOf(cache);
    const known = this.#byContent.get(content)?.deref();
    if (known) return known;
    this.#byContent.set(content, new WeakRef(cache));
    this.#forgotten.register(cache, content);
    return cache;
  }
}

const digestOf = (cache: SchemaCache): string => createHash("sha256").update(JSON.stringify(cache, entriesOfMaps)).digest("base64");

const entriesOfMaps = (_key: string, value: unknown): unknown => (value instanceof Map ? [...value] : value);
