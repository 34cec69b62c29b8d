import type { Kysely } from "kysely";
import { connectionError, isConnectionFailure } from "../../database/connection-error.ts";
import type { MetadataTables } from "../../metadata/metadata-tables.ts";
import { commitChange } from "../commit-change.ts";
import { updateRow } from "../find-row.ts";
import { type ProjectRow, toLocation } from "../project-rows.ts";
import type { ProjectSurroundings } from "../project-surroundings.ts";
import { assertStatus, drainThen, withProject } from "./with-project.ts";

/** @see Projects.pause */
export function pauseProject(surroundings: ProjectSurroundings, ref: string): Promise<ProjectRow> {
  return withProject(surroundings, ref, async (db, row) => {
    assertStatus(row, ["active", "paused"], "paused");
    const paused = row.status === "paused" ? row : await commitChange(surroundings, db, row, () => statusChange("pause", row, "paused"), (transaction) =>
      updateRow(transaction, row.uid, { status: "paused", shut_due: !row.adopted }));
    return shutOut(surroundings, db, paused);
  });
}

/** @see Projects.resume */
export function resumeProject(surroundings: ProjectSurroundings, ref: string): Promise<ProjectRow> {
  return withProject(surroundings, ref, async (db, row) => {
    assertStatus(row, ["active", "paused"], "resumed");
    if (row.status === "active") return row;
    await letIn(surroundings, db, row);
    const active = await commitChange(surroundings, db, row, () => statusChange("resume", row, "active"), (transaction) =>
      updateRow(transaction, row.uid, { status: "active", shut_due: false }));
    await surroundings.letGo(ref);
    return active;
  });
}

export const statusChange = (verb: string, row: ProjectRow, status: ProjectRow["status"]) => ({ action: `project.${verb}`, before: { status: row.status }, after: { status } }) as const;

/**
 * Closes what this process has open of a project that is not to be served, and its database to the login. What is left
 * of that by a crash is known from `shut_due`.
 */
export async function shutOut(surroundings: ProjectSurroundings, db: Kysely<MetadataTables>, row: ProjectRow): Promise<ProjectRow> {
  if (!row.shut_due) {
    await surroundings.letGo(row.ref);
    return row;
  }
  await drainThen(surroundings, row.ref, () => inWords(surroundings.hosts.of(row).shut(toLocation(row), surroundings.drainMs)));
  return updateRow(db, row.uid, { shut_due: false });
}

/** Before the status says so: a project that is served must be one that can be. */
export async function letIn({ hosts }: ProjectSurroundings, db: Kysely<MetadataTables>, row: ProjectRow): Promise<void> {
  if (row.adopted) return;
  const host = hosts.of(row);
  await updateRow(db, row.uid, { shut_due: true });
  await inWords(host.reopen(toLocation(row)));
}

const inWords = <T>(work: Promise<T>): Promise<T> => work.catch((error: unknown) => Promise.reject(isConnectionFailure(error) ? connectionError(error) : error));
