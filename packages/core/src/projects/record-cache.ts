import { LRUCache } from "lru-cache";
import type { ProjectRecord } from "./project-record.ts";

export interface RecordCacheOptions {
  readonly read: (ref: string) => Promise<ProjectRecord>;
  readonly max: number;
  readonly ttlMs: number;
}

/** Records of projects in use. However many ask for one at the same time, it is read once; failures are not kept. */
export class RecordCache {
  readonly #read: RecordCacheOptions["read"];
  readonly #known: LRUCache<string, ProjectRecord>;
  readonly #reading = new Map<string, Promise<ProjectRecord>>();

  constructor({ read, max, ttlMs }: RecordCacheOptions) {
    this.#read = read;
    this.#known = new LRUCache({ max, ttl: ttlMs });
  }

  async get(ref: string): Promise<ProjectRecord> {
    return this.#known.get(ref) ?? this.#reading.get(ref) ?? this.#start(ref);
  }

  /** What is being read just now is given to those who wait for it, and not kept. */
  forget(ref: string): void {
    this.#known.delete(ref);
    this.#reading.delete(ref);
  }

  async #start(ref: string): Promise<ProjectRecord> {
    const reading = this.#read(ref);
    this.#reading.set(ref, reading);
    try {
      const record = await reading;
      if (this.#reading.get(ref) === reading) this.#known.set(ref, record);
      return record;
    } finally {
      if (this.#reading.get(ref) === reading) this.#reading.delete(ref);
    }
  }
}
