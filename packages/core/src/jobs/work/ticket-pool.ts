import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { WorkerEvents, WorkerPool } from "graphile-worker";
import type pg from "pg";
import { type GraphileWorker, loadGraphileWorker, TICKETS_SCHEMA } from "./load-graphile-worker.ts";
import { ProjectTurns } from "./project-turns.ts";

export interface TicketPoolOptions {
  readonly pool: pg.Pool;
  readonly preparedStatements: boolean;
  readonly concurrency: number;
  /** Jobs of one project that run at the same time at most. */
  readonly projectShare: number;
  readonly onTicket: (id: string) => Promise<void>;
  /** Notes that tickets are held in this name; before that, none is taken. */
  readonly enter: (name: string) => Promise<void>;
  /** A worker has found nothing to do. */
  readonly onEmpty: () => void;
  /** It has ended for an error of its own; another is to be opened in its place. */
  readonly onBroken: () => void;
  readonly onError: (message: string, error: unknown) => void;
}

/** Milliseconds between two looks of an idle worker that nobody wakes. Whoever has the pool looks for all of them, and wakes them. */
const POLL_MS = 60_000;
const CLEAN_MS = 3_600_000;

/** graphile-worker's workers of this process: they take tickets one by one and hand over the ids of their jobs. */
export class TicketPool {
  readonly #options: TicketPoolOptions;
  readonly #workers: WorkerPool;
  readonly #graphile: GraphileWorker;
  #active = 0;
  #cleanedAt = Number.NEGATIVE_INFINITY;
  #closing: Promise<void> | undefined;

  /** @param names of the jobs to be taken */
  static async open(options: TicketPoolOptions, names: readonly string[]): Promise<TicketPool> {
    return new TicketPool(options, names, await loadGraphileWorker(options.onError));
  }

  private constructor(options: TicketPoolOptions, names: readonly string[], graphile: GraphileWorker) {
    this.#options = options;
    this.#graphile = graphile;
    const turns = new ProjectTurns(options.projectShare);
    let entered: Promise<void> | undefined;
    const enter = (): Promise<void> => (entered ??= options.enter(this.name).catch((error: unknown) => ((entered = undefined), Promise.reject(error))));
    const task = async (payload: unknown): Promise<void> => options.onTicket((payload as { readonly id: string }).id);
    this.#workers = graphile.runTaskList(
      {
        schema: TICKETS_SCHEMA,
        concurrency: options.concurrency,
        noHandleSignals: true,
        noPreparedStatements: !options.preparedStatements,
        pollInterval: POLL_MS,
        events: this.#events(turns),
        logger: graphile.logger,
        // Asked before each look for a job. A look that fails is over as well: see the events.
        forbiddenFlags: async () => {
          const flags = await turns.begin();
          await enter();
          return flags;
        },
        // What is given back at once, and not in batches, isn't waited for, and its failure would end the process.
        preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      },
      Object.fromEntries(names.map((name) => [name, task])),
      options.pool,
    );
    this.#workers.promise.catch(() => undefined);
  }

  /** What its tickets are locked by. */
  get name(): string {
    return this.#workers.id;
  }

  /** Tickets that it holds. */
  get active(): number {
    return this.#active;
  }

  nudge(): void {
    if (this.#closing === undefined && this.#workers._active) this.#workers.nudge(this.#options.concurrency);
  }

  /** Takes away what graphile-worker leaves behind: names of queues that nobody uses, tickets that nobody takes. Once an hour at most. */
  async clean(): Promise<void> {
    if (performance.now() - this.#cleanedAt < CLEAN_MS) return;
    const utils = await this.#graphile.makeWorkerUtils({ pgPool: this.#options.pool, schema: TICKETS_SCHEMA, noPreparedStatements: true, logger: this.#graphile.logger });
    await utils.cleanup({ tasks: ["GC_JOB_QUEUES", "DELETE_PERMAFAILED_JOBS"] });
    await utils.release();
    this.#cleanedAt = performance.now();
  }

  /** Takes no more tickets. @returns when those that it holds are given back, or after `limitMs` */
  async close(limitMs: number): Promise<void> {
    this.#closing ??= Promise.resolve(this.#workers._shuttingDown ? this.#workers.promise : this.#workers.gracefulShutdown()).catch(() => undefined);
    const limit = new AbortController();
    await Promise.race([this.#closing, sleep(limitMs, undefined, { signal: limit.signal }).catch(() => undefined)]);
    limit.abort();
  }

  #events(turns: ProjectTurns): WorkerEvents {
    const events: WorkerEvents = new EventEmitter();
    events.on("job:start", ({ job }) => {
      this.#active++;
      turns.end(Object.keys(job.flags ?? {}));
    });
    events.on("job:complete", ({ job }) => {
      this.#active--;
      turns.leave(Object.keys(job.flags ?? {}));
    });
    events.on("worker:getJob:error", () => turns.end());
    events.on("worker:getJob:empty", () => {
      turns.end();
      this.#options.onEmpty();
    });
    events.on("pool:gracefulShutdown", () => {
      if (this.#closing === undefined) this.#options.onBroken();
    });
    return events;
  }
}
