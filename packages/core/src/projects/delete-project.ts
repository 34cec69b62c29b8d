import type { Kysely } from "kysely";
import { connectionError, isConnectionFailure } from "../database/connection-error.ts";
import type { MetadataTables } from "../metadata/metadata-tables.ts";
import { assertPlacedOn } from "./placement.ts";
import type { ProjectSurroundings } from "./project-surroundings.ts";
import { findRow } from "./find-row.ts";
import { type ProjectRow, toLocation } from "./project-rows.ts";

/** @see Projects.delete */
export async function deleteProject(surroundings: ProjectSurroundings, ref: string): Promise<void> {
  await surroundings.metadata.exclusive(`project.${ref}`, async (db) => {
    const row = await findRow(db, ref);
    if (row) await deleteRow(surroundings, db, row);
  });
}

/** @param db the connection that holds the project's lock */
export async function deleteRow({ host, letGo }: ProjectSurroundings, db: Kysely<MetadataTables>, row: ProjectRow): Promise<void> {
  if (!row.adopted) assertPlacedOn(host, row);
  await db.updateTable("plinth.projects").set({ status: "deleting", updated_at: new Date() }).where("ref", "=", row.ref).execute();
  await letGo(row.ref);
  if (!row.adopted) {
    await host.drop(toLocation(row)).catch((error: unknown) => Promise.reject(isConnectionFailure(error) ? connectionError(error) : error));
  }
  await db.deleteFrom("plinth.projects").where("ref", "=", row.ref).execute();
}
