import { type Kysely, sql } from "kysely";
import type { JobFailure, JobStatus } from "../job.ts";
import type { JobTables } from "../job-tables.ts";
import type { ClaimedJob } from "./claim-job.ts";
import { GIVE_TICKET } from "./ticket.ts";

/** How an attempt ended. `returned`: it was cut short for no fault of the job's, and doesn't count. */
export type Outcome =
  | { readonly kind: "succeeded"; readonly result: string }
  | { readonly kind: "failed"; readonly error: JobFailure; readonly isFinal: boolean; readonly delayMs: number }
  | { readonly kind: "cancelled"; readonly error: JobFailure }
  | { readonly kind: "returned" };

export interface Progress {
  readonly value: number;
  readonly message: string | undefined;
}

type Held = Pick<ClaimedJob, "id" | "attempts">;

/** Nobody but the worker that claimed this very attempt may say what became of it. */
const heldBy = ({ id, attempts }: Held, worker: string) => sql`id = ${id}::uuid and status = 'running' and worker = ${worker}::uuid and attempts = ${attempts}`;

const ENDED = sql`worker = null, finished_at = now(), keep_until = now() + keep_ms * interval '1 ms'`;
const AGAIN = sql`worker = null, cancel_requested = false`;

/** @returns how the job stands now; undefined where it wasn't this worker's any more */
export async function settleJob(db: Kysely<JobTables>, job: Held, worker: string, outcome: Outcome, progress: Progress | undefined): Promise<JobStatus | undefined> {
  const { rows } = await sql<{ status: JobStatus }>`
    with job as (
      update plinth_jobs.jobs set ${changesOf(outcome)}${progressOf(progress)} where ${heldBy(job, worker)} returning *
    )
    select status, case when status = 'pending' then ${GIVE_TICKET} end from job`.execute(db);
  return rows[0]?.status;
}

function changesOf(outcome: Outcome) {
  switch (outcome.kind) {
    case "succeeded":
      return sql`status = 'succeeded', result = ${outcome.result}::json, error = null, ${ENDED}`;
    case "cancelled":
      return sql`status = 'cancelled', error = ${JSON.stringify(outcome.error)}::json, ${ENDED}`;
    case "returned":
      return sql`status = 'pending', attempts = attempts - 1, run_at = now(), ${AGAIN}`;
    case "failed":
      return changesOfFailure(outcome);
  }
}

/** Dead letters are kept until somebody has looked at them. */
function changesOfFailure({ error, isFinal, delayMs }: Outcome & { readonly kind: "failed" }) {
  const stored = sql`error = ${JSON.stringify(error)}::json`;
  if (isFinal) return sql`status = 'failed', worker = null, finished_at = now(), ${stored}`;
  return sql`status = 'pending', run_at = now() + ${Math.round(delayMs)}::bigint * interval '1 ms', ${stored}, ${AGAIN}`;
}

const progressOf = (progress: Progress | undefined) => (progress === undefined ? sql`` : sql`, progress = ${progress.value}::real, progress_message = ${progress.message ?? null}`);

export async function writeProgress(db: Kysely<JobTables>, job: Held, worker: string, progress: Progress): Promise<void> {
  await sql`update plinth_jobs.jobs set progress = ${progress.value}::real, progress_message = ${progress.message ?? null} where ${heldBy(job, worker)}`.execute(db);
}
