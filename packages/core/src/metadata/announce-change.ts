import { type Kysely, sql } from "kysely";
import type { MetadataTables } from "./metadata-tables.ts";

/** What every backend on the same metadata listens on. The payload is the ref of a project that has changed. */
export const PROJECTS_CHANNEL = "plinth_projects";

/**
 * Tells every process that what it knows of the project (its keys, settings, status, place) is out of date. To be sent
 * in the transaction that makes the change, or right after it.
 */
export async function announceChange(db: Kysely<MetadataTables>, ref: string): Promise<void> {
  await sql`select pg_notify(${PROJECTS_CHANNEL}, ${ref})`.execute(db);
}
