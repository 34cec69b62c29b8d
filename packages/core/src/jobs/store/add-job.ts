import { type Kysely, sql } from "kysely";
import type { Job } from "../job.ts";
import type { JobTables } from "../job-tables.ts";
import { GIVE_TICKET } from "./ticket.ts";
import { JOB_COLUMNS, type JobRow, toJob } from "./to-job.ts";

export interface NewJob {
  readonly name: string;
  /** JSON. */
  readonly payload: string;
  readonly projectUid: string | null;
  readonly queue?: string | undefined;
  readonly dedupeKey?: string | undefined;
  readonly mode: "replace" | "preserve";
  readonly priority: number;
  readonly maxAttempts: number;
  readonly runAt?: Date | undefined;
  readonly keepMs: number;
  readonly schedule?: string;
}

/** A queue's name is its project's: two projects never wait for each other. */
export const queueOf = (queue: string | undefined, projectUid: string | null): string | null => (queue === undefined ? null : `${projectUid ?? ""}/${queue}`);

/**
 * Adds a job, or changes the pending one of the same key. One statement, and so one transaction with its ticket. One of
 * the same key that is running gives the key up, so that it can be tried again beside the new one.
 */
export async function addJob(db: Kysely<JobTables>, job: NewJob): Promise<Job> {
  const { rows } = await sql<JobRow>`
    with ${releaseKey(job)} job as (
      insert into plinth_jobs.jobs as old (name, payload, status, project_uid, queue, dedupe_key, priority, max_attempts, run_at, keep_ms, schedule)
      values (${job.name}, ${job.payload}::json, 'pending', ${job.projectUid}::uuid, ${queueOf(job.queue, job.projectUid)}, ${job.dedupeKey ?? null},
        ${job.priority}::int, ${job.maxAttempts}::int, coalesce(${job.runAt ?? null}::timestamptz, now()), ${job.keepMs}::bigint, ${job.schedule ?? null})
      on conflict (name, project_uid, dedupe_key) where status = 'pending' and dedupe_key is not null do update set ${job.mode === "replace" ? REPLACE : PRESERVE}
      returning *
    )
    select ${JOB_COLUMNS}, ${GIVE_TICKET} as ticket from job`.execute(db);
  return toJob(rows[0] as JobRow);
}

const REPLACE = sql`payload = excluded.payload, queue = excluded.queue, priority = excluded.priority, max_attempts = excluded.max_attempts,
  run_at = excluded.run_at, keep_ms = excluded.keep_ms, schedule = excluded.schedule, attempts = 0, error = null`;

/** Something has to be set for the row to be returned. */
const PRESERVE = sql`name = old.name`;

function releaseKey({ name, projectUid, dedupeKey }: NewJob) {
  if (dedupeKey === undefined) return sql``;
  return sql`released as (
    update plinth_jobs.jobs set dedupe_key = null
    where status = 'running' and name = ${name} and project_uid is not distinct from ${projectUid}::uuid and dedupe_key = ${dedupeKey}
  ),`;
}
