import type { RawResult } from "@plinth/core";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { message } from "../endpoint/respond.ts";
import type { StorageCall } from "../endpoint/storage-call.ts";
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
    const { bucket } = call.params as { readonly bucket: string };
    const [exists, inUse, versions] = await call.query("service", [
      { sql: "select 1 from storage.buckets where id = $1", parameters: [bucket] },
      { sql: IN_USE, parameters: [bucket] },
      { sql: VERSIONS, parameters: [bucket] },
    ], { readOnly: true });
    if (exists!.rows.length === 0) throw new StorageError(STORAGE_ERRORS.noSuchBucket);
    if (inUse!.rows.length > 0) throw new StorageError(STORAGE_ERRORS.bucketNotEmpty);
    const [deleted] = await remove(call, bucket);
    call.storage.buckets.forget();
    if (deleted!.rows.length === 0) throw new StorageError(STORAGE_ERRORS.noSuchBucket);
    call.storage.trash.add(versions!.rows.map(([version]) => version!));
    return message("Successfully deleted");
  },
});

/** An object that is put into it meanwhile keeps it from being deleted. */
async function remove(call: StorageCall, bucket: string): Promise<readonly RawResult[]> {
  try {
    return await call.query("caller", [{ sql: "delete from storage.buckets where id = $1 returning id", parameters: [bucket] }]);
  } catch (error) {
    const isInUse = error instanceof StorageError && error.code === STORAGE_ERRORS.referenced.code && /objects_bucket/.test(String((error.cause as { constraint?: string }).constraint));
    throw isInUse ? new StorageError(STORAGE_ERRORS.bucketNotEmpty, { cause: error }) : error;
  }
}
