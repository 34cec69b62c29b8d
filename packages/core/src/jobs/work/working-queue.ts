import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { QueueDatabase } from "../store/queue-database.ts";
import type { JobWorker } from "./job-worker.ts";

/** Milliseconds that connections in use are waited for at the end. */
const CLOSE_MS = 1_000;

/** Whether this process works the queue: not yet, since `start`, or not any more. */
export class WorkingQueue {
  readonly #database: QueueDatabase;
  readonly #makeWorker: () => JobWorker;
  #worker: JobWorker | undefined;
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(database: QueueDatabase, makeWorker: () => JobWorker) {
    this.#database = database;
    this.#makeWorker = makeWorker;
  }

  get worker(): JobWorker | undefined {
    return this.#worker;
  }

  /** One that failed may be tried again. */
  start(): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(new BackendError(CORE_ERRORS.closed));
    this.#starting ??= this.#start().catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    });
    return this.#starting;
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #start(): Promise<void> {
    const worker = this.#makeWorker();
    // What is added from now on is told to it.
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
    await this.#database.close(CLOSE_MS);
  }
}
