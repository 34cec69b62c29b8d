import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { startThread } from "../worker/start-thread.ts";
import type { WorkerInput, WorkerNotice, WorkerOrder } from "../worker/worker-protocol.ts";
import { Outbox } from "./outbox.ts";

/**
 * Megabytes. More than PostgreSQL's own limit (max_stack_depth) needs, or a function that calls itself without end,
 * a regular expression or JSON that anybody sends breaks the backend instead of failing with "stack depth limit exceeded":
 * PostgreSQL counts its own stack alone, of which parsers use little a call. A thread has 4 by default. Only what was
 * used once takes memory.
 */
const STACK_SIZE = 64;
/**
 * Megabytes for young JavaScript objects, of which a thread has few: PostgreSQL's memory is its own. By default V8 takes
 * up to 48, and keeps them.
 */
const YOUNG_GENERATION_SIZE = 6;
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";

export interface DatabaseWorkerEvents {
  answers(records: ArrayBuffer): void;
  /** The thread ended though nobody asked it to. */
  lost(reason: Error): void;
}

/** The thread in which one PGlite runs. */
export class DatabaseWorker {
  readonly outbox: Outbox;
  /** ParameterStatus messages for new clients. */
  parameters: Uint8Array = new Uint8Array();
  readonly #worker: Worker;
  readonly #events: DatabaseWorkerEvents;
  #wanted = true;
  #crash: Error | undefined;

  private constructor(input: WorkerInput, events: DatabaseWorkerEvents) {
    this.#events = events;
    const module = new URL(`../worker/database-thread.${EXTENSION}`, import.meta.url);
    this.#worker = startThread(module, input, { resourceLimits: { stackSizeMb: STACK_SIZE, maxYoungGenerationSizeMb: YOUNG_GENERATION_SIZE }, name: "plinth-database" });
    this.outbox = new Outbox((records) => this.#worker.postMessage(records, [records]));
  }

  /** Starts the thread and opens the database. */
  static async start(input: WorkerInput, events: DatabaseWorkerEvents): Promise<DatabaseWorker> {
    const worker = new DatabaseWorker(input, events);
    try {
      await worker.#ready();
    } catch (error) {
      await worker.terminate();
      throw error;
    }
    return worker;
  }

  /** While work is under way, and only then, the thread keeps the process alive. */
  keepAlive(busy: boolean): void {
    if (busy) this.#worker.ref();
    else this.#worker.unref();
  }

  /** Ends the thread at once, in the midst of whatever it does. */
  async terminate(): Promise<void> {
    this.#wanted = false;
    this.outbox.discard();
    await this.#worker.terminate();
  }

  /** Closes the database in order; by force when that takes longer than `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    this.#wanted = false;
    this.#worker.ref();
    const exited = once(this.#worker, "exit");
    this.#worker.postMessage({ type: "close" } satisfies WorkerOrder, []);
    const force = setTimeout(() => void this.#worker.terminate(), timeoutMs);
    await exited;
    clearTimeout(force);
  }

  #ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#worker.on("message", (message: ArrayBuffer | WorkerNotice) => {
        if (message instanceof ArrayBuffer) return this.#events.answers(message);
        if (message.type === "crashed") {
          this.#crash = new Error(message.message);
          return;
        }
        this.parameters = message.parameters;
        resolve();
      });
      this.#worker.on("error", (error) => {
        this.#crash = error instanceof Error ? error : new Error(String(error));
      });
      this.#worker.on("exit", (code) => {
        const reason = this.#crash ?? new Error(`The database's thread ended with code ${code}.`);
        reject(reason);
        this.outbox.discard();
        if (this.#wanted) this.#events.lost(reason);
      });
    });
  }
}
