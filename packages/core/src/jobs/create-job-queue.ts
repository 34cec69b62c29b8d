import type pg from "pg";
import type { z } from "zod";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { JobDefinition } from "./define-job.ts";
import { JOB_ERRORS } from "./errors.ts";
import type { Job } from "./job.ts";
import type { AddJobOptions, DeadLetters, ListJobsOptions, Schedules, WorkableJobQueue } from "./job-queue.ts";
import { ADD_OPTIONS, checked, DEAD_LETTER_FILTER, LIST_OPTIONS, SCHEDULE_OPTIONS } from "./queue-options.ts";
import { nextTick } from "./schedule/cron-ticks.ts";
import { deleteSchedule, listSchedules, putSchedule } from "./schedule/schedule-rows.ts";
import { addJob } from "./store/add-job.ts";
import { cancelJob } from "./store/cancel-job.ts";
import { deleteDeadLetter, deleteDeadLetters, retryDeadLetter, retryDeadLetters } from "./store/dead-letters.ts";
import { payloadToJson } from "./store/job-json.ts";
import { projectOf } from "./store/project-of.ts";
import { QueueDatabase } from "./store/queue-database.ts";
import { assertJobId, listJobs, readJob } from "./store/read-jobs.ts";
import { DEFAULT_MAX_ATTEMPTS } from "./work/back-off.ts";
import { JobWorker } from "./work/job-worker.ts";

export interface JobQueueOptions {
  /** The metadata database: directly, or through a pooler that gives each client a session. The schema `plinth` is there. */
  readonly config: pg.ClientConfig;
  /** An embedded database is this process's alone, and is let go of whenever nothing is due. */
  readonly kind: "native" | "embedded";
  /** Told of attempts that failed, and of what fails in the queue itself. */
  readonly onError: (error: unknown) => void;
  /** Jobs that this process runs at the same time at most. Default: 4. */
  readonly concurrency?: number;
  /** Of these, one project's at most. Default: half of them, rounded up. */
  readonly concurrencyPerProject?: number;
  /** How long `close()` waits for running jobs before it aborts them, in milliseconds. Default: 10,000. */
  readonly drainMs?: number;
  /** Milliseconds between two looks for what no notification told of; embedded there are none while nothing is due. Default: 2,000. */
  readonly pollMs?: number;
  /** Milliseconds after which jobs of a process that is gone are taken up by others. Default: 15,000. */
  readonly leaseMs?: number;
}

const DAY = 86_400_000;
/** Milliseconds. A connection that nobody uses keeps an embedded database awake. */
const IDLE = { native: 10_000, embedded: 200 } as const;
/** Connections that statements about jobs share. The jobs themselves use none of them. */
const SHARED_CONNECTIONS = 4;

/** Opens nothing: the first use does. */
export function createJobQueue(options: JobQueueOptions): WorkableJobQueue {
  return new GraphileJobQueue(options);
}

class GraphileJobQueue implements WorkableJobQueue {
  readonly #database: QueueDatabase;
  readonly #options: JobQueueOptions;
  readonly #definitions = new Map<string, JobDefinition>();
  #worker: JobWorker | undefined;
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  readonly deadLetters: DeadLetters;
  readonly schedules: Schedules;

  constructor(options: JobQueueOptions) {
    this.#options = options;
    const { concurrency = 4, kind, config } = options;
    // graphile-worker listens on one more.
    this.#database = new QueueDatabase({ config, maxConnections: Math.min(concurrency, SHARED_CONNECTIONS) + 1, idleTimeoutMs: IDLE[kind] });
    this.deadLetters = this.#deadLetters();
    this.schedules = this.#schedules();
  }

  register(...jobs: readonly JobDefinition[]): void {
    for (const job of jobs) {
      const known = this.#definitions.get(job.name);
      if (known !== undefined && known !== job) throw new BackendError(JOB_ERRORS.jobInvalid, { message: `There is another job of the name "${job.name}".` });
      this.#definitions.set(job.name, job);
    }
    this.#worker?.wake();
  }

  async add<Schema extends z.ZodType>(job: JobDefinition<Schema>, payload: z.input<Schema>, options: AddJobOptions = {}): Promise<Job> {
    const { projectRef, maxAttempts = attemptsOf(job), ...given } = checked(ADD_OPTIONS, options);
    const json = await payloadToJson(job, payload);
    const added = await this.#database.use(async (db) => {
      const projectUid = await projectOf(db, projectRef);
      return addJob(db, { name: job.name, payload: json, projectUid, maxAttempts, keepMs: job.keepMs ?? DAY, ...withKeys(given) });
    });
    this.#worker?.added(added);
    return added;
  }

  async get(id: string): Promise<Job> {
    assertJobId(id);
    return this.#database.use((db) => readJob(db, id));
  }

  async list(options: ListJobsOptions = {}) {
    const given = checked(LIST_OPTIONS, options);
    return this.#database.use((db) => listJobs(db, given));
  }

  async cancel(id: string): Promise<Job> {
    assertJobId(id);
    const job = await this.#database.use((db) => cancelJob(db, id));
    if (job.isCancelling) this.#worker?.cancel(id);
    return job;
  }

  start(): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(new BackendError(CORE_ERRORS.closed));
    this.#starting ??= this.#start().catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    });
    return this.#starting;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #start(): Promise<void> {
    const { concurrency = 4, concurrencyPerProject = Math.ceil(concurrency / 2), pollMs = 2_000, leaseMs = 15_000, drainMs = 10_000, kind, onError } = this.#options;
    const worker = new JobWorker({ database: this.#database, definitions: this.#definitions, concurrency, projectShare: concurrencyPerProject, pollMs, leaseMs, drainMs, kind, onError });
    this.#worker = worker;
    try {
      await worker.start();
    } catch (error) {
      this.#worker = undefined;
      await worker.close();
      throw error;
    }
  }

  async #close(): Promise<void> {
    await this.#starting?.catch(() => undefined);
    await this.#worker?.close();
    await this.#database.close(1_000);
  }

  #deadLetters(): DeadLetters {
    const use = this.#database.use.bind(this.#database);
    return {
      list: async (options = {}) => this.list({ ...options, status: "failed" }),
      retry: async (id) => {
        assertJobId(id);
        return this.#woken(await use((db) => retryDeadLetter(db, id)));
      },
      retryAll: async (filter = {}) => {
        const given = checked(DEAD_LETTER_FILTER, filter);
        return this.#woken(await use((db) => retryDeadLetters(db, given)));
      },
      delete: async (id) => {
        assertJobId(id);
        await use((db) => deleteDeadLetter(db, id));
      },
      deleteAll: async (filter = {}) => {
        const given = checked(DEAD_LETTER_FILTER, filter);
        return use((db) => deleteDeadLetters(db, given));
      },
    };
  }

  #schedules(): Schedules {
    const use = this.#database.use.bind(this.#database);
    return {
      set: async (job, options) => {
        const { name = job.name, projectRef, payload, maxAttempts = attemptsOf(job), queue, ...rest } = checked(SCHEDULE_OPTIONS, options, JOB_ERRORS.scheduleInvalid);
        const [nextAt, json] = [nextTick(rest, new Date()), await payloadToJson(job, payload)];
        const schedule = { ...rest, queue, name, job: job.name, payload: json, maxAttempts, keepMs: job.keepMs ?? DAY, nextAt };
        return this.#woken(await use(async (db) => putSchedule(db, { ...schedule, projectUid: await projectOf(db, projectRef) })));
      },
      list: ({ projectRef } = {}) => use((db) => listSchedules(db, projectRef)),
      delete: (name) => use((db) => deleteSchedule(db, name)),
    };
  }

  #woken<T>(result: T): T {
    this.#worker?.wake();
    return result;
  }
}

const attemptsOf = ({ retries }: Pick<JobDefinition, "retries">): number => retries?.maxAttempts ?? DEFAULT_MAX_ATTEMPTS;

/** Options that may be left out, each said to be so. */
const withKeys = <T extends { runAt?: Date | undefined; dedupeKey?: string | undefined; queue?: string | undefined }>({ runAt, dedupeKey, queue, ...rest }: T) => ({ ...rest, runAt, dedupeKey, queue });
