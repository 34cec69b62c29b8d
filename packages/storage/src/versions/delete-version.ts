import type { Statement } from "@plinth/core";
import type { StorageWork } from "../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { ALLOW_DELETE } from "../objects/delete/delete-objects.ts";
import { StorageError } from "../storage-error.ts";
import { findVersion, isService, type VersionsOf } from "./find-versions.ts";

const mayDelete = (objectId: string): Statement => ({ sql: "delete from storage.objects where id = $1 returning id", parameters: [objectId] });

/**
 * Deletes an earlier version for good. Whoever could delete the object may, which is shown by deleting it and taking that
 * back; policies that let nobody do away with history ask `storage.operation()`.
 * @throws StorageError as `findVersion`; AccessDenied
 */
export async function deleteVersion(work: StorageWork, of: VersionsOf, version: string): Promise<void> {
  const found = await findVersion(work, of, version);
  if (!isService(work)) {
    const [, deleted] = await work.query("caller", [ALLOW_DELETE, mayDelete(found.object_id)], { rollback: true });
    if (deleted!.rows.length === 0) throw new StorageError(STORAGE_ERRORS.accessDenied);
  }
  await work.query("service", [{ sql: "delete from storage.object_versions where version = $1", parameters: [version] }]);
  work.storage.trash.add([version]);
}
