import type pg from "pg";
import type { DatabasePool } from "./pool.ts";

/**
 * A pool that is opened by its first use. Whose project a request is for is known before who sends it, and a key that
 * doesn't hold must not start a database.
 */
export class LazyPool implements DatabasePool {
  readonly kind: "native" | "embedded";
  readonly #open: () => Promise<DatabasePool>;
  #pool: Promise<DatabasePool> | undefined;
  #closed = false;

  /** @param open called once, and again after it has failed */
  constructor(kind: "native" | "embedded", open: () => Promise<DatabasePool>) {
    this.kind = kind;
    this.#open = open;
  }

  async withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return (await this.#opened()).withClient(work);
  }

  async cancel(client: pg.PoolClient): Promise<void> {
    await (await this.#opened()).cancel(client);
  }

  async connect(): Promise<pg.Client> {
    return (await this.#opened()).connect();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const pool = await this.#pool?.catch(() => undefined);
    await pool?.close();
  }

  #opened(): Promise<DatabasePool> {
    if (this.#closed && !this.#pool) throw new Error("The pool was closed before it was used.");
    this.#pool ??= this.#open().catch((error: unknown) => {
      this.#pool = undefined;
      throw error;
    });
    return this.#pool;
  }
}
