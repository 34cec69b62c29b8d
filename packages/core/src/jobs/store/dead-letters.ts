import { type Kysely, sql } from "kysely";
import type { Job } from "../job.ts";
import type { DeadLetterFilter } from "../job-queue.ts";
import type { JobTables } from "../job-tables.ts";
import { filterOf, jobNotFound } from "./read-jobs.ts";
import { GIVE_TICKET } from "./ticket.ts";
import { JOB_COLUMNS, type JobRow, toJob } from "./to-job.ts";

/** Dead letters that one statement takes: a million in one would hold locks for long. */
const BATCH = 500;

export async function retryDeadLetter(db: Kysely<JobTables>, id: string): Promise<Job> {
  const [row] = await retry(db, sql`id = ${id}::uuid`);
  if (row) return toJob(row);
  throw jobNotFound(id);
}

export async function retryDeadLetters(db: Kysely<JobTables>, filter: DeadLetterFilter): Promise<number> {
  // What fails again in the meantime has had its turn.
  const begin = await now(db);
  return inBatches(async () => (await retry(db, sql`${filterOf(filter)} and finished_at <= ${begin}::timestamptz`)).length);
}

export async function deleteDeadLetter(db: Kysely<JobTables>, id: string): Promise<void> {
  if ((await remove(db, sql`id = ${id}::uuid`)) === 0) throw jobNotFound(id);
}

export function deleteDeadLetters(db: Kysely<JobTables>, filter: DeadLetterFilter): Promise<number> {
  return inBatches(() => remove(db, filterOf(filter)));
}

type Condition = ReturnType<typeof filterOf>;

/** Its key is forgotten: a job of the same key may be pending by now, and knows more. */
async function retry(db: Kysely<JobTables>, condition: Condition): Promise<readonly JobRow[]> {
  const { rows } = await sql<JobRow>`
    with job as (
      update plinth_jobs.jobs set status = 'pending', attempts = 0, run_at = now(), finished_at = null, dedupe_key = null
      where status = 'failed' and id in (select id from plinth_jobs.jobs as job where status = 'failed' and ${condition} order by position limit ${BATCH} for update skip locked)
      returning *
    )
    select ${JOB_COLUMNS}, ${GIVE_TICKET} as ticket from job`.execute(db);
  return rows;
}

async function remove(db: Kysely<JobTables>, condition: Condition): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from plinth_jobs.jobs where status = 'failed'
      and id in (select id from plinth_jobs.jobs as job where status = 'failed' and ${condition} order by position limit ${BATCH} for update skip locked)`.execute(db);
  return Number(numAffectedRows ?? 0);
}

async function inBatches(batch: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const done = await batch();
    total += done;
    if (done < BATCH) return total;
  }
}

async function now(db: Kysely<JobTables>): Promise<string> {
  const { rows } = await sql<{ now: string }>`select now()::text as now`.execute(db);
  return rows[0]?.now ?? "infinity";
}
