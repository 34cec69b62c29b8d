import { findBucket } from "../../buckets/find-bucket.ts";
import type { StorageWork } from "../../endpoint/storage-call.ts";
import type { Actor } from "../../endpoint/storage-query.ts";
import { STORAGE_ERRORS } from "../../errors.ts";
import { bucketName } from "../../names/bucket-name.ts";
import { objectName } from "../../names/object-name.ts";
import { StorageError } from "../../storage-error.ts";
import { type ObjectRow, selectObject, toObjects } from "../stored-object-row.ts";

/**
 * By which right an object is read. `caller`: its bucket is public, or the caller's policies show it. `public`: its bucket is
 * public. `signed`: somebody who could read it has signed the address.
 */
export type ReadingRight = "caller" | "public" | "signed";

/** An object that may be read. @throws StorageError NoSuchBucket, NoSuchKey, InvalidKey */
export async function findReadable(call: StorageWork, right: ReadingRight, given: { readonly bucket: string; readonly name: string }): Promise<ObjectRow> {
  const bucket = await findBucket(call, bucketName(given.bucket));
  if (right === "public" && !bucket.public) throw new StorageError(STORAGE_ERRORS.noSuchBucket);
  const actor: Actor = right === "caller" && !bucket.public ? "caller" : "service";
  const [result] = await call.query(actor, [selectObject(bucket.id, objectName(given.name))], { readOnly: true });
  const [object] = toObjects(result!);
  if (object === undefined) throw new StorageError(STORAGE_ERRORS.noSuchKey);
  return object;
}
