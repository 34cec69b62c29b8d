import type { Transaction } from "kysely";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { MetadataTables } from "../../metadata/metadata-tables.ts";
import { commitChange } from "../commit-change.ts";
import { findRow, findRowOrAlias, releaseAlias, updateRow } from "../find-row.ts";
import { assertProjectRef } from "../project-ref.ts";
import { openSecrets, type ProjectRow, sealSecrets } from "../project-rows.ts";
import type { ProjectSurroundings } from "../project-surroundings.ts";
import { assertStatus, projectNotFound } from "./with-project.ts";

/** @see Projects.rename */
export async function renameProject(surroundings: ProjectSurroundings, ref: string, newRef: string): Promise<ProjectRow> {
  assertProjectRef(newRef);
  return surroundings.metadata.exclusive([`project.${ref}`, `project.${newRef}`], async (db) => {
    const row = await findRow(db, ref);
    const there = await findRowOrAlias(db, newRef);
    // It was renamed before, and somebody asks again because the answer was lost.
    if (row === undefined && there?.row.ref === newRef && there.aliases.includes(ref)) return there.row;
    if (row === undefined || row.status === "deleting") throw projectNotFound(ref);
    if (ref === newRef) return row;
    assertStatus(row, ["active", "paused"], "renamed");
    if (there?.row.ref === newRef) throw new BackendError(CORE_ERRORS.projectExists, { message: `The project "${newRef}" exists already.`, details: there.row.status === "deleted" ? "It was deleted and can still be restored." : null });
    const renamed = await commitChange(surroundings, db, row, () => ({ action: "project.rename", before: { ref }, after: { ref: newRef } }), (transaction) => giveRef(surroundings, transaction, row, newRef));
    await Promise.all([surroundings.letGo(ref), surroundings.letGo(newRef)]);
    return renamed;
  });
}

/** Secrets are bound to the ref, so they are sealed anew. The database and its login keep their names. */
async function giveRef({ keyRing }: ProjectSurroundings, transaction: Transaction<MetadataTables>, row: ProjectRow, newRef: string): Promise<ProjectRow> {
  await releaseAlias(transaction, newRef);
  // As they are now: a change of the master key doesn't wait for the project's lock.
  const secrets = await transaction.selectFrom("plinth.projects").select(["ref", "credentials", "jwt_secret"]).where("uid", "=", row.uid).forUpdate().executeTakeFirstOrThrow();
  await transaction.insertInto("plinth.project_aliases").values({ ref: row.ref, project_uid: row.uid }).execute();
  return updateRow(transaction, row.uid, { ref: newRef, ...sealSecrets(newRef, openSecrets(secrets, keyRing), keyRing) });
}
