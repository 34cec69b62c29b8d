import { JOB_ERRORS } from "../errors.ts";
import type { Schedules } from "../job-queue.ts";
import { attemptsOf, checked, KEEP_MS, SCHEDULE_OPTIONS } from "../queue-options.ts";
import { payloadToJson } from "../store/job-json.ts";
import { projectOf } from "../store/project-of.ts";
import type { QueueDatabase } from "../store/queue-database.ts";
import { nextTick } from "./cron-ticks.ts";
import { deleteSchedule, listSchedules, putSchedule } from "./schedule-rows.ts";

/** @param onSet there may be a tick sooner than before */
export function createSchedules(database: QueueDatabase, onSet: () => void): Schedules {
  return {
    set: async (job, options) => {
      const { name = job.name, projectRef, payload, maxAttempts = attemptsOf(job), ...given } = checked(SCHEDULE_OPTIONS, options, JOB_ERRORS.scheduleInvalid);
      const times = { ...given, name, job: job.name, maxAttempts, keepMs: job.keepMs ?? KEEP_MS, nextAt: nextTick(given, new Date()) };
      const json = await payloadToJson(job, payload);
      const schedule = await database.use(async (db) => putSchedule(db, { ...times, payload: json, projectUid: await projectOf(db, projectRef) }));
      onSet();
      return schedule;
    },
    list: ({ projectRef } = {}) => database.use((db) => listSchedules(db, projectRef)),
    delete: (name) => database.use((db) => deleteSchedule(db, name)),
  };
}
