import pg from "pg";
import { connectionError, isConnectionFailure } from "./connection-error.ts";
import type { DatabasePool } from "./pool.ts";

export interface ClientPoolOptions {
  readonly kind: "native" | "embedded";
  /** Where to connect: a native server, or the embedded one through its `stream`. */
  readonly config: pg.ClientConfig;
  /** Connections at most. */
  readonly max: number;
  readonly idleTimeoutMs: number;
  /** How long a request waits for a free connection, or for a new one to open. */
  readonly acquireTimeoutMs: number;
  /** Ends what the client is running. Natively a CancelRequest; the embedded database is restarted. */
  readonly cancel: (client: pg.PoolClient) => Promise<void>;
  /** Called once the connections are closed. */
  readonly release?: () => Promise<void>;
}

/** A DatabasePool over `pg.Pool`. */
export class ClientPool implements DatabasePool {
  readonly kind: "native" | "embedded";
  readonly #options: ClientPoolOptions;
  readonly #pool: pg.Pool;
  /** Borrowers, those that wait for their turn included. */
  #users = 0;
  #onUnused: (() => void) | undefined;

  constructor(options: ClientPoolOptions) {
    this.kind = options.kind;
    this.#options = options;
    this.#pool = new pg.Pool({
      ...options.config,
      max: options.max,
      idleTimeoutMillis: options.idleTimeoutMs,
      connectionTimeoutMillis: options.acquireTimeoutMs,
      allowExitOnIdle: true,
    });
    // An idle connection that breaks is dropped by the pool itself; without a listener it would end the process.
    this.#pool.on("error", () => undefined);
  }

  async withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    this.#users++;
    try {
      return await this.#lend(work);
    } finally {
      if (--this.#users === 0) this.#onUnused?.();
    }
  }

  async #lend<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#acquire();
    // A checked-out connection that breaks also fails its query, which is where the error is dealt with.
    const swallow = () => undefined;
    client.on("error", swallow);
    let broken = false;
    try {
      return await work(client);
    } catch (error) {
      broken = isConnectionFailure(error);
      throw broken ? connectionError(error) : error;
    } finally {
      client.off("error", swallow);
      client.release(broken || inTransaction(client));
    }
  }

  async #acquire(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw connectionError(error);
    }
  }

  cancel(client: pg.PoolClient): Promise<void> {
    return this.#options.cancel(client);
  }

  async connect(): Promise<pg.Client> {
    const client = new pg.Client(this.#options.config);
    client.on("error", () => undefined);
    try {
      await client.connect();
    } catch (error) {
      throw connectionError(error);
    }
    return client;
  }

  /** An ended pool serves nobody any more, not even those who wait already: they are let through first. */
  async close(): Promise<void> {
    if (this.#users > 0) await new Promise<void>((resolve) => (this.#onUnused = resolve));
    await this.#pool.end();
    await this.#options.release?.();
  }
}

/** A connection given back in mid-transaction would carry its role and locks to the next user. */
function inTransaction(client: pg.PoolClient): boolean {
  const status = (client as pg.PoolClient & { getTransactionStatus?(): string | null }).getTransactionStatus?.();
  return status !== "I" && status !== null && status !== undefined;
}
