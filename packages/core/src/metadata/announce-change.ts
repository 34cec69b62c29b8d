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
  await sql`select pg_notify(${PROJECTS_CHANNEL}, concat_ws(' ', ${ref}::text, ${origin ?? null}::text))`.execute(db);
}

export interface ProjectNotice {
  /** The project's, or the one that it had until now. Who knows it by others keeps book of them. */
  readonly ref: string;
  readonly origin: string | undefined;
}

export function readNotice(payload: string): ProjectNotice {
  const [ref = "", origin] = payload.split(" ");
  return { ref, origin };
}
