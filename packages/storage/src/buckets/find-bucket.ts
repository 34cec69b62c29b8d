import type { StorageWork } from "../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";
import { type Bucket, selectBuckets, toBuckets } from "./bucket.ts";

/** A bucket that the caller may see. @throws StorageError NoSuchBucket */
export async function findVisibleBucket(call: StorageWork, id: string): Promise<Bucket> {
  const [result] = await call.query("caller", [selectBuckets("where id = $1", [id])], { readOnly: true });
  const [bucket] = toBuckets(result!);
  if (bucket === undefined) throw new StorageError(STORAGE_ERRORS.noSuchBucket);
  return bucket;
}

/** A bucket, whoever asks: mostly known already. @throws StorageError NoSuchBucket */
export async function findBucket(call: StorageWork, id: string): Promise<Bucket> {
  const bucket = await call.storage.buckets.get(id, async (statement) => (await call.query("service", [statement], { readOnly: true }))[0]!);
  if (bucket === undefined) throw new StorageError(STORAGE_ERRORS.noSuchBucket);
  return bucket;
}
