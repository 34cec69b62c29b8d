import { BOARD } from "../wire/status-board.ts";

/**
 * Milliseconds that a batch may go on running although its client has cancelled it. To end it takes a restart, which
 * everybody notices; most are over sooner than that.
 */
const CANCEL_GRACE = 1_000;

/** What is to be ended. */
export type Overrun = { readonly kind: "cancelled" | "statement" | "idle"; readonly client: number };

export interface WatchdogOptions {
  readonly board: Int32Array<SharedArrayBuffer>;
  /** Milliseconds that a client's batch may run. */
  statementTimeoutMs(client: number): number;
  /** Milliseconds that a transaction may leave the backend idle while other clients wait for it. */
  readonly idleInTransactionTimeoutMs: number;
  /** How often to look, in milliseconds: the times above are kept as exactly as this. */
  readonly intervalMs: number;
  /** Some client waits for an answer. */
  isBusy(): boolean;
  onOverrun(overrun: Overrun): void;
}

/** Looks from outside at a thread that answers no messages while it is in a statement. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #cancelled = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #seen = "";
  #since = 0;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** To be called when work begins; it stops by itself when there is none. */
  start(): void {
    this.#timer ??= setInterval(() => this.#look(), this.#options.intervalMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#seen = "";
    this.#cancelled.clear();
  }

  /** Ends what the client runs now, if it goes on for long. */
  cancel(client: number): void {
    this.#cancelled.add(client);
    this.#look();
  }

  /** The client's statement has ended by itself. */
  answered(client: number): void {
    if (this.#cancelled.size > 0) this.#cancelled.delete(client);
  }

  #look(): void {
    if (!this.#options.isBusy()) return this.stop();
    const { board, onOverrun } = this.#options;
    const running = Atomics.load(board, BOARD.running);
    const owner = Atomics.load(board, BOARD.owner);
    const elapsed = this.#elapsed(`${running} ${owner} ${Atomics.load(board, BOARD.batch)}`);
    if (running !== 0) {
      if (this.#cancelled.has(running) && elapsed >= CANCEL_GRACE) return onOverrun({ kind: "cancelled", client: running });
      if (elapsed >= this.#options.statementTimeoutMs(running)) onOverrun({ kind: "statement", client: running });
    } else if (owner !== 0 && elapsed >= this.#options.idleInTransactionTimeoutMs) onOverrun({ kind: "idle", client: owner });
  }

  /** Milliseconds for which the board has shown the same. */
  #elapsed(state: string): number {
    const now = performance.now();
    if (state !== this.#seen) {
      this.#seen = state;
      this.#since = now;
    }
    return now - this.#since;
  }
}
