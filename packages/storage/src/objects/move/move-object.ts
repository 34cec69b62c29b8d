import { z } from "zod";
import type { Statement } from "@plinth/core";
import { findBucket } from "../../buckets/find-bucket.ts";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import { ownerOf, type StorageWork } from "../../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../../errors.ts";
import { bucketName } from "../../names/bucket-name.ts";
import { objectName } from "../../names/object-name.ts";
import { StorageError } from "../../storage-error.ts";
import { ownerColumns } from "../owner-columns.ts";
import { selectObject, toObjects } from "../stored-object-row.ts";

/** Where an object is. */
export interface Place {
  readonly bucket: string;
  readonly name: string;
}

export const moveObject = defineEndpoint({
  id: "storage.object.move",
  method: "POST",
  path: "/object/move",
  access: "key",
  body: z.object({ bucketId: z.string(), sourceKey: z.string(), destinationBucket: z.string().optional(), destinationKey: z.string() }),
  handle: async (call, body) => {
    const from = { bucket: bucketName(body.bucketId), name: objectName(body.sourceKey) };
    const { id: bucket } = await findBucket(call, bucketName(body.destinationBucket || body.bucketId));
    const to = { bucket, name: objectName(body.destinationKey) };
    const moved = await move(call, from, to);
    return json({ message: "Successfully moved", Id: moved.id, Key: `${to.bucket}/${to.name}` });
  },
});

/**
 * Renames the row, under the caller's policies for the old one and the new. Its bytes are where they were.
 * @throws StorageError NoSuchKey where it isn't there, or isn't the caller's to see and change; KeyAlreadyExists
 */
export async function move(call: StorageWork, from: Place, to: Place): Promise<{ readonly id: string }> {
  try {
    const [found, moved] = await call.query("caller", [selectObject(from.bucket, from.name), rename(from, to, ownerOf(call.caller))]);
    const [object] = toObjects(found!);
    if (object === undefined || moved!.command !== "UPDATE 1") throw new StorageError(STORAGE_ERRORS.noSuchKey);
    return object;
  } catch (error) {
    throw error instanceof StorageError && error.code === STORAGE_ERRORS.resourceExists.code ? new StorageError(STORAGE_ERRORS.keyExists, { cause: error }) : error;
  }
}

function rename(from: Place, to: Place, owner: string | undefined): Statement {
  const columns = new Map<string, string | null>([["bucket_id", to.bucket], ["name", to.name], ...(owner === undefined ? [] : ownerColumns(owner))]);
  const assignments = [...columns.keys()].map((column, index) => `${column} = $${index + 3}`);
  return { sql: `update storage.objects set ${assignments.join(", ")} where bucket_id = $1 and name = $2`, parameters: [from.bucket, from.name, ...columns.values()] };
}
