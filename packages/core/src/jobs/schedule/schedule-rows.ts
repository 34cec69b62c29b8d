import { type Kysely, sql } from "kysely";
import type { Schedule } from "../job-queue.ts";
import type { JobTables } from "../job-tables.ts";

export interface ScheduleRow {
  readonly name: string;
  readonly job: string;
  readonly cron: string;
  readonly time_zone: string;
  readonly payload: unknown;
  readonly backfill: Schedule["backfill"];
  readonly project_uid: string | null;
  readonly project_ref: string | null;
  readonly queue: string | null;
  readonly priority: number;
  readonly max_attempts: number;
  readonly keep_ms: string;
  readonly next_at: Date;
  readonly last_at: Date | null;
}

/** As it is to be stored. */
export interface NewSchedule {
  readonly name: string;
  readonly job: string;
  readonly cron: string;
  readonly timeZone: string;
  /** JSON. */
  readonly payload: string;
  readonly backfill: Schedule["backfill"];
  readonly projectUid: string | null;
  readonly queue?: string | undefined;
  readonly priority: number;
  readonly maxAttempts: number;
  readonly keepMs: number;
  readonly nextAt: Date;
}

const COLUMNS = sql`schedule.*, (select ref from plinth.projects where uid = schedule.project_uid) as project_ref`;

/** With the same times as before, what is due next stays due. */
export async function putSchedule(db: Kysely<JobTables>, schedule: NewSchedule): Promise<Schedule> {
  const { rows } = await sql<ScheduleRow>`
    with schedule as (
      insert into plinth_jobs.schedules as old (name, job, cron, time_zone, payload, backfill, project_uid, queue, priority, max_attempts, keep_ms, next_at)
      values (${schedule.name}, ${schedule.job}, ${schedule.cron}, ${schedule.timeZone}, ${schedule.payload}::json, ${schedule.backfill}, ${schedule.projectUid}::uuid,
        ${schedule.queue ?? null}, ${schedule.priority}::int, ${schedule.maxAttempts}::int, ${schedule.keepMs}::bigint, ${schedule.nextAt}::timestamptz)
      on conflict (name) do update set job = excluded.job, cron = excluded.cron, time_zone = excluded.time_zone, payload = excluded.payload,
        backfill = excluded.backfill, project_uid = excluded.project_uid, queue = excluded.queue, priority = excluded.priority,
        max_attempts = excluded.max_attempts, keep_ms = excluded.keep_ms,
        next_at = case when old.cron = excluded.cron and old.time_zone = excluded.time_zone then old.next_at else excluded.next_at end
      returning *
    )
    select ${COLUMNS} from schedule`.execute(db);
  return toSchedule(rows[0] as ScheduleRow);
}

export async function listSchedules(db: Kysely<JobTables>, projectRef: string | undefined): Promise<readonly Schedule[]> {
  const { rows } = await sql<ScheduleRow>`
    select ${COLUMNS} from plinth_jobs.schedules as schedule
    where ${projectRef ?? null}::text is null or project_uid = (select uid from plinth.projects where ref = ${projectRef ?? null}) order by name`.execute(db);
  return rows.map(toSchedule);
}

export async function deleteSchedule(db: Kysely<JobTables>, name: string): Promise<boolean> {
  const { numAffectedRows } = await sql`delete from plinth_jobs.schedules where name = ${name}`.execute(db);
  return Number(numAffectedRows ?? 0) > 0;
}

const toSchedule = (row: ScheduleRow): Schedule => ({
  name: row.name,
  job: row.job,
  cron: row.cron,
  timeZone: row.time_zone,
  payload: row.payload,
  backfill: row.backfill,
  projectRef: row.project_ref ?? undefined,
  nextAt: row.next_at,
  lastAt: row.last_at ?? undefined,
});
