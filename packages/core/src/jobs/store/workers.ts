import { type Kysely, sql } from "kysely";
import type { Job } from "../job.ts";
import type { JobTables } from "../job-tables.ts";
import { GIVE_TICKET } from "./ticket.ts";
import { JOB_COLUMNS, type JobRow, toJob } from "./to-job.ts";
import type { JobFailure } from "../job.ts";
import { JOB_ERRORS } from "../errors.ts";

export async function enterWorker(db: Kysely<JobTables>, worker: string): Promise<void> {
  await sql`insert into plinth_jobs.workers (id) values (${worker}::uuid) on conflict (id) do update set seen_at = now()`.execute(db);
}

/** Notes in which name the worker holds tickets. */
export async function enterPool(db: Kysely<JobTables>, worker: string, pool: string): Promise<void> {
  await sql`
    insert into plinth_jobs.workers (id, pools) values (${worker}::uuid, array[${pool}::text])
    on conflict (id) do update set pools = array_append(array_remove(workers.pools, ${pool}::text), ${pool}::text)`.execute(db);
}

/** Gives back the tickets held in a name that isn't used any more. */
export async function leavePool(db: Kysely<JobTables>, worker: string, pool: string): Promise<void> {
  await sql`select plinth_worker.force_unlock_workers(array[${pool}::text])`.execute(db);
  await sql`update plinth_jobs.workers set pools = array_remove(pools, ${pool}::text) where id = ${worker}::uuid`.execute(db);
}

export async function leaveWorker(db: Kysely<JobTables>, worker: string): Promise<void> {
  await sql`delete from plinth_jobs.workers where id = ${worker}::uuid`.execute(db);
}

export interface Beat {
  /** It is among the workers. If not, others have taken its jobs. */
  readonly present: boolean;
  /** There are workers that haven't been seen for longer than the lease. */
  readonly stale: boolean;
  /** Of the jobs asked for, those that are still this worker's, and whether they are to be cancelled. */
  readonly held: ReadonlyMap<string, { readonly isCancelling: boolean }>;
  /** Milliseconds until the next job of those names is due; below 0: it is already. Undefined: there is none. */
  readonly nextJobMs: number | undefined;
  readonly nextTickMs: number | undefined;
}

export interface BeatQuery {
  readonly worker: string;
  readonly leaseMs: number;
  readonly running: readonly string[];
  readonly names: readonly string[];
}

interface BeatRow {
  readonly present: boolean;
  readonly stale: boolean;
  readonly held: readonly { readonly id: string; readonly cancel: boolean }[] | null;
  readonly next_job: number | null;
  readonly next_tick: number | null;
}

/** Says that the worker is there, and asks for all that it has to know. */
export async function beat(db: Kysely<JobTables>, { worker, leaseMs, running, names }: BeatQuery): Promise<Beat> {
  const { rows } = await sql<BeatRow>`
    with beat as (update plinth_jobs.workers set seen_at = now() where id = ${worker}::uuid returning id)
    select exists (select from beat) as present,
      exists (select from plinth_jobs.workers where id <> ${worker}::uuid and seen_at < now() - ${leaseMs}::int * interval '1 ms') as stale,
      (select json_agg(json_build_object('id', job.id, 'cancel', job.cancel_requested or coalesce(project.status in ('deleted', 'deleting'), false)))
        from plinth_jobs.jobs as job left join plinth.projects as project on project.uid = job.project_uid
        where job.id = any(${running}::uuid[]) and job.status = 'running' and job.worker = ${worker}::uuid) as held,
      extract(epoch from (select min(due) from unnest(${names}::text[]) as kind
        cross join lateral (select min(run_at) as due from plinth_jobs.jobs where status = 'pending' and name = kind) as first) - now())::float8 as next_job,
      extract(epoch from (select min(next_at) from plinth_jobs.schedules) - now())::float8 as next_tick`.execute(db);
  const { present, stale, held, next_job, next_tick } = rows[0] as BeatRow;
  const inMs = (seconds: number | null): number | undefined => (seconds === null ? undefined : Math.ceil(seconds * 1_000));
  return { present, stale, held: new Map(held?.map(({ id, cancel }) => [id, { isCancelling: cancel }])), nextJobMs: inMs(next_job), nextTickMs: inMs(next_tick) };
}

export interface TakeOverOptions {
  readonly worker: string;
  /** Undefined: no other worker can be there. */
  readonly leaseMs: number | undefined;
}

const ABANDONED: JobFailure = { name: "BackendError", message: JOB_ERRORS.jobAbandoned.message, code: JOB_ERRORS.jobAbandoned.code };

/**
 * Makes jobs pending again whose worker is gone: it hasn't been seen for the lease, and its session has ended (see
 * `Presence`). An attempt that went with its process counts, so that a job that ends processes doesn't do so for ever.
 *
 * @returns what became of them
 */
export function takeOver(db: Kysely<JobTables>, { worker, leaseMs }: TakeOverOptions): Promise<readonly Job[]> {
  return db.transaction().execute(async (transaction) => {
    const isGone = leaseMs === undefined ? sql`true` : sql`seen_at < now() - ${leaseMs}::int * interval '1 ms'`;
    const isFree = leaseMs === undefined ? sql`true` : sql`pg_try_advisory_xact_lock(hashtextextended('plinth.jobs.' || id::text, 0))`;
    const { rows: gone } = await sql<{ id: string; pools: string[] }>`
      with silent as materialized (select id, pools from plinth_jobs.workers where id <> ${worker}::uuid and ${isGone} for update skip locked)
      select id, pools from silent where ${isFree}`.execute(transaction);
    if (gone.length > 0) {
      await sql`select plinth_worker.force_unlock_workers(${gone.flatMap(({ pools }) => pools)}::text[])`.execute(transaction);
      await sql`delete from plinth_jobs.workers where id = any(${gone.map(({ id }) => id)}::uuid[])`.execute(transaction);
    }
    return releaseOrphans(transaction);
  });
}

/** Whose jobs run by no worker that there is. */
async function releaseOrphans(db: Kysely<JobTables>): Promise<readonly Job[]> {
  const { rows } = await sql<JobRow>`
    with job as (
      update plinth_jobs.jobs as old set
        status = case when cancel_requested then 'cancelled' when attempts >= max_attempts then 'failed' else 'pending' end,
        finished_at = case when cancel_requested or attempts >= max_attempts then now() end,
        keep_until = case when cancel_requested then now() + keep_ms * interval '1 ms' end,
        run_at = now(), worker = null, cancel_requested = false, error = ${JSON.stringify(ABANDONED)}::json
      where status = 'running' and not exists (select from plinth_jobs.workers where id = old.worker)
      returning *
    )
    select ${JOB_COLUMNS}, case when status = 'pending' then ${GIVE_TICKET} end as ticket from job`.execute(db);
  return rows.map(toJob);
}
