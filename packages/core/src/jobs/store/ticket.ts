import { type RawBuilder, sql } from "kysely";

/**
 * Gives the job of the row or CTE `job` a ticket: the entry in graphile-worker's queue by which a worker comes to it, with
 * the job's id as its key. One that is there and not in a worker's hands is replaced.
 *
 * What a job is and whether it may run is decided by its row alone, so a ticket too many does no harm, and a lost one is
 * given anew (`mend-jobs.ts`).
 */
export const GIVE_TICKET: RawBuilder<unknown> = sql`(plinth_worker.add_job(
  job.name, json_build_object('id', job.id), job.queue, job.run_at, 25, job.id::text, job.priority,
  case when job.project_uid is not null then array[job.project_uid::text] end, 'replace')).id`;

/** Takes the ticket of the job of the row or CTE `job` back. One that is in a worker's hands finds nothing to do. */
export const TAKE_TICKET: RawBuilder<unknown> = sql`(plinth_worker.remove_job(job.id::text)).id`;
