import { type Insertable, type Kysely, sql, type Updateable } from "kysely";
import type { MetadataTables, ProjectsTable } from "../metadata/metadata-tables.ts";
import type { ProjectRow } from "./project-rows.ts";

/** The project that has this ref now. */
export function findRow(db: Kysely<MetadataTables>, ref: string): Promise<ProjectRow | undefined> {
  return db.selectFrom("plinth.projects").selectAll().where("ref", "=", ref).executeTakeFirst();
}

/** A row with the refs that the project had before. */
export interface ProjectRowWithAliases {
  readonly row: ProjectRow;
  readonly aliases: readonly string[];
}

/** The project that has this ref now, else the one that had it before. */
export async function findRowOrAlias(db: Kysely<MetadataTables>, ref: string): Promise<ProjectRowWithAliases | undefined> {
  const found = await db
    .selectFrom("plinth.projects as project")
    .selectAll("project")
    .select(sql<string[]>`array(select alias.ref from plinth.project_aliases alias where alias.project_uid = project.uid order by alias.created_at, alias.ref)`.as("aliases"))
    .where((e) => e.or([e("project.ref", "=", ref), e("project.uid", "=", e.selectFrom("plinth.project_aliases as alias").select("alias.project_uid").where("alias.ref", "=", ref))]))
    .executeTakeFirst();
  if (!found) return undefined;
  const { aliases, ...row } = found;
  return { row, aliases };
}

/** A ref that was another project's before is the new one's from now on. */
export async function insertRow(db: Kysely<MetadataTables>, row: Omit<Insertable<ProjectsTable>, "created_at" | "updated_at">): Promise<ProjectRow> {
  await releaseAlias(db, row.ref);
  // Not the database's now(), which has microseconds: the keys are signed with what a Date can hold.
  const now = new Date();
  return db.insertInto("plinth.projects").values({ ...row, created_at: now, updated_at: now }).returningAll().executeTakeFirstOrThrow();
}

export async function releaseAlias(db: Kysely<MetadataTables>, ref: string): Promise<void> {
  await db.deleteFrom("plinth.project_aliases").where("ref", "=", ref).execute();
}

export function updateRow(db: Kysely<MetadataTables>, uid: string, changes: Updateable<ProjectsTable>): Promise<ProjectRow> {
  return db.updateTable("plinth.projects").set({ ...changes, updated_at: new Date() }).where("uid", "=", uid).returningAll().executeTakeFirstOrThrow();
}
