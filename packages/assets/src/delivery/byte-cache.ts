import { LRUCache } from "lru-cache";
import type { ObjectKey } from "@plinth/core";

/** Bytes of all projects' files that are held at most. */
const MAX_BYTES = 64 * 1_048_576;
/** Larger files are streamed each time. */
export const MAX_HELD_BYTES = 256 * 1_024;

/** Bytes of small files that were asked for lately. What is below a key never changes, so nothing has to be forgotten. */
export class ByteCache {
  readonly #held = new LRUCache<ObjectKey, Uint8Array>({ maxSize: MAX_BYTES, sizeCalculation: ({ byteLength }) => byteLength + 200 });

  get(key: ObjectKey): Uint8Array | undefined {
    return this.#held.get(key);
  }

  set(key: ObjectKey, bytes: Uint8Array): void {
    if (bytes.byteLength <= MAX_HELD_BYTES) this.#held.set(key, bytes);
  }

  /** Of files that are no more. */
  forget(keys: readonly ObjectKey[]): void {
    for (const key of keys) this.#held.delete(key);
  }
}
