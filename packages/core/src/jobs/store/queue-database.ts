import { setTimeout as sleep } from "node:timers/promises";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { connectionError, isConnectionFailure } from "../../database/connection-error.ts";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { JobTables } from "../job-tables.ts";
import { installJobs } from "./install-jobs.ts";

export interface QueueDatabaseOptions {
  /** The metadata database: directly, or through a pooler that gives each client a session. */
  readonly config: pg.ClientConfig;
  readonly maxConnections: number;
  /** Milliseconds for which a connection is kept that nobody uses. */
  readonly idleTimeoutMs: number;
}

/** Connections to the metadata database for jobs. The first use makes the tables; before there is no connection. */
export class QueueDatabase {
  readonly #options: QueueDatabaseOptions;
  readonly #pool: pg.Pool;
  readonly #db: Kysely<JobTables>;
  #installed: Promise<void> | undefined;
  #closed = false;

  constructor(options: QueueDatabaseOptions) {
    const { config, maxConnections, idleTimeoutMs } = options;
    this.#options = options;
    this.#pool = new pg.Pool({ ...config, max: maxConnections, idleTimeoutMillis: idleTimeoutMs, connectionTimeoutMillis: 10_000, allowExitOnIdle: true, keepAlive: true });
    // A connection that breaks fails its query and is replaced; its event without a listener would end the process.
    this.#pool.on("error", () => undefined);
    this.#pool.on("connect", (client) => client.on("error", () => undefined));
    this.#db = new Kysely({ dialect: new PostgresDialect({ pool: this.#pool }) });
  }

  /**
   * Runs `work` on the tables, which are made if they aren't there.
   * @throws BackendError PLINTH_DATABASE_UNAVAILABLE, PLINTH_CLOSED; what `work` throws
   */
  async use<T>(work: (db: Kysely<JobTables>) => Promise<T>): Promise<T> {
    if (this.#closed) throw new BackendError(CORE_ERRORS.closed);
    try {
      await (this.#installed ??= this.#install());
      return await work(this.#db);
    } catch (error) {
      if (this.#closed) throw new BackendError(CORE_ERRORS.closed, { cause: error });
      throw isConnectionFailure(error) ? connectionError(error) : error;
    }
  }

  /** A connection outside the pool; ended by the caller. */
  client(): pg.Client {
    return new pg.Client({ ...this.#options.config, connectionTimeoutMillis: 10_000, keepAlive: true });
  }

  /**
   * The pool as graphile-worker is to see it. When a server that starts up refuses a connection (57P03), graphile-worker
   * would sleep for up to two minutes; an error without a code it takes for any other and tries again when it is nudged.
   */
  poolWithoutCodes(): pg.Pool {
    const pool = this.#pool;
    const connect = (callback?: (error: Error | undefined, client: pg.PoolClient | undefined, done: (release?: boolean) => void) => void) => {
      if (callback === undefined) return pool.connect().catch((error: unknown) => Promise.reject(withoutCode(error)));
      return pool.connect((error, client, done) => callback(error && withoutCode(error), client, done));
    };
    return Object.create(pool, { connect: { value: connect } }) as pg.Pool;
  }

  /** Waits for connections that are in use, but no longer than `limitMs`. */
  async close(limitMs: number): Promise<void> {
    this.#closed = true;
    const limit = new AbortController();
    await Promise.race([this.#db.destroy(), sleep(limitMs, undefined, { signal: limit.signal }).catch(() => undefined)]);
    limit.abort();
  }

  #install(): Promise<void> {
    return installJobs(this.#db, this.#pool).catch((error: unknown) => {
      this.#installed = undefined;
      throw error;
    });
  }
}

const withoutCode = (error: unknown): Error => new Error(error instanceof Error ? error.message : String(error), { cause: error });
