import type pg from "pg";

/** A bounded set of connections to one project's database, native or embedded alike. */
export interface DatabasePool {
  readonly kind: "native" | "embedded";
  /**
   * Lends a connection for `work`, waits in turn where none is free.
   * A connection that `work` left in doubt is destroyed rather than returned.
   * @throws BackendError PLINTH_DATABASE_UNAVAILABLE, PLINTH_DATABASE_BUSY
   */
  withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  /** Asks the server to end what `client` is running. Embedded: terminates and reopens the instance. */
  cancel(client: pg.PoolClient): Promise<void>;
  /** A connection outside the pool, for LISTEN; ended by the caller. */
  connect(): Promise<pg.Client>;
  close(): Promise<void>;
}
