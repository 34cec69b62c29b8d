/**
 * `pending`: waits for its time, for a worker, or for its next attempt. `running`. `succeeded`. `failed`: a dead letter,
 * no attempt is left. `cancelled`.
 */
export type JobStatus = "pending" | "running" | "succeeded" | "failed" | "cancelled";

/** Why an attempt failed: what may be shown and kept. No stack, no cause; what looks like a secret is taken out. */
export interface JobFailure {
  readonly name: string;
  /** At most 2,000 characters. */
  readonly message: string;
  /** A `BackendError`'s code, an SQLSTATE, a system error's code. */
  readonly code?: string;
}

export interface JobProgress {
  /** 0 to 1. */
  readonly value: number;
  readonly message: string | undefined;
}

/** One job as the queue knows it. */
export interface Job {
  readonly id: string;
  /** Of its definition. */
  readonly name: string;
  readonly status: JobStatus;
  /** As it was given to `add`, after JSON. */
  readonly payload: unknown;
  /** Undefined where it is no project's. */
  readonly projectRef: string | undefined;
  readonly queue: string | undefined;
  readonly dedupeKey: string | undefined;
  /** Smaller numbers first. */
  readonly priority: number;
  /** Attempts begun so far. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** Of a pending job: when it is due. */
  readonly runAt: Date;
  readonly createdAt: Date;
  /** Begin of the last attempt. */
  readonly startedAt: Date | undefined;
  /** End of the last attempt, once there is no other. */
  readonly finishedAt: Date | undefined;
  readonly progress: JobProgress | undefined;
  /** What `run` returned, after JSON. */
  readonly result: unknown;
  /** Of the last attempt that failed; also while a next one is pending. */
  readonly error: JobFailure | undefined;
  /** It is running and has been asked to stop. */
  readonly isCancelling: boolean;
  /** Name of the schedule that it comes from. */
  readonly schedule: string | undefined;
}
