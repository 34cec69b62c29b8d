import { LRUCache } from "lru-cache";
import type { ObjectKey, ObjectStore } from "../contracts/object-store.ts";
import { type BytesLimit, collectBytes } from "./collect-bytes.ts";

export interface ByteCacheOptions {
  /** Bytes held at most, of all projects together. */
  readonly maxBytes: number;
  /** What is larger isn't held: it is streamed each time. */
  readonly maxEach: number;
}

/** What an entry takes besides its bytes: roughly. */
const OVERHEAD = 200;

/** Bytes of small files that were asked for lately. What is below a key must never change, so that nothing has to be forgotten. */
export class ByteCache {
  readonly maxEach: number;
  readonly #held: LRUCache<ObjectKey, Uint8Array>;

  constructor({ maxBytes, maxEach }: ByteCacheOptions) {
    this.maxEach = maxEach;
    this.#held = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ byteLength }) => byteLength + OVERHEAD });
  }

  /** All bytes below a key, from memory where they were read lately; undefined where there are none. @throws what the store or the limit throws */
  async read(store: Pick<ObjectStore, "get">, key: ObjectKey, limit?: BytesLimit): Promise<Uint8Array | undefined> {
    const held = this.#held.get(key);
    if (held !== undefined) return held;
    const stream = await store.get(key);
    if (stream === undefined) return undefined;
    const bytes = await collectBytes(stream, limit);
    if (bytes.byteLength <= this.maxEach) this.#held.set(key, ownedBytes(bytes));
    return bytes;
  }

  /** Of files that are no more. */
  forget(keys: readonly ObjectKey[]): void {
    for (const key of keys) this.#held.delete(key);
  }
}

/** A view of a larger buffer would keep all of that in memory. */
const ownedBytes = (bytes: Uint8Array): Uint8Array => (bytes.buffer.byteLength > bytes.byteLength + OVERHEAD ? Uint8Array.prototype.slice.call(bytes) : bytes);
