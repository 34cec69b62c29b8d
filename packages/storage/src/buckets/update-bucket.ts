import { z } from "zod";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { message } from "../endpoint/respond.ts";
import type { StorageWork } from "../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";
import { bucketAttributes, bucketColumns, placeOf } from "./bucket-attributes.ts";

export const changedBucket = z.object(bucketAttributes);

export const updateBucket = defineEndpoint({
  id: "storage.bucket.update",
  method: "PUT",
  path: "/bucket/:bucket",
  access: "key",
  body: changedBucket,
  handle: async (call, body) => {
    await changeBucket(call, call.params["bucket"]!, body);
    return message("Successfully updated");
  },
});

/** @throws StorageError NoSuchBucket, also where the caller may not change it; EntityTooLarge, InvalidMimeType */
export async function changeBucket(work: StorageWork, bucket: string, body: z.output<typeof changedBucket>): Promise<void> {
  const columns = bucketColumns(body, work.storage.config.fileSizeLimit);
  if (columns.size === 0) throw new StorageError(STORAGE_ERRORS.noContent);
  const assignments = [...columns.keys()].map((column, index) => `${column} = ${placeOf(column, index + 2)}`);
  const sql = `update storage.buckets set ${assignments.join(", ")}, updated_at = now() where id = $1 returning id`;
  const [result] = await work.query("caller", [{ sql, parameters: [bucket, ...columns.values()] }]);
  work.storage.buckets.forget();
  if (result!.rows.length === 0) throw new StorageError(STORAGE_ERRORS.noSuchBucket);
}
