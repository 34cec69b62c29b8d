import { type Kysely, sql } from "kysely";
import { BackendError } from "../../errors/backend-error.ts";
import { isUuid } from "../../projects/is-uuid.ts";
import { JOB_ERRORS } from "../errors.ts";
import type { Job } from "../job.ts";
import type { JobPage, ListJobsOptions } from "../job-queue.ts";
import type { JobTables } from "../job-tables.ts";
import { JOB_COLUMNS, type JobRow, toJob } from "./to-job.ts";

export const jobNotFound = (id: string): BackendError => new BackendError(JOB_ERRORS.jobNotFound, { details: `No job "${id}".` });

/** @throws BackendError PLINTH_JOB_NOT_FOUND where it can't be any job's */
export function assertJobId(id: unknown): asserts id is string {
  if (!isUuid(id)) throw jobNotFound(String(id));
}

/** @throws BackendError PLINTH_JOB_NOT_FOUND */
export async function readJob(db: Kysely<JobTables>, id: string): Promise<Job> {
  const { rows } = await sql<JobRow>`select ${JOB_COLUMNS} from plinth_jobs.jobs as job where id = ${id}::uuid`.execute(db);
  if (rows[0]) return toJob(rows[0]);
  throw jobNotFound(id);
}

/** Newest first, with one more than asked for to know whether there is another page. */
export async function listJobs(db: Kysely<JobTables>, { limit = 50, ...options }: ListJobsOptions): Promise<JobPage> {
  const { rows } = await sql<JobRow>`
    select ${JOB_COLUMNS} from plinth_jobs.jobs as job where ${filterOf(options)} order by position desc limit ${limit + 1}`.execute(db);
  const page = rows.slice(0, limit);
  return { jobs: page.map(toJob), next: rows.length > limit ? page.at(-1)?.position : undefined };
}

/** The condition for jobs of a table called `job`. */
export function filterOf({ status, name, projectRef, queue, after }: Omit<ListJobsOptions, "limit">) {
  const conditions = [sql`true`];
  if (status !== undefined) conditions.push(sql`status = any(${[status].flat()}::text[])`);
  if (name !== undefined) conditions.push(sql`name = ${name}`);
  if (projectRef !== undefined) conditions.push(sql`project_uid = (select uid from plinth.projects where ref = ${projectRef})`);
  if (queue !== undefined) conditions.push(sql`queue = coalesce(project_uid::text, '') || '/' || ${queue}::text`);
  if (after !== undefined) conditions.push(sql`position < ${after}::bigint`);
  return sql.join(conditions, sql` and `);
}
