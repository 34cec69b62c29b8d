import { type Kysely, sql } from "kysely";
import type { MetadataTables } from "./metadata-tables.ts";

/** What every backend on the same metadata listens on. See `readNotice` for the payload. */
export const PROJECTS_CHANNEL = "plinth_projects";

/**
 * Tells every process that what it knows of the project (its keys, settings, status, place) is out of date. To be sent
 * in the transaction that makes the change, or right after it.
 *
 * @param origin of a process that knows it already, and needn't be told
 */
export async function announceChange(db: Kysely<MetadataTables>, ref: string, origin?: string): Promise<void> {
  // Who knows the project by a ref that it had before has to hear of it by that one.
  await sql`
    select pg_notify(${PROJECTS_CHANNEL}, concat_ws(' ', named.ref, ${origin ?? null}::text))
    from (select ${ref}::text as ref union
          select alias.ref from plinth.project_aliases alias join plinth.projects project on project.uid = alias.project_uid where project.ref = ${ref}) named`.execute(db);
}

export interface ProjectNotice {
  /** One that the project has or had. */
  readonly ref: string;
  readonly origin: string | undefined;
}

export function readNotice(payload: string): ProjectNotice {
  const [ref = "", origin] = payload.split(" ");
  return { ref, origin };
}
