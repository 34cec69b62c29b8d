import type { Connection } from "./tenant-line.ts";

const LONGEST_INTERVAL_MS = 1_000;

/** Closes connections that were idle for too long. */
export class Sweep {
  readonly #connections: ReadonlySet<Connection>;
  readonly #idleTimeoutMs: number;
  readonly #close: (connection: Connection) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(connections: ReadonlySet<Connection>, idleTimeoutMs: number, close: (connection: Connection) => void) {
    this.#connections = connections;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#close = close;
  }

  start(): void {
    this.#timer ??= setTimeout(() => this.#run(), Math.min(LONGEST_INTERVAL_MS, Math.ceil(this.#idleTimeoutMs / 4))).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #run(): void {
    this.#timer = undefined;
    const oldest = performance.now() - this.#idleTimeoutMs;
    for (const connection of this.#connections) if (connection.state === "idle" && connection.lastUsedAt <= oldest) this.#close(connection);
    if (this.#connections.size > 0) this.start();
  }
}
