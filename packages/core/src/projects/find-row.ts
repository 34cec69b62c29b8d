import type { Insertable, Kysely } from "kysely";
import type { MetadataTables, ProjectsTable } from "../metadata/metadata-tables.ts";
import type { ProjectRow } from "./project-rows.ts";

export function findRow(db: Kysely<MetadataTables>, ref: string): Promise<ProjectRow | undefined> {
  return db.selectFrom("plinth.projects").selectAll().where("ref", "=", ref).executeTakeFirst();
}

export function insertRow(db: Kysely<MetadataTables>, row: Omit<Insertable<ProjectsTable>, "created_at" | "updated_at">): Promise<ProjectRow> {
  // Not the database's now(), which has microseconds: the keys are signed with what a Date can hold.
  const now = new Date();
  return db.insertInto("plinth.projects").values({ ...row, created_at: now, updated_at: now }).returningAll().executeTakeFirstOrThrow();
}
