import { type Kysely, sql } from "kysely";

export interface JobCounts {
  /** Dead letters. */
  readonly dead: number;
  /** Pending, due for ten minutes or longer, and taken up by nobody. */
  readonly late: number;
}

/** How it stands with the queue, for somebody who looks in from outside: makes nothing. Undefined where there is no queue yet. */
export async function countJobs<DB>(db: Kysely<DB>): Promise<JobCounts | undefined> {
  const { rows: there } = await sql<{ there: boolean }>`select to_regclass('plinth_jobs.jobs') is not null as there`.execute(db);
  if (!there[0]?.there) return undefined;
  const { rows } = await sql<JobCounts>`
    select count(*) filter (where status = 'failed')::int as dead, count(*) filter (where status = 'pending' and run_at < now() - interval '10 minutes')::int as late
    from plinth_jobs.jobs where status in ('failed', 'pending')`.execute(db);
  return rows[0];
}
