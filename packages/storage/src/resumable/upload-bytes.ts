import type { ObjectStore } from "@plinth/core";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";
import type { TenantStorage } from "../tenant-storage.ts";
import type { Segment } from "./resumable-upload.ts";

/** Segments as the store has them, then bytes that have just come. */
export async function* uploadBytes({ store, keyOf }: Pick<TenantStorage, "keyOf"> & { readonly store: Pick<ObjectStore, "get"> }, segments: readonly Segment[], chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void> {
  for (const { version } of segments) {
    const bytes = await store.get(keyOf(version));
    // Somebody else has moved the upload on, or ended it.
    if (bytes === undefined) throw new StorageError(STORAGE_ERRORS.resourceLocked);
    for await (const chunk of bytes) yield chunk as Uint8Array;
  }
  yield* chunks;
}

export const sizeOf = (segments: readonly Segment[]): number => segments.reduce((sum, { size }) => sum + size, 0);
