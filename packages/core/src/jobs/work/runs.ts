import { setTimeout as sleep } from "node:timers/promises";
import type { Kysely } from "kysely";
import { BackendError } from "../../errors/backend-error.ts";
import type { JobDefinition } from "../define-job.ts";
import { JOB_ERRORS } from "../errors.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { JobTables } from "../job-tables.ts";
import { claimJob, type ClaimedJob } from "../store/claim-job.ts";
import { parsePayload, toJson } from "../store/job-json.ts";
import { type Outcome, settleJob, writeProgress } from "../store/settle-job.ts";
import { backOff } from "./back-off.ts";
import { toJobFailure } from "./job-failure.ts";
import { Run, type StopReason } from "./run.ts";

export interface RunsOptions {
  /** Of this process, in `plinth_jobs.workers`. */
  readonly worker: string;
  readonly use: <T>(work: (db: Kysely<JobTables>) => Promise<T>) => Promise<T>;
  readonly definitionOf: (name: string) => JobDefinition | undefined;
  /** A job is to be tried again in so many milliseconds. */
  readonly onRetry: (delayMs: number) => void;
  readonly onError: (error: unknown) => void;
}

const STOP_ERRORS = { cancelled: JOB_ERRORS.jobCancelled, timedOut: JOB_ERRORS.jobTimedOut, taken: JOB_ERRORS.jobTaken, closing: CORE_ERRORS.closed } as const;

/** How long the note of an attempt's end is tried again, in milliseconds: longer than a database takes to start. */
const SETTLE_DELAYS = [100, 300, 1_000, 3_000, 5_000, 5_000, 10_000, 10_000, 10_000, 15_000, 15_000, 15_000, 15_000];

/** What this process is doing. */
export class Runs {
  readonly #options: RunsOptions;
  readonly #runs = new Map<string, Run>();
  readonly #ended = new Set<() => void>();
  readonly #hurry = new AbortController();

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#runs.size;
  }

  get ids(): readonly string[] {
    return [...this.#runs.keys()];
  }

  /**
   * Runs a job if it is to be run, to its end; does nothing else.
   * @throws what the database throws before it is begun
   */
  async take(id: string): Promise<void> {
    const { use, worker } = this.#options;
    const job = await use((db) => claimJob(db, id, worker));
    if (job === undefined) return;
    const run = new Run(job, (progress) => use((db) => writeProgress(db, job, worker, progress)));
    this.#runs.set(id, run);
    try {
      const outcome = await this.#attempt(run);
      run.end();
      await this.#settle(run, outcome);
    } finally {
      this.#runs.delete(id);
      for (const wake of this.#ended) wake();
    }
  }

  stop(id: string, reason: StopReason): void {
    this.#runs.get(id)?.stop(reason, new BackendError(STOP_ERRORS[reason]));
  }

  stopAll(reason: StopReason): void {
    for (const id of this.#runs.keys()) this.stop(id, reason);
  }

  /** From now on the note of an attempt's end isn't tried again. */
  giveUpSettling(): void {
    this.#hurry.abort();
  }

  /** Resolves when nothing runs, or after `limitMs`. */
  async idle(limitMs: number): Promise<void> {
    const deadline = Date.now() + limitMs;
    while (this.#runs.size > 0 && Date.now() < deadline) {
      const limit = new AbortController();
      const wake = (): void => limit.abort();
      this.#ended.add(wake);
      await sleep(deadline - Date.now(), undefined, { signal: limit.signal }).catch(() => undefined);
      this.#ended.delete(wake);
    }
  }

  async #attempt(run: Run): Promise<Outcome> {
    const definition = this.#options.definitionOf(run.job.name);
    // Taken back from the process between the ticket and now: somebody else may know it.
    if (definition === undefined) return { kind: "returned" };
    let payload: unknown;
    try {
      payload = await parsePayload(definition, run.job.payload);
    } catch (error) {
      // Another attempt would find the same.
      return this.#failed(run.job, definition, error, true);
    }
    const timer = definition.timeoutMs === undefined ? undefined : setTimeout(() => this.stop(run.job.id, "timedOut"), definition.timeoutMs).unref();
    try {
      const result = toJson(await definition.run(payload, run.context));
      if (result === undefined) throw new BackendError(JOB_ERRORS.jobFailed, { message: "What the job returned can't be kept: it is no JSON, or too long." });
      return { kind: "succeeded", result };
    } catch (error) {
      return this.#outcomeOf(run, definition, error);
    } finally {
      clearTimeout(timer);
    }
  }

  #outcomeOf({ job, stopped }: Run, definition: JobDefinition, thrown: unknown): Outcome {
    if (stopped === "cancelled") return { kind: "cancelled", error: toJobFailure(new BackendError(JOB_ERRORS.jobCancelled)) };
    if (stopped === "closing" || stopped === "taken") return { kind: "returned" };
    const error = stopped === "timedOut" ? new BackendError(JOB_ERRORS.jobTimedOut, { cause: thrown }) : thrown;
    return this.#failed(job, definition, error, job.attempts >= job.max_attempts || !isRetried(definition, error));
  }

  #failed(job: ClaimedJob, definition: JobDefinition, error: unknown, isFinal: boolean): Outcome {
    this.#report(job, error, isFinal);
    return { kind: "failed", error: toJobFailure(error), isFinal, delayMs: backOff(definition.retries ?? {}, job.attempts, Math.random()) };
  }

  async #settle({ job, progress }: Run, outcome: Outcome): Promise<void> {
    const { use, worker, onError } = this.#options;
    for (const delay of [...SETTLE_DELAYS, 0]) {
      try {
        const status = await use((db) => settleJob(db, job, worker, outcome, progress));
        return status === "pending" && outcome.kind === "failed" ? this.#options.onRetry(outcome.delayMs) : undefined;
      } catch (error) {
        // The job is taken for abandoned in time, and done again.
        if (delay === 0 || this.#hurry.signal.aborted) return onError(error);
        await sleep(delay, undefined, { signal: this.#hurry.signal }).catch(() => undefined);
      }
    }
  }

  #report({ id, name, attempts, max_attempts }: ClaimedJob, error: unknown, isFinal: boolean): void {
    const { message } = toJobFailure(error);
    const next = isFinal ? "It is kept as a dead letter." : "It will be tried again.";
    this.#options.onError(new BackendError(JOB_ERRORS.jobFailed, { message: `The job "${name}" (${id}) failed in attempt ${attempts} of ${max_attempts}: ${message} ${next}`, cause: error }));
  }
}

/** A rule that fails itself is none. */
function isRetried({ retries }: JobDefinition, error: unknown): boolean {
  try {
    return retries?.when?.(error) ?? true;
  } catch {
    return true;
  }
}
