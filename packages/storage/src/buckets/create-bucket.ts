import { z } from "zod";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { ownerOf, type StorageWork } from "../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { bucketName } from "../names/bucket-name.ts";
import { ownerColumns } from "../objects/owner-columns.ts";
import { StorageError } from "../storage-error.ts";
import { bucketAttributes, bucketColumns, placeOf } from "./bucket-attributes.ts";

export const newBucket = z.object({ name: z.string(), id: z.string().optional(), type: z.enum(["STANDARD", "ANALYTICS"]).optional(), ...bucketAttributes });

export const createBucket = defineEndpoint({
  id: "storage.bucket.create",
  method: "POST",
  path: "/bucket",
  access: "key",
  body: newBucket,
  handle: async (call, body) => json(await makeBucket(call, body)),
});

/** @throws StorageError BucketAlreadyExists, InvalidBucketName, AccessDenied, EntityTooLarge, InvalidMimeType */
export async function makeBucket(work: StorageWork, body: z.output<typeof newBucket>): Promise<{ readonly name: string }> {
  const name = bucketName(body.name);
  if (body.type === "ANALYTICS") throw new StorageError(STORAGE_ERRORS.featureNotEnabled, { message: "Iceberg buckets are not enabled for this tenant" });
  const columns = new Map<string, string | null>([["id", bucketName(body.id || name)], ["name", name], ...ownerColumns(ownerOf(work.caller)), ...bucketColumns(body, work.storage.config.fileSizeLimit)]);
  const names = [...columns.keys()];
  const sql = `insert into storage.buckets (${names.join(", ")}) values (${names.map((column, index) => placeOf(column, index + 1)).join(", ")})`;
  try {
    await work.query("caller", [{ sql, parameters: [...columns.values()] }]);
  } catch (error) {
    throw error instanceof StorageError && error.code === STORAGE_ERRORS.resourceExists.code ? new StorageError(STORAGE_ERRORS.bucketExists, { cause: error }) : error;
  }
  return { name };
}
