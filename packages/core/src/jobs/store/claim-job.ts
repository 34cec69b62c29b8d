import { type Kysely, sql } from "kysely";
import type { JobTables } from "../job-tables.ts";
import { GIVE_TICKET } from "./ticket.ts";

/** A job that this worker now runs, and nobody else. */
export interface ClaimedJob {
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
  readonly project_ref: string | null;
  readonly attempts: number;
  readonly max_attempts: number;
}

/** Milliseconds after which a job is looked at again whose project is paused or moving. */
const HELD_MS = 15_000;
/** The same, of a queue whose last job still runs: it may have been taken up by another worker just now. */
const QUEUED_MS = 500;

/**
 * Takes a job that is due. This is what decides who runs it: whoever finds it pending here.
 * @returns undefined where it isn't to be run, or not now
 */
export async function claimJob(db: Kysely<JobTables>, id: string, worker: string): Promise<ClaimedJob | undefined> {
  try {
    const { rows } = await sql<ClaimedJob>`
      update plinth_jobs.jobs as job
      set status = 'running', worker = ${worker}::uuid, attempts = attempts + 1, started_at = now(), finished_at = null, keep_until = null,
        progress = null, progress_message = null, cancel_requested = false
      where id = ${id}::uuid and status = 'pending' and run_at <= now()
        and exists (select from plinth_jobs.workers where id = ${worker}::uuid)
        and (project_uid is null or exists (select from plinth.projects where uid = job.project_uid and status = 'active'))
      returning id, name, payload, attempts, max_attempts, (select ref from plinth.projects where uid = job.project_uid) as project_ref`.execute(db);
    if (rows.length > 0) return rows[0];
    await holdForProject(db, id);
    await assertEntered(db, worker);
    return undefined;
  } catch (error) {
    if (!isQueueBusy(error)) throw error;
    await postpone(db, id, QUEUED_MS);
    return undefined;
  }
}

/** Of a project that is being deleted a job is cancelled, of one that rests it waits. Of any other it had no reason to be held. */
async function holdForProject(db: Kysely<JobTables>, id: string): Promise<void> {
  const { rows } = await sql<{ status: string }>`
    select project.status from plinth_jobs.jobs as job join plinth.projects as project on project.uid = job.project_uid
    where job.id = ${id}::uuid and job.status = 'pending' and job.run_at <= now() and project.status <> 'active'`.execute(db);
  const status = rows[0]?.status;
  if (status === undefined) return;
  if (status !== "deleted" && status !== "deleting") return postpone(db, id, HELD_MS);
  await sql`
    update plinth_jobs.jobs set status = 'cancelled', finished_at = now(), keep_until = now() + keep_ms * interval '1 ms'
    where id = ${id}::uuid and status = 'pending'`.execute(db);
}

/** Jobs of a worker that the others don't know of would be taken for abandoned. Its ticket is tried again in some seconds. */
async function assertEntered(db: Kysely<JobTables>, worker: string): Promise<void> {
  const { rows } = await sql`select from plinth_jobs.workers where id = ${worker}::uuid`.execute(db);
  if (rows.length === 0) throw new Error("This worker isn't among the workers just now.");
}

async function postpone(db: Kysely<JobTables>, id: string, ms: number): Promise<void> {
  await sql`
    with job as (
      update plinth_jobs.jobs set run_at = now() + ${ms}::int * interval '1 ms' where id = ${id}::uuid and status = 'pending' and run_at <= now() returning *
    )
    select ${GIVE_TICKET} from job`.execute(db);
}

const isQueueBusy = (error: unknown): boolean => {
  const { code, constraint } = error as { readonly code?: string; readonly constraint?: string };
  return code === "23505" && constraint === "jobs_serial";
};
