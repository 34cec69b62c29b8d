import { z } from "zod";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json, message } from "../../endpoint/respond.ts";
import { findBucket } from "../../buckets/find-bucket.ts";
import { STORAGE_ERRORS } from "../../errors.ts";
import { bucketName } from "../../names/bucket-name.ts";
import { objectName } from "../../names/object-name.ts";
import { StorageError } from "../../storage-error.ts";
import { deleteFolders } from "./delete-folders.ts";
import { deleteObjects } from "./delete-objects.ts";

export const deleteObject = defineEndpoint({
  id: "storage.object.delete",
  method: "DELETE",
  path: "/object/:bucket/*name",
  access: "key",
  handle: async (call) => {
    const { id } = await findBucket(call, bucketName(call.params["bucket"]!));
    const deleted = await deleteObjects(call, id, { names: [objectName(call.params["name"]!)] });
    // Whether it isn't there or isn't the caller's to delete is not told apart.
    if (deleted.length === 0) throw new StorageError(STORAGE_ERRORS.noSuchKey);
    return message("Successfully deleted");
  },
});

/** Names or folders, of a request. */
const given = z.array(z.string()).min(1).max(1_000);

/**
 * `{prefixes}`: deletes the objects of these names that are there and the caller's to delete, and answers with them. Of our
 * own: `{folders}`, or `{prefixes}` with the header `x-recursive: true`, which clients have a method for, deletes all that is in
 * folders and below them, and answers with how many objects that were.
 */
export const deleteManyObjects = defineEndpoint({
  id: "storage.object.delete_many",
  method: "DELETE",
  path: "/object/:bucket",
  access: "key",
  body: z.object({ prefixes: given.optional(), folders: given.optional() }).refine(({ prefixes, folders }) => (prefixes === undefined) !== (folders === undefined), "takes either prefixes or folders"),
  handle: async (call, { folders, prefixes }) => {
    const bucket = bucketName(call.params["bucket"]!);
    const isRecursive = call.request.headers.get("x-recursive") === "true";
    const wanted = folders ?? (isRecursive ? prefixes : undefined);
    if (wanted !== undefined) return json({ deleted: await deleteFolders(call, bucket, wanted) });
    return json(await deleteObjects(call, bucket, { names: prefixes!.map((name) => name.normalize("NFC")) }));
  },
});
