import { type Kysely, sql } from "kysely";
import type { JobTables } from "../job-tables.ts";
import { GIVE_TICKET } from "./ticket.ts";

const BATCH = 1_000;

/** Deletes jobs that have been kept for long enough. */
export async function sweepJobs(db: Kysely<JobTables>): Promise<void> {
  for (;;) {
    const { numAffectedRows } = await sql`
      delete from plinth_jobs.jobs where id in (select id from plinth_jobs.jobs where keep_until < now() limit ${BATCH} for update skip locked)`.execute(db);
    if (Number(numAffectedRows ?? 0) < BATCH) return;
  }
}

/** Gives jobs a ticket that are overdue and have none that would ever be taken: nobody is there who could be holding it, or it is gone. */
export async function mendTickets(db: Kysely<JobTables>): Promise<void> {
  await sql`
    select plinth_worker.force_unlock_workers(names) from (
      select array_agg(distinct locked_by) as names from plinth_worker.jobs
      where locked_at < now() - interval '30 seconds' and not exists (select from plinth_jobs.workers where locked_by = any(pools))
    ) as unknown where names is not null`.execute(db);
  await sql`
    with job as (
      select * from plinth_jobs.jobs as job where status = 'pending' and run_at < now() - interval '10 seconds'
        and not exists (select from plinth_worker.jobs as ticket where ticket.key = job.id::text and ticket.attempts < ticket.max_attempts)
      limit ${BATCH} for update skip locked
    )
    select ${GIVE_TICKET} from job`.execute(db);
}

/** Whether tickets are locked in this name whose jobs nobody has begun: taken, and the answer lost on its way. */
export async function hasLostTickets(db: Kysely<JobTables>, pool: string): Promise<boolean> {
  const { rows } = await sql`
    select from plinth_worker.jobs as ticket join plinth_jobs.jobs as job on job.id::text = ticket.key
    where ticket.locked_by = ${pool}::text and ticket.locked_at < now() - interval '30 seconds' and job.status = 'pending' limit 1`.execute(db);
  return rows.length > 0;
}
