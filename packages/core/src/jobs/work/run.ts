import type { JobContext } from "../define-job.ts";
import type { ClaimedJob } from "../store/claim-job.ts";
import type { Progress } from "../store/settle-job.ts";
import type { BackendError } from "../../errors/backend-error.ts";

/** Why a run is to stop. `taken` and `closing`: for no fault of the job's. */
export type StopReason = "cancelled" | "timedOut" | "taken" | "closing";

/** Milliseconds between two notes of a job's progress. */
const PROGRESS_INTERVAL = 500;

/** One attempt at one job, going on in this process. */
export class Run {
  readonly job: ClaimedJob;
  readonly #controller = new AbortController();
  readonly #writeProgress: (progress: Progress) => Promise<void>;
  #stopped: StopReason | undefined;
  #progress: Progress | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastWrite = 0;

  constructor(job: ClaimedJob, writeProgress: (progress: Progress) => Promise<void>) {
    this.job = job;
    this.#writeProgress = writeProgress;
  }

  /** The first reason for which it was told to stop. */
  get stopped(): StopReason | undefined {
    return this.#stopped;
  }

  /** What it last said of its progress. */
  get progress(): Progress | undefined {
    return this.#progress;
  }

  get context(): JobContext {
    const { id, attempts, max_attempts, project_ref } = this.job;
    return {
      id,
      attempt: attempts,
      maxAttempts: max_attempts,
      projectRef: project_ref ?? undefined,
      signal: this.#controller.signal,
      progress: (value, message) => this.#note(value, message),
    };
  }

  stop(reason: StopReason, error: BackendError): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = reason;
    this.#controller.abort(error);
  }

  /** No more notes: what it says of its progress is written with its end. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastWrite = Number.POSITIVE_INFINITY;
  }

  #note(value: number, message: string | undefined): void {
    if (this.#lastWrite === Number.POSITIVE_INFINITY) return;
    this.#progress = { value: Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, value)), message: message?.replaceAll("\0", "").slice(0, 1_000) };
    this.#timer ??= setTimeout(() => this.#write(), Math.max(0, this.#lastWrite + PROGRESS_INTERVAL - Date.now())).unref();
  }

  #write(): void {
    this.#timer = undefined;
    this.#lastWrite = Date.now();
    // One note the less, if it fails.
    if (this.#progress) this.#writeProgress(this.#progress).catch(() => undefined);
  }
}
