import type { Kysely } from "kysely";
import { connectionError, isConnectionFailure } from "../../database/connection-error.ts";
import type { MetadataTables } from "../../metadata/metadata-tables.ts";
import { commitChange } from "../commit-change.ts";
import { findRow, updateRow } from "../find-row.ts";
import type { DeleteProjectOptions } from "../project.ts";
import { describeRow, type ProjectRow, toLocation } from "../project-rows.ts";
import type { ProjectSurroundings } from "../project-surroundings.ts";
import { shutOut } from "./pause-project.ts";
import { drainThen } from "./with-project.ts";

/** @see Projects.delete */
export async function deleteProject(surroundings: ProjectSurroundings, ref: string, { graceMs }: DeleteProjectOptions): Promise<void> {
  await surroundings.metadata.exclusive(`project.${ref}`, async (db) => {
    const row = await findRow(db, ref);
    if (!row) return;
    const isDue = row.status === "deleted" ? graceMs === 0 || isOver(row) : (graceMs ?? surroundings.deleteGraceMs) === 0;
    if (isDue || (row.status !== "active" && row.status !== "paused" && row.status !== "deleted")) await deleteRow(surroundings, db, row);
    else await setAside(surroundings, db, row, graceMs ?? surroundings.deleteGraceMs);
  });
}

/** Whether a deleted project's time of grace has passed. */
export const isOver = ({ delete_after: until }: Pick<ProjectRow, "delete_after">): boolean => until !== null && until <= new Date();

/** Kept as it is for a while, with nobody let in. Where it was set aside before, its time goes on. */
async function setAside(surroundings: ProjectSurroundings, db: Kysely<MetadataTables>, row: ProjectRow, graceMs: number): Promise<void> {
  let deleted = row;
  if (row.status !== "deleted") {
    const now = new Date();
    const until = new Date(now.getTime() + graceMs);
    deleted = await commitChange(surroundings, db, row, () => ({ action: "project.delete", before: { status: row.status }, after: { status: "deleted", deleteAfter: until } }), (transaction) =>
      updateRow(transaction, row.uid, { status: "deleted", former_status: row.status as "active" | "paused", deleted_at: now, delete_after: until, shut_due: !row.adopted }));
  }
  await shutOut(surroundings, db, deleted);
}

/**
 * Drops what is ours of the project, and forgets it.
 * @param db the connection that holds the project's lock
 */
export async function deleteRow(surroundings: ProjectSurroundings, db: Kysely<MetadataTables>, row: ProjectRow): Promise<void> {
  // Before anything is changed: a cluster may not be configured.
  if (!row.adopted) surroundings.hosts.of(row);
  if (row.status !== "deleting") {
    await commitChange(surroundings, db, row, () => ({ action: row.status === "deleted" ? "project.purge" : "project.delete", before: describeRow(row) }), (transaction) =>
      updateRow(transaction, row.uid, { status: "deleting" }));
  }
  await drainThen(surroundings, row.ref, () => dropDatabases(surroundings, row));
  // What belongs to an adopted database outlives the project, as the database does.
  if (!row.adopted) await surroundings.discard(row);
  await db.deleteFrom("plinth.projects").where("uid", "=", row.uid).execute();
}

async function dropDatabases({ hosts }: ProjectSurroundings, row: ProjectRow): Promise<void> {
  if (row.adopted) return;
  try {
    // A move that was broken off has left another one.
    if (row.move) await hosts.named(row.move.cluster).drop({ ...toLocation(row), database: row.move.database, loginRole: row.move.loginRole });
    await hosts.of(row).drop(toLocation(row));
  } catch (error) {
    throw isConnectionFailure(error) ? connectionError(error) : error;
  }
}
