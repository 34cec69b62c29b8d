import { type Kysely, sql, type Transaction } from "kysely";
import type { JobTables } from "../job-tables.ts";
import { addJob } from "../store/add-job.ts";
import { nextTick, ticksWithin } from "./cron-ticks.ts";
import type { ScheduleRow } from "./schedule-rows.ts";

/** Milliseconds by which a tick may be late and still be on time. */
const ON_TIME = 60_000;
const MAX_BACKFILL = 100;
const BATCH = 100;
const DAY = 86_400_000;

type DueSchedule = ScheduleRow & { readonly now: Date };

/**
 * Makes the jobs of the ticks that are due. Whoever comes first has the schedule's row locked until its next tick is
 * written, together with the jobs, so that each tick is one process's.
 */
export function fireSchedules(db: Kysely<JobTables>): Promise<void> {
  return db.transaction().execute(async (transaction) => {
    const { rows } = await sql<DueSchedule>`
      select *, now() as now from plinth_jobs.schedules where next_at <= now() order by next_at limit ${BATCH} for update skip locked`.execute(transaction);
    for (const schedule of rows) await fire(transaction, schedule);
  });
}

async function fire(db: Transaction<JobTables>, schedule: DueSchedule): Promise<void> {
  const { ticks, next } = ticksOf(schedule);
  for (const tick of ticks) await addTick(db, schedule, tick);
  await sql`
    update plinth_jobs.schedules set next_at = ${next}::timestamptz, last_at = coalesce(${ticks.at(-1) ?? null}::timestamptz, last_at)
    where name = ${schedule.name}`.execute(db);
}

/** One that can't be read any more, for want of its time zone perhaps, is looked at again in a day, and stops no other. */
function ticksOf(schedule: DueSchedule): { readonly ticks: readonly Date[]; readonly next: Date } {
  const { cron, time_zone, now } = schedule;
  try {
    return { ticks: dueTicks(schedule), next: nextTick({ cron, timeZone: time_zone }, now) };
  } catch {
    return { ticks: [], next: new Date(now.getTime() + DAY) };
  }
}

function dueTicks({ cron, time_zone, backfill, next_at, now }: DueSchedule): readonly Date[] {
  const ticks = ticksWithin({ cron, timeZone: time_zone }, next_at, now, backfill === "all" ? MAX_BACKFILL : 1);
  return backfill === "none" ? ticks.filter((tick) => now.getTime() - tick.getTime() <= ON_TIME) : ticks;
}

async function addTick(db: Transaction<JobTables>, schedule: DueSchedule, tick: Date): Promise<void> {
  const key = `schedule:${schedule.name}`;
  await addJob(db, {
    name: schedule.job,
    payload: JSON.stringify(schedule.payload),
    projectUid: schedule.project_uid,
    queue: schedule.queue ?? undefined,
    dedupeKey: schedule.backfill === "all" ? `${key}:${tick.toISOString()}` : key,
    mode: "preserve",
    priority: schedule.priority,
    maxAttempts: schedule.max_attempts,
    runAt: tick,
    keepMs: Number(schedule.keep_ms),
    schedule: schedule.name,
  });
}
