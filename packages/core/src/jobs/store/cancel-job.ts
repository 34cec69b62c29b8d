import { type Kysely, sql } from "kysely";
import type { Job } from "../job.ts";
import type { JobTables } from "../job-tables.ts";
import { readJob } from "./read-jobs.ts";
import { TAKE_TICKET } from "./ticket.ts";

/** What workers listen on: some running job is to be cancelled. */
export const CANCEL_CHANNEL = "plinth_jobs_cancel";

/** @see JobQueue.cancel */
export async function cancelJob(db: Kysely<JobTables>, id: string): Promise<Job> {
  // Beneath a change of status that happens at the same time, a cancellation finds the new one and leaves it.
  await sql`
    with job as (
      update plinth_jobs.jobs set
        status = case when status = 'pending' then 'cancelled' else status end,
        cancel_requested = status = 'running',
        finished_at = case when status = 'pending' then now() end,
        keep_until = case when status = 'pending' then now() + keep_ms * interval '1 ms' end
      where id = ${id}::uuid and status in ('pending', 'running') returning *
    )
    select case when status = 'cancelled' then ${TAKE_TICKET} end, case when status = 'running' then pg_notify(${CANCEL_CHANNEL}, '') end from job`.execute(db);
  return readJob(db, id);
}
