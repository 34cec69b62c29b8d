import { type RawBuilder, sql } from "kysely";
import type { Job, JobFailure, JobStatus } from "../job.ts";

/** A row of `plinth_jobs.jobs` with its project's ref. */
export interface JobRow {
  readonly id: string;
  readonly position: string;
  readonly name: string;
  readonly payload: unknown;
  readonly status: JobStatus;
  readonly project_ref: string | null;
  readonly queue: string | null;
  readonly dedupe_key: string | null;
  readonly priority: number;
  readonly attempts: number;
  readonly max_attempts: number;
  readonly run_at: Date;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly progress: number | null;
  readonly progress_message: string | null;
  readonly result: unknown;
  readonly error: JobFailure | null;
  readonly cancel_requested: boolean;
  readonly schedule: string | null;
}

/** The columns of a `JobRow`, of a table or CTE called `job`. */
export const JOB_COLUMNS: RawBuilder<unknown> = sql`job.*, (select ref from plinth.projects where uid = job.project_uid) as project_ref`;

export function toJob(row: JobRow): Job {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    payload: row.payload,
    projectRef: row.project_ref ?? undefined,
    queue: row.queue === null ? undefined : row.queue.slice(row.queue.indexOf("/") + 1),
    dedupeKey: row.dedupe_key ?? undefined,
    priority: row.priority,
    attempts: row.attempts,
    maxAttempts: row.max_attempts,
    runAt: row.run_at,
    createdAt: row.created_at,
    startedAt: row.started_at ?? undefined,
    finishedAt: row.finished_at ?? undefined,
    progress: row.progress === null ? undefined : { value: row.progress, message: row.progress_message ?? undefined },
    result: row.result ?? undefined,
    error: row.error ?? undefined,
    isCancelling: row.status === "running" && row.cancel_requested,
    schedule: row.schedule ?? undefined,
  };
}
