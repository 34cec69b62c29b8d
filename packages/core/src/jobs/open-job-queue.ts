import { createDeadLetters } from "./create-dead-letters.ts";
import type { JobDefinition } from "./define-job.ts";
import type { Job } from "./job.ts";
import type { JobQueueOptions } from "./job-queue-options.ts";
import type { AddJobOptions, WorkableJobQueue } from "./job-queue.ts";
import { ADD_OPTIONS, attemptsOf, checked, KEEP_MS, LIST_OPTIONS } from "./queue-options.ts";
import { createSchedules } from "./schedule/create-schedules.ts";
import { addJob } from "./store/add-job.ts";
import { cancelJob } from "./store/cancel-job.ts";
import { payloadToJson } from "./store/job-json.ts";
import { projectOf } from "./store/project-of.ts";
import { QueueDatabase } from "./store/queue-database.ts";
import { assertJobId, listJobs, readJob } from "./store/read-jobs.ts";
import { JobWorker } from "./work/job-worker.ts";
import { WorkingQueue } from "./work/working-queue.ts";

/** Milliseconds. A connection that nobody uses keeps an embedded database awake. */
const IDLE = { native: 10_000, embedded: 200 } as const;
/** Connections that statements about jobs share. The jobs themselves use none of them. */
const SHARED_CONNECTIONS = 4;

/** A queue whose definitions are kept elsewhere. */
export interface OpenJobQueue extends Omit<WorkableJobQueue, "register"> {
  /** There are other definitions than before. */
  registered(): void;
}

/** Connects with the first use. */
export function openJobQueue(options: JobQueueOptions, definitions: ReadonlyMap<string, JobDefinition>): OpenJobQueue {
  const { concurrency = 4, kind, config } = options;
  // graphile-worker listens on one more.
  const database = new QueueDatabase({ config, maxConnections: Math.min(concurrency, SHARED_CONNECTIONS) + 1, idleTimeoutMs: IDLE[kind] });
  const working = new WorkingQueue(database, () => new JobWorker({ ...workerOptions(options), database, definitions }));
  return {
    registered: () => working.worker?.wake(),
    add: async (job, payload, given = {}) => {
      const added = await add(database, job, payload, given);
      working.worker?.added(added);
      return added;
    },
    get: async (id) => {
      assertJobId(id);
      return database.use((db) => readJob(db, id));
    },
    list: async (given = {}) => {
      const filter = checked(LIST_OPTIONS, given);
      return database.use((db) => listJobs(db, filter));
    },
    cancel: async (id) => {
      assertJobId(id);
      const job = await database.use((db) => cancelJob(db, id));
      if (job.isCancelling) working.worker?.cancel(id);
      return job;
    },
    deadLetters: createDeadLetters(database, () => working.worker?.wake()),
    schedules: createSchedules(database, () => working.worker?.wake()),
    start: () => working.start(),
    close: () => working.close(),
  };
}

function workerOptions({ kind, onError, concurrency = 4, concurrencyPerProject = Math.ceil(concurrency / 2), drainMs = 10_000, pollMs = 2_000, leaseMs = 15_000 }: JobQueueOptions) {
  return { kind, onError, concurrency, projectShare: concurrencyPerProject, drainMs, pollMs, leaseMs };
}

async function add(database: QueueDatabase, job: JobDefinition, payload: unknown, options: AddJobOptions): Promise<Job> {
  const { projectRef, maxAttempts = attemptsOf(job), ...given } = checked(ADD_OPTIONS, options);
  const json = await payloadToJson(job, payload);
  return database.use(async (db) => {
    const projectUid = await projectOf(db, projectRef);
    return addJob(db, { ...given, name: job.name, payload: json, projectUid, maxAttempts, keepMs: job.keepMs ?? KEEP_MS });
  });
}
