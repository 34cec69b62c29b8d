import { Cron } from "croner";
import { BackendError } from "../../errors/backend-error.ts";
import { JOB_ERRORS } from "../errors.ts";

export interface CronTimes {
  readonly cron: string;
  /** IANA name. */
  readonly timeZone: string;
}

/**
 * The first tick after a time.
 * @throws BackendError PLINTH_JOB_SCHEDULE_INVALID where there is none, or the schedule can't be read
 */
export function nextTick(times: CronTimes, after: Date): Date {
  const next = read(times, (cron) => cron.nextRun(after));
  if (next) return next;
  throw new BackendError(JOB_ERRORS.scheduleInvalid, { message: `The schedule "${times.cron}" has no tick any more.` });
}

/** Ticks within a span of time, its ends included, oldest first; of more than `limit` the last ones. */
export function ticksWithin(times: CronTimes, from: Date, until: Date, limit: number): readonly Date[] {
  // croner leaves the reference itself out.
  const reference = new Date(until.getTime() + 1);
  const ticks = read(times, (cron) => cron.previousRuns(limit, reference));
  return ticks.filter((tick) => tick >= from && tick <= until).toSorted((a, b) => a.getTime() - b.getTime());
}

function read<T>({ cron, timeZone }: CronTimes, work: (cron: Cron) => T): T {
  try {
    return work(new Cron(cron, { timezone: timeZone, paused: true, mode: "5-or-6-parts" }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BackendError(JOB_ERRORS.scheduleInvalid, { message: `The schedule "${cron}" in the time zone "${timeZone}" is not valid: ${reason}`, cause: error });
  }
}
