import { ANSWER, ANSWER_CANCELLED, readRecords, REQUEST } from "../wire/record.ts";
import { BOARD, createStatusBoard } from "../wire/status-board.ts";
import type { WireError } from "../wire/backend-messages.ts";
import { ClientSession, type SessionHost } from "./client-session.ts";
import type { DatabaseWorker, DatabaseWorkerEvents } from "./database-worker.ts";
import { cannotConnect, SESSION_ERRORS } from "./session-errors.ts";
import { VirtualStream } from "./virtual-stream.ts";
import { type Overrun, Watchdog } from "./watchdog.ts";

export interface BackendHostOptions {
  /** Starts the thread and opens the database in it. */
  readonly start: (board: Int32Array<SharedArrayBuffer>, events: DatabaseWorkerEvents) => Promise<DatabaseWorker>;
  readonly statementTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
  /** Milliseconds without a client after which the thread is closed, until the next client comes. */
  readonly sleepAfterMs: number | undefined;
}

/** How long a close in order may take, in milliseconds. */
const CLOSE_TIMEOUT = 30_000;

/** The clients of one database, and the thread that serves them: opened, watched, ended and opened again. */
export class BackendHost implements SessionHost {
  readonly #options: BackendHostOptions;
  readonly #board = createStatusBoard();
  readonly #watchdog: Watchdog;
  readonly #sessions = new Map<number, ClientSession>();
  #lastId = 0;
  #worker: DatabaseWorker | undefined;
  #opening: Promise<DatabaseWorker> | undefined;
  /** The thread that is closed because nobody needs it, until it has ended. */
  #fallingAsleep: { readonly worker: DatabaseWorker; readonly ended: Promise<void> } | undefined;
  #sleepTimer: NodeJS.Timeout | undefined;
  #outstanding = 0;
  #closed = false;

  constructor(options: BackendHostOptions) {
    this.#options = options;
    const { statementTimeoutMs, idleInTransactionTimeoutMs } = options;
    this.#watchdog = new Watchdog({
      board: this.#board,
      statementTimeoutMs: (client) => this.#sessions.get(client)?.statementTimeoutMs ?? statementTimeoutMs,
      idleInTransactionTimeoutMs,
      intervalMs: Math.min(250, Math.max(20, Math.min(statementTimeoutMs, idleInTransactionTimeoutMs) / 10)),
      isBusy: () => this.#outstanding > 0,
      onOverrun: (overrun) => this.#overrun(overrun),
    });
  }

  /** The running thread; started if there is none. */
  open(): Promise<DatabaseWorker> {
    if (this.#worker) return Promise.resolve(this.#worker);
    this.#opening ??= this.#awake().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  /** The other end of a new virtual connection. */
  connect(): VirtualStream {
    return new VirtualStream((stream) => new ClientSession(++this.#lastId, this, stream));
  }

  start(session: ClientSession): void {
    this.open().then(
      (worker) => {
        if (session.isOver) return;
        clearTimeout(this.#sleepTimer);
        this.#sessions.set(session.id, session);
        session.welcome(worker.parameters);
      },
      (error: unknown) => session.fail(cannotConnect(error instanceof Error ? error.message : String(error))),
    );
  }

  post(session: ClientSession, head: number, parts: readonly Uint8Array[]): void {
    const kind = head & 0xff;
    this.#worker?.outbox.append(session.id, head, parts);
    if (kind !== REQUEST.batch && kind !== REQUEST.end) return;
    if (this.#outstanding++ === 0) this.#worker?.keepAlive(true);
    this.#watchdog.start();
  }

  /** Ends what the client with this process id has asked for. @returns whether there is such a client */
  cancel(processId: number, secretKey?: number): boolean {
    const session = this.#sessions.get(processId);
    if (!session || (secretKey !== undefined && session.secretKey !== secretKey)) return false;
    if (session.outstanding === 0) return true;
    this.post(session, REQUEST.forget | ANSWER_CANCELLED, []);
    this.#watchdog.cancel(session.id);
    return true;
  }

  /** Ends the thread at once and all connections with it, then opens the database again. */
  async restart(): Promise<void> {
    this.#replace(() => SESSION_ERRORS.restarted);
    await this.open();
  }

  /** Ends the thread at once and for good: it must not write any more. */
  async abandon(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker ?? (await this.#opening?.catch(() => undefined));
    this.#worker = undefined;
    this.#abandonSessions(() => SESSION_ERRORS.closed);
    await Promise.all([worker?.terminate(), this.#fallingAsleep?.worker.terminate()]);
  }

  /** Closes the database in order, so that all of it is in the files. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#opening?.catch(() => undefined);
    const worker = this.#worker;
    this.#worker = undefined;
    this.#abandonSessions(() => SESSION_ERRORS.closed);
    await Promise.all([worker?.close(CLOSE_TIMEOUT), this.#fallingAsleep?.ended]);
  }

  /** Nobody waits for an answer. */
  get isIdle(): boolean {
    return this.#outstanding === 0;
  }

  /** No thread runs; there will be one when a client comes. */
  get isAsleep(): boolean {
    return this.#worker === undefined && this.#opening === undefined;
  }

  async #start(): Promise<DatabaseWorker> {
    if (this.#closed) throw new Error("it is closed");
    this.#board.fill(0);
    const worker = await this.#options.start(this.#board, {
      answers: (records) => this.#deliver(records),
      lost: (reason) => this.#lost(reason),
    });
    worker.keepAlive(false);
    this.#worker = worker;
    this.#sleepWhenAlone();
    return worker;
  }

  /** Two threads must not have the files at the same time. */
  async #awake(): Promise<DatabaseWorker> {
    await this.#fallingAsleep?.ended;
    return this.#start();
  }

  #sleepWhenAlone(): void {
    const { sleepAfterMs } = this.#options;
    clearTimeout(this.#sleepTimer);
    if (sleepAfterMs === undefined || this.#sessions.size > 0) return;
    this.#sleepTimer = setTimeout(() => this.#sleep(), sleepAfterMs).unref();
  }

  #sleep(): void {
    const worker = this.#worker;
    if (!worker || this.#sessions.size > 0) return;
    this.#worker = undefined;
    // A failure shows to whoever opens it next.
    const ended = worker.close(CLOSE_TIMEOUT).catch(() => undefined).finally(() => (this.#fallingAsleep = undefined));
    this.#fallingAsleep = { worker, ended };
  }

  #deliver(records: ArrayBuffer): void {
    for (const { client, head, body } of readRecords(records)) {
      const session = this.#sessions.get(client);
      if (!session) continue;
      if (head & ANSWER.done) {
        this.#watchdog.answered(client);
        if (--this.#outstanding === 0) this.#worker?.keepAlive(false);
      }
      session.answer(head, body);
      if (session.isOver) this.#sessions.delete(client);
    }
    this.#sleepWhenAlone();
  }

  #overrun({ kind, client }: Overrun): void {
    if (kind === "idle") {
      const session = this.#sessions.get(client);
      if (session && this.#outstanding > session.outstanding) session.hangUpWith(SESSION_ERRORS.idleInTransaction);
      return;
    }
    const error = kind === "cancelled" ? SESSION_ERRORS.cancelled : SESSION_ERRORS.statementTimeout;
    this.#replace((id) => (id === client ? error : SESSION_ERRORS.restarted));
    // Its failure shows to whoever connects next.
    this.open().catch(() => undefined);
  }

  #lost(reason: Error): void {
    const running = this.#board[BOARD.running];
    this.#worker = undefined;
    // For whoever runs the process; clients are told no more than that it happened.
    process.emitWarning(`The embedded database stopped: ${reason.message}`);
    const victim: WireError = { severity: "FATAL", sqlstate: "58000", message: "the embedded database stopped while it ran this, and was started again" };
    this.#abandonSessions((id) => (id === running ? victim : SESSION_ERRORS.crashed));
  }

  /** Ends the thread; the next `open` waits until it has ended. */
  #replace(errorFor: (client: number) => WireError): void {
    const worker = this.#worker;
    if (!worker) return;
    this.#worker = undefined;
    const ended = worker.terminate();
    this.#opening = ended.then(() => this.#start()).finally(() => (this.#opening = undefined));
    this.#opening.catch(() => undefined);
    this.#abandonSessions(errorFor);
  }

  #abandonSessions(errorFor: (client: number) => WireError): void {
    clearTimeout(this.#sleepTimer);
    this.#watchdog.stop();
    this.#outstanding = 0;
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) session.fail(errorFor(session.id));
  }
}
