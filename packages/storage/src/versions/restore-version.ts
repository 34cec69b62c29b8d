import type { StorageWork } from "../endpoint/storage-call.ts";
import { ownerOf } from "../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { copy } from "../objects/move/copy-object.ts";
import type { WrittenObject } from "../objects/write-object.ts";
import { StorageError } from "../storage-error.ts";
import { findVersion, type VersionsOf } from "./find-versions.ts";

/**
 * Makes an earlier version the object again: its bytes are copied below a version of their own, and what the object was
 * becomes an earlier version itself. Whoever could upload over the object may.
 * @throws StorageError as `findVersion` and `checkMayWrite`
 */
export async function restoreVersion(work: StorageWork, of: VersionsOf, version: string): Promise<WrittenObject> {
  const found = await findVersion(work, of, version);
  const to = { bucket: found.bucket_id, name: found.name };
  try {
    return await copy(work, found, to, { upsert: true, owner: ownerOf(work.caller) ?? found.owner_id ?? undefined });
  } catch (error) {
    // Trimmed meanwhile.
    throw error instanceof StorageError && error.code === STORAGE_ERRORS.noSuchKey.code ? new StorageError(STORAGE_ERRORS.noSuchVersion, { cause: error }) : error;
  }
}
