import { randomUUID } from "node:crypto";
import { BackendError } from "../../errors/backend-error.ts";
import type { JobDefinition } from "../define-job.ts";
import { JOB_ERRORS } from "../errors.ts";
import type { Job } from "../job.ts";
import { fireSchedules } from "../schedule/fire-schedules.ts";
import { hasLostTickets, mendTickets, sweepJobs } from "../store/keep-house.ts";
import type { QueueDatabase } from "../store/queue-database.ts";
import { type Beat, beat, enterPool, enterWorker, leavePool, leaveWorker, takeOver } from "../store/workers.ts";
import { Presence } from "./presence.ts";
import { Rounds } from "./rounds.ts";
import { Runs } from "./runs.ts";
import { TicketPool } from "./ticket-pool.ts";

export interface JobWorkerOptions {
  readonly database: QueueDatabase;
  /**
   * Natively other processes may work the same queue, and are told of by rounds every `pollMs`. An embedded database is
   * this process's alone, and sleeps when it isn't used: rounds are made only when something is due.
   */
  readonly kind: "native" | "embedded";
  readonly concurrency: number;
  readonly projectShare: number;
  readonly pollMs: number;
  readonly leaseMs: number;
  readonly drainMs: number;
  readonly definitions: ReadonlyMap<string, JobDefinition>;
  readonly onError: (error: unknown) => void;
}

/** How long jobs are given to end that were told to stop, in milliseconds. */
const STOP_MS = 2_000;
const HOUSEKEEPING_MS = 60_000;
/** Until an idle embedded database is let go of, in milliseconds. */
const LINGER_MS = 100;
/** Part of the lease after which a worker that can't reach the database takes its jobs for lost: before others take them. */
const FENCE = 0.7;

/** This process's part in working the queue. */
export class JobWorker {
  readonly #options: JobWorkerOptions;
  readonly #id = randomUUID();
  readonly #runs: Runs;
  readonly #rounds: Rounds;
  readonly #presence: Presence | undefined;
  #tickets: TicketPool | undefined;
  /** Names that the pool of tickets was opened for. */
  #known = 0;
  #isBroken = false;
  #isClosing = false;
  #entered = false;
  #fence: NodeJS.Timeout | undefined;
  #keptHouse = Number.NEGATIVE_INFINITY;

  constructor(options: JobWorkerOptions) {
    this.#options = options;
    const { database, definitions, onError } = options;
    this.#runs = new Runs({ worker: this.#id, use: (work) => database.use(work), definitionOf: (name) => definitions.get(name), onRetry: (ms) => this.#rounds.within(ms), onError });
    this.#rounds = new Rounds({ round: () => this.#round(), retryMs: Math.min(1_000, options.pollMs), onError });
    if (options.kind === "native") {
      this.#presence = new Presence({ worker: this.#id, client: () => database.client(), onCancel: () => this.wake() });
    }
  }

  /** @throws BackendError PLINTH_DATABASE_UNAVAILABLE */
  async start(): Promise<void> {
    await this.#rounds.first();
  }

  /** To be told of what has changed: a job added, a schedule, another definition. */
  wake(): void {
    this.#rounds.within(0);
  }

  /** An embedded worker learns of a job only here; a native one is told by the database of those that are due. */
  added({ runAt }: Job): void {
    const delay = runAt.getTime() - Date.now();
    if (this.#options.kind === "embedded" || delay > 0) this.#rounds.within(Math.max(0, delay));
  }

  cancel(id: string): void {
    this.#runs.stop(id, "cancelled");
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const { drainMs } = this.#options;
    const tickets = this.#tickets?.close(drainMs + STOP_MS + 1_000);
    await this.#drain(drainMs);
    clearTimeout(this.#fence);
    this.#runs.giveUpSettling();
    await this.#rounds.end();
    if (this.#runs.size === 0) await tickets;
    await this.#leave();
    await this.#presence?.close();
  }

  async #drain(drainMs: number): Promise<void> {
    await this.#runs.idle(drainMs);
    this.#runs.stopAll("closing");
    await this.#runs.idle(STOP_MS);
  }

  /** Where a job goes on regardless, others are to wait for the lease before they take it up. An embedded database needn't be woken for it. */
  async #leave(): Promise<void> {
    if (this.#runs.size > 0 || !this.#entered || this.#options.kind === "embedded") return;
    await this.#options.database.use((db) => leaveWorker(db, this.#id)).catch(() => undefined);
  }

  /** @returns milliseconds until the next round; infinity: when woken */
  async #round(): Promise<number> {
    const { database } = this.#options;
    if (!this.#entered) await this.#enter();
    await this.#keepPresence();
    const known = await this.#beat();
    if (this.#isClosing) return this.#pause();
    if (known.stale) this.#report(await database.use((db) => takeOver(db, { worker: this.#id, leaseMs: this.#options.leaseMs })));
    if (known.nextTickMs !== undefined && known.nextTickMs <= 0) await database.use(fireSchedules);
    await this.#keepHouse();
    return this.#tend(known.nextTickMs !== undefined && known.nextTickMs <= 0 ? await this.#beat() : known);
  }

  async #enter(): Promise<void> {
    const { database, kind } = this.#options;
    await this.#keepPresence();
    await database.use((db) => enterWorker(db, this.#id));
    this.#entered = true;
    if (kind === "embedded") this.#report(await database.use((db) => takeOver(db, { worker: this.#id, leaseMs: undefined })));
  }

  async #keepPresence(): Promise<void> {
    await this.#options.database.use(async () => this.#presence?.keep());
  }

  async #beat(): Promise<Beat> {
    const { database, leaseMs, definitions, kind } = this.#options;
    const [running, begun] = [this.#runs.ids, performance.now()];
    const answer = await database.use((db) => beat(db, { worker: this.#id, leaseMs, running, names: [...definitions.keys()] }));
    if (kind === "native") this.#extendLease(begun);
    if (!answer.present) await database.use((db) => enterWorker(db, this.#id));
    for (const id of running) {
      const held = answer.present ? answer.held.get(id) : undefined;
      if (held === undefined) this.#runs.stop(id, "taken");
      else if (held.isCancelling) this.#runs.stop(id, "cancelled");
    }
    return answer;
  }

  #extendLease(begun: number): void {
    clearTimeout(this.#fence);
    if (this.#isClosing) return;
    this.#fence = setTimeout(() => this.#runs.stopAll("taken"), this.#options.leaseMs * FENCE - (performance.now() - begun)).unref();
  }

  async #keepHouse(): Promise<void> {
    if (performance.now() - this.#keptHouse < HOUSEKEEPING_MS) return;
    const { database, leaseMs, kind } = this.#options;
    const name = this.#tickets?.name;
    await database.use(mendTickets);
    await database.use(sweepJobs);
    if (kind === "native") this.#report(await database.use((db) => takeOver(db, { worker: this.#id, leaseMs })));
    await this.#tickets?.clean();
    if (name !== undefined && (await database.use((db) => hasLostTickets(db, name)))) this.#isBroken = true;
    this.#keptHouse = performance.now();
  }

  /** Opens, wakes, replaces or closes the pool of tickets, as what is due asks for. */
  async #tend({ nextJobMs, nextTickMs }: Beat): Promise<number> {
    const { kind, pollMs, definitions } = this.#options;
    const isDue = nextJobMs !== undefined && nextJobMs <= 0;
    if (this.#isBroken || this.#known !== definitions.size) await this.#closeTickets();
    if (this.#tickets === undefined && definitions.size > 0 && (kind === "native" || isDue)) await this.#openTickets();
    else if (isDue) this.#tickets?.nudge();
    else if (kind === "embedded" && this.#isIdle) await this.#closeTickets();
    return Math.max(0, Math.min(isDue ? pollMs : (nextJobMs ?? Number.POSITIVE_INFINITY), nextTickMs ?? Number.POSITIVE_INFINITY, this.#pause()));
  }

  /** Milliseconds until a round is due in any case; infinity: only when woken. */
  #pause(): number {
    if (this.#options.kind === "native") return this.#options.pollMs;
    return this.#tickets === undefined ? Number.POSITIVE_INFINITY : this.#options.pollMs;
  }

  get #isIdle(): boolean {
    return this.#tickets !== undefined && this.#tickets.active === 0 && this.#runs.size === 0;
  }

  async #openTickets(): Promise<void> {
    if (this.#isClosing) return;
    const { database, kind, concurrency, projectShare, definitions, onError } = this.#options;
    const names = [...definitions.keys()];
    this.#isBroken = false;
    this.#tickets = await TicketPool.open(
      {
        pool: database.poolWithoutCodes(),
        preparedStatements: kind === "native",
        // Those that still run for a pool which has been replaced have their place here.
        concurrency: Math.max(1, concurrency - this.#runs.size),
        projectShare,
        onTicket: (id) => this.#runs.take(id),
        enter: (name) => database.use((db) => enterPool(db, this.#id, name)),
        onEmpty: () => {
          if (kind === "embedded" && this.#isIdle) this.#rounds.within(LINGER_MS);
        },
        onBroken: () => {
          this.#isBroken = true;
          this.#rounds.within(1_000);
        },
        onError: (message, error) => onError(new Error(`The queue of jobs: ${message}`, { cause: error })),
      },
      names,
    );
    this.#known = names.length;
  }

  /** What the pool still runs goes on, and its tickets are given back: a job that runs needs none. */
  async #closeTickets(): Promise<void> {
    const tickets = this.#tickets;
    if (tickets === undefined) return;
    this.#tickets = undefined;
    await tickets.close(this.#isBroken || this.#runs.size > 0 ? 0 : STOP_MS);
    await this.#options.database.use((db) => leavePool(db, this.#id, tickets.name));
  }

  #report(abandoned: readonly Job[]): void {
    for (const { id, name, status, attempts, maxAttempts } of abandoned) {
      if (status !== "failed") continue;
      this.#options.onError(new BackendError(JOB_ERRORS.jobAbandoned, { message: `The job "${name}" (${id}) is a dead letter: its process ended in attempt ${attempts} of ${maxAttempts}.` }));
    }
  }
}
