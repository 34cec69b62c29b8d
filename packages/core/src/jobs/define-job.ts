import type { z } from "zod";
import { BackendError } from "../errors/backend-error.ts";
import { JOB_ERRORS } from "./errors.ts";

/** What a job has at hand while it runs. */
export interface JobContext {
  readonly id: string;
  /** 1 at the first. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** The project that it was added for. */
  readonly projectRef: string | undefined;
  /**
   * Fires when the job is to stop: cancelled, past its `timeoutMs`, or its process closes. `signal.reason` is a
   * `BackendError` that says which. A job that goes on regardless keeps its place among those that run.
   */
  readonly signal: AbortSignal;
  /** @param value 0 to 1; beyond is cut. Written at most twice a second, so call it as often as you like. */
  progress(value: number, message?: string): void;
}

/** When a failed attempt is followed by another: after `firstDelayMs * factor ** (attempt - 1)`, at most `maxDelayMs`. */
export interface RetryPolicy {
  /** All in all, the first included. Default: 10. */
  readonly maxAttempts?: number;
  /** Milliseconds. Default: 1,000. */
  readonly firstDelayMs?: number;
  /** Default: 3. */
  readonly factor?: number;
  /** Milliseconds. Default: 3,600,000. */
  readonly maxDelayMs?: number;
  /** Which part of a delay is random, 0 to 1, so that what failed together isn't tried again together. Default: 0.5. */
  readonly jitter?: number;
  /** `false`: the error is final, whatever attempts are left. */
  readonly when?: (error: unknown) => boolean;
}

/** A kind of job: what it is called, what it takes, what it does. */
export interface JobDefinition<Schema extends z.ZodType = z.ZodType, Result = unknown> {
  /** Unique in a backend; stored with each job, so keep it while there are any. */
  readonly name: string;
  /** Checked when a job is added and again before it runs. Payloads are kept as JSON in between. */
  readonly payload: Schema;
  /**
   * Does the work. It may be done more than once (a process can die between the work and the note that it is done), so
   * make it idempotent. What it returns is kept as JSON; what it throws makes the attempt a failed one.
   */
  run(payload: z.output<Schema>, context: JobContext): Promise<Result> | Result;
  readonly retries?: RetryPolicy;
  /** Milliseconds after which an attempt is aborted and counts as failed. Default: none. */
  readonly timeoutMs?: number;
  /** Milliseconds that a succeeded or cancelled job is kept, to be read with `get`. Dead letters stay. Default: a day. */
  readonly keepMs?: number;
}

const NAME = /^[a-zA-Z][\w.-]{0,99}$/;

/**
 * @throws BackendError PLINTH_JOB_INVALID
 * @example
 * const welcome = defineJob({
 *   name: "mail.welcome",
 *   payload: z.object({ email: z.email() }),
 *   retries: { maxAttempts: 5 },
 *   run: async ({ email }, { signal }) => sendWelcome(email, { signal }),
 * });
 */
export function defineJob<Schema extends z.ZodType, Result>(definition: JobDefinition<Schema, Result>): JobDefinition<Schema, Result> {
  const { name, retries = {}, timeoutMs, keepMs } = definition;
  const { maxAttempts, firstDelayMs, factor, maxDelayMs, jitter } = retries;
  const problems = [
    NAME.test(name) ? "" : `name ${JSON.stringify(name)}`,
    within(maxAttempts, 1, 1_000) ? "" : "retries.maxAttempts",
    within(firstDelayMs, 0) ? "" : "retries.firstDelayMs",
    within(factor, 1) ? "" : "retries.factor",
    within(maxDelayMs, 0) ? "" : "retries.maxDelayMs",
    within(jitter, 0, 1) ? "" : "retries.jitter",
    within(timeoutMs, 1, MAX_TIMEOUT) ? "" : "timeoutMs",
    within(keepMs, 0) ? "" : "keepMs",
  ].filter((problem) => problem !== "");
  if (problems.length > 0) throw new BackendError(JOB_ERRORS.jobInvalid, { message: `${JOB_ERRORS.jobInvalid.message} Out of bounds: ${problems.join(", ")}.` });
  return Object.freeze({ ...definition });
}

/** The longest that a timer of Node's waits. */
const MAX_TIMEOUT = 2_147_483_647;

const within = (value: number | undefined, least: number, most = Number.MAX_SAFE_INTEGER): boolean => value === undefined || (value >= least && value <= most);
