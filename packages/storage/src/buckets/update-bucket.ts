import { z } from "zod";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { message } from "../endpoint/respond.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";
import { bucketAttributes, bucketColumns, placeOf } from "./bucket-attributes.ts";

export const updateBucket = defineEndpoint({
  id: "storage.bucket.update",
  method: "PUT",
  path: "/bucket/:bucket",
  access: "key",
  body: z.object(bucketAttributes),
  handle: async (call, body) => {
    const columns = bucketColumns(body, call.storage.config.fileSizeLimit);
    if (columns.size === 0) throw new StorageError(STORAGE_ERRORS.noContent);
    const assignments = [...columns.keys()].map((column, index) => `${column} = ${placeOf(column, index + 2)}`);
    const sql = `update storage.buckets set ${assignments.join(", ")}, updated_at = now() where id = $1 returning id`;
    const [result] = await call.query("caller", [{ sql, parameters: [call.params["bucket"]!, ...columns.values()] }]);
    call.storage.buckets.forget();
    if (result!.rows.length === 0) throw new StorageError(STORAGE_ERRORS.noSuchBucket);
    return message("Successfully updated");
  },
});
