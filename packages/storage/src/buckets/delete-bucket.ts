import type { RawResult } from "@plinth/core";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { message } from "../endpoint/respond.ts";
import type { StorageWork } from "../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";

const VERSIONS = `select v.version from storage.object_versions v where v.bucket_id = $1`;
const IN_USE = `select 1 from storage.objects where bucket_id = $1 limit 1`;

export const deleteBucket = defineEndpoint({
  id: "storage.bucket.delete",
  method: "DELETE",
  path: "/bucket/:bucket",
  access: "key",
  handle: async (call) => {
    await removeBucket(call, call.params["bucket"]!);
    return message("Successfully deleted");
  },
});

/** @throws StorageError NoSuchBucket, also where the caller may not delete it; ResourceNotEmpty */
export async function removeBucket(work: StorageWork, bucket: string): Promise<void> {
  const [exists, inUse, versions] = await work.query("service", [
    { sql: "select 1 from storage.buckets where id = $1", parameters: [bucket] },
    { sql: IN_USE, parameters: [bucket] },
    { sql: VERSIONS, parameters: [bucket] },
  ], { readOnly: true });
  if (exists!.rows.length === 0) throw new StorageError(STORAGE_ERRORS.noSuchBucket);
  if (inUse!.rows.length > 0) throw new StorageError(STORAGE_ERRORS.bucketNotEmpty);
  const [deleted] = await remove(work, bucket);
  work.storage.buckets.forget();
  if (deleted!.rows.length === 0) throw new StorageError(STORAGE_ERRORS.noSuchBucket);
  work.storage.trash.add(versions!.rows.map(([version]) => version!));
}

/** An object that is put into it meanwhile keeps it from being deleted. */
async function remove(work: StorageWork, bucket: string): Promise<readonly RawResult[]> {
  try {
    return await work.query("caller", [{ sql: "delete from storage.buckets where id = $1 returning id", parameters: [bucket] }]);
  } catch (error) {
    const isInUse = error instanceof StorageError && error.code === STORAGE_ERRORS.referenced.code && /objects_bucket/.test(String((error.cause as { constraint?: string }).constraint));
    throw isInUse ? new StorageError(STORAGE_ERRORS.bucketNotEmpty, { cause: error }) : error;
  }
}
