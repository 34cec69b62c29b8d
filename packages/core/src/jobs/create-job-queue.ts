import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { JobDefinition } from "./define-job.ts";
import { JOB_ERRORS } from "./errors.ts";
import type { JobQueueOptions } from "./job-queue-options.ts";
import type { WorkableJobQueue } from "./job-queue.ts";
import type { OpenJobQueue } from "./open-job-queue.ts";

/** Opens nothing, and loads next to nothing: the first use does. */
export function createJobQueue(options: JobQueueOptions): WorkableJobQueue {
  const definitions = new Map<string, JobDefinition>();
  let opened: Promise<OpenJobQueue> | undefined;
  let isClosed = false;
  const open = async (): Promise<OpenJobQueue> => {
    if (isClosed) throw new BackendError(CORE_ERRORS.closed);
    return (opened ??= import("./open-job-queue.ts").then(({ openJobQueue }) => openJobQueue(options, definitions)));
  };
  return {
    register: (...jobs) => {
      for (const job of jobs) define(definitions, job);
      void opened?.then((queue) => queue.registered());
    },
    add: async (job, payload, given) => (await open()).add(job, payload, given),
    get: async (id) => (await open()).get(id),
    list: async (given) => (await open()).list(given),
    cancel: async (id) => (await open()).cancel(id),
    deadLetters: {
      list: async (given) => (await open()).deadLetters.list(given),
      retry: async (id) => (await open()).deadLetters.retry(id),
      retryAll: async (filter) => (await open()).deadLetters.retryAll(filter),
      delete: async (id) => (await open()).deadLetters.delete(id),
      deleteAll: async (filter) => (await open()).deadLetters.deleteAll(filter),
    },
    schedules: {
      set: async (job, schedule) => (await open()).schedules.set(job, schedule),
      list: async (filter) => (await open()).schedules.list(filter),
      delete: async (name) => (await open()).schedules.delete(name),
    },
    start: async () => (await open()).start(),
    close: async () => {
      isClosed = true;
      await (await opened)?.close();
    },
  };
}

function define(definitions: Map<string, JobDefinition>, job: JobDefinition): void {
  const known = definitions.get(job.name);
  if (known !== undefined && known !== job) throw new BackendError(JOB_ERRORS.jobInvalid, { message: `There is another job of the name "${job.name}".` });
  definitions.set(job.name, job);
}
