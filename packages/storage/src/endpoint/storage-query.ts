import type { RawResult, Statement } from "@plinth/core";

/** As whom a statement is run: whoever asks, or the service role, which passes over row level security. */
export type Actor = "caller" | "service";

export interface QueryOptions {
  /** Nothing is kept of what the statements do: they only show whether they may. Default: false. */
  readonly rollback?: boolean;
  readonly readOnly?: boolean;
  /** Goes on although the client is gone: to end what has begun. Default: false. */
  readonly unstoppable?: boolean;
}

/** A door to a project's database. */
export interface StorageQuery {
  /**
   * Sends statements in one transaction and one round trip.
   * @throws StorageError of what PostgreSQL raises
   */
  query(actor: Actor, statements: readonly Statement[], options?: QueryOptions): Promise<readonly RawResult[]>;
}
