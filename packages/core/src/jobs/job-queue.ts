import type { z } from "zod";
import type { JobDefinition } from "./define-job.ts";
import type { Job, JobStatus } from "./job.ts";

export interface AddJobOptions {
  /** Not before then. Default: at once. */
  readonly runAt?: Date;
  /**
   * While a job of this name (and project) with the same key is pending, `add` makes no second one. One that is
   * running already doesn't count: what it was told may be out of date.
   */
  readonly dedupeKey?: string;
  /**
   * What becomes of the pending job with the same key. `replace`: it gets this payload and these options, and its
   * attempts begin anew. `preserve`: it stays as it is. Default: `replace`.
   */
  readonly mode?: "replace" | "preserve";
  /** Default: the definition's. */
  readonly maxAttempts?: number;
  /** Jobs of one queue (and project) run one at a time, in the order they are due; one that waits for a retry lets others pass. */
  readonly queue?: string;
  /** Smaller numbers first; -1,000 to 1,000. Default: 0. */
  readonly priority?: number;
  /** The project that it is for: gone with it, held while it is paused, within its share of the workers. */
  readonly projectRef?: string;
}

export interface ListJobsOptions {
  readonly status?: JobStatus | readonly JobStatus[];
  readonly name?: string;
  readonly projectRef?: string;
  readonly queue?: string;
  /** 1 to 1,000. Default: 50. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: string;
}

export interface JobPage {
  /** Newest first. */
  readonly jobs: readonly Job[];
  /** What gets the page after this one; undefined where there is none. */
  readonly next: string | undefined;
}

export type DeadLetterFilter = Pick<ListJobsOptions, "name" | "projectRef">;

/** Jobs whose attempts are used up, or whose error was final. They stay until they are retried or deleted. */
export interface DeadLetters {
  list(options?: Omit<ListJobsOptions, "status">): Promise<JobPage>;
  /**
   * Makes it pending again, with all its attempts.
   * @throws BackendError PLINTH_JOB_NOT_FOUND where it isn't a dead letter
   */
  retry(id: string): Promise<Job>;
  /** @returns how many */
  retryAll(filter?: DeadLetterFilter): Promise<number>;
  /** @throws BackendError PLINTH_JOB_NOT_FOUND where it isn't a dead letter */
  delete(id: string): Promise<void>;
  /** @returns how many */
  deleteAll(filter?: DeadLetterFilter): Promise<number>;
}

export interface ScheduleOptions<Payload> {
  /** Unique in a backend. Default: the job's name. */
  readonly name?: string;
  /** Five fields, or six with seconds first; names, ranges, steps, L, W and # as croner reads them (https://croner.56k.guru/usage/pattern/). */
  readonly cron: string;
  /** IANA name. Default: "UTC". */
  readonly timeZone?: string;
  readonly payload: Payload;
  /**
   * Ticks that passed while no process worked the queue for a minute or longer. `none`: dropped. `last`: made up for
   * once. `all`: each made up for, the last 100 at most. Default: `none`.
   */
  readonly backfill?: "none" | "last" | "all";
  readonly maxAttempts?: number;
  readonly queue?: string;
  readonly priority?: number;
  readonly projectRef?: string;
}

export interface Schedule {
  readonly name: string;
  readonly job: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly payload: unknown;
  readonly backfill: "none" | "last" | "all";
  readonly projectRef: string | undefined;
  readonly nextAt: Date;
  /** The last tick that made a job. */
  readonly lastAt: Date | undefined;
}

/** Jobs by the clock. Kept in the metadata database: each tick makes one job, however many processes work the queue. */
export interface Schedules {
  /**
   * Makes the schedule, or brings it into line: to be called at each start. With the same cron and time zone as before
   * its next tick stays. While a job of the last tick is still pending, a tick makes no other (save with `backfill: "all"`).
   * @throws BackendError PLINTH_JOB_SCHEDULE_INVALID, PLINTH_JOB_PAYLOAD_INVALID, PLINTH_PROJECT_NOT_FOUND
   */
  set<Schema extends z.ZodType>(job: JobDefinition<Schema>, options: ScheduleOptions<z.input<Schema>>): Promise<Schedule>;
  /** By name. */
  list(filter?: { readonly projectRef?: string }): Promise<readonly Schedule[]>;
  /** @returns whether there was one. Jobs it has made stay. */
  delete(name: string): Promise<boolean>;
}

/** Work to be done later, or elsewhere, or again if it fails. Kept in the metadata database. */
export interface JobQueue {
  /**
   * Says what this process does when it works the queue. A process that only adds jobs needs none.
   * @throws BackendError PLINTH_JOB_INVALID where another definition has the name
   */
  register(...jobs: readonly JobDefinition[]): void;
  /**
   * @returns the job as it is kept: with `dedupeKey` it may be one that was there
   * @throws BackendError PLINTH_JOB_PAYLOAD_INVALID, PLINTH_JOB_OPTIONS_INVALID, PLINTH_PROJECT_NOT_FOUND,
   * PLINTH_DATABASE_UNAVAILABLE, PLINTH_CLOSED
   * @example
   * await backend.jobs.add(welcome, { email }, { dedupeKey: email, runAt: new Date(Date.now() + 60_000) });
   */
  add<Schema extends z.ZodType>(job: JobDefinition<Schema>, payload: z.input<Schema>, options?: AddJobOptions): Promise<Job>;
  /** @throws BackendError PLINTH_JOB_NOT_FOUND */
  get(id: string): Promise<Job>;
  /** @throws BackendError PLINTH_JOB_OPTIONS_INVALID */
  list(options?: ListJobsOptions): Promise<JobPage>;
  /**
   * A pending job is cancelled at once. A running one has its signal aborted, wherever it runs, and is `cancelled` when
   * it then throws; if it returns all the same, it has succeeded. One that has ended stays as it is.
   * @throws BackendError PLINTH_JOB_NOT_FOUND
   */
  cancel(id: string): Promise<Job>;
  readonly deadLetters: DeadLetters;
  readonly schedules: Schedules;
}

/** A queue and this process's part in working it. */
export interface WorkableJobQueue extends JobQueue {
  /**
   * Works the queue in this process until `close()`. Idempotent.
   * @throws BackendError PLINTH_DATABASE_UNAVAILABLE, PLINTH_CLOSED
   */
  start(): Promise<void>;
  /** Takes no more jobs, waits for those that run for as long as `drainMs`, then aborts them so that they are done again. */
  close(): Promise<void>;
}
