import type { ObjectKey, ObjectStore } from "@plinth/core";

/** As many as S3 deletes at once. */
const BATCH = 1_000;

/** Deletes all that is below a prefix, and the uploads under way there. */
export async function deleteBelow(store: ObjectStore, prefix: ObjectKey): Promise<void> {
  for await (const { key, uploadId } of store.listUploads(prefix)) await store.abortUpload(key, uploadId);
  let batch: ObjectKey[] = [];
  for await (const { key } of store.list(prefix)) {
    batch.push(key);
    if (batch.length === BATCH) {
      await store.delete(batch);
      batch = [];
    }
  }
  if (batch.length > 0) await store.delete(batch);
}
