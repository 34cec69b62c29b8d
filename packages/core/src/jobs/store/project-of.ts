import { type Kysely, sql } from "kysely";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { JobTables } from "../job-tables.ts";

/**
 * The project that a ref, or one that it had before, stands for. Null for none.
 * @throws BackendError PLINTH_PROJECT_NOT_FOUND, also where it is deleted
 */
export async function projectOf(db: Kysely<JobTables>, ref: string | undefined): Promise<string | null> {
  if (ref === undefined) return null;
  const { rows } = await sql<{ uid: string }>`
    select uid from plinth.projects
    where (ref = ${ref} or uid = (select project_uid from plinth.project_aliases where ref = ${ref})) and status not in ('deleted', 'deleting')
    order by ref = ${ref} desc limit 1`.execute(db);
  if (rows[0]) return rows[0].uid;
  throw new BackendError(CORE_ERRORS.projectNotFound, { details: `No project "${ref}".` });
}
