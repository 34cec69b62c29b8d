import { findBucket } from "../../buckets/find-bucket.ts";
import type { StorageWork } from "../../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../../errors.ts";
import { StorageError } from "../../storage-error.ts";
import { deleteFrom } from "./delete-objects.ts";

/** So many objects are looked at in a transaction. */
const BATCH = 1_000;

/**
 * Deletes what is in folders and below them, of what the caller may see and delete: a batch at a time, so that what is deleted
 * when the caller goes away stays deleted. "a" and "a/" are the same folder, and neither the object "a" nor what is in "ab" is in it.
 * @returns how many objects that were
 * @throws StorageError NoSuchBucket; InvalidKey where a folder has no name
 */
export async function deleteFolders(work: StorageWork, bucket: string, folders: readonly string[]): Promise<number> {
  const { id } = await findBucket(work, bucket);
  const prefixes = folders.map(prefixOf);
  let count = 0;
  for (const prefix of prefixes) {
    // By names rather than until nothing is left: some may be there that the caller sees, but may not delete.
    for (let from: string | undefined = prefix; from !== undefined; ) {
      const { deleted, next } = await deleteFrom(work, id, { prefix, from, limit: BATCH });
      count += deleted;
      from = next;
    }
  }
  return count;
}

function prefixOf(folder: string): string {
  const name = folder.normalize("NFC").replace(/\/+$/, "");
  if (name === "") throw new StorageError(STORAGE_ERRORS.invalidKey, { message: `Invalid folder: ${folder}`, hint: "To delete all of a bucket's objects, empty the bucket." });
  return `${name}/`;
}
