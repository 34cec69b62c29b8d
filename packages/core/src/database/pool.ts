import type pg from "pg";
import type { RawResult } from "./statement.ts";

/** What a connection is wanted for. */
export interface ClientUse {
  /** Nothing will be written: a replica may serve it, where there is one. Default: false. */
  readonly readOnly?: boolean;
  /** Done again on another connection, after a failure, it does no harm. Default: false. */
  readonly repeatable?: boolean;
  /** Gives up waiting when it fires. */
  readonly signal?: AbortSignal | undefined;
}

/** A bounded set of connections to one project's database, native or embedded alike. */
export interface DatabasePool {
  readonly kind: "native" | "embedded";
  /**
   * Lends a connection for `work`, waits in turn where none is free.
   * A connection that `work` left in doubt is destroyed rather than returned.
   * @throws BackendError PLINTH_DATABASE_UNAVAILABLE, PLINTH_DATABASE_BUSY, both with Retry-After
   */
  withClient<T>(work: (client: pg.ClientBase) => Promise<T>, use?: ClientUse): Promise<T>;
  /** Asks the server to end what `client` is running. Embedded: terminates and reopens the instance. */
  cancel(client: pg.ClientBase): Promise<void>;
  /** A connection for the caller alone, who ends it. It counts as the others do. */
  connect(): Promise<pg.Client>;
  /** See `Tenant.watch`. */
  watch(channel: string, onPayload: (payload: string) => void): ChannelWatch;
  /** Waits for work in flight, within limits. Whoever comes later is told PLINTH_CLOSED. */
  close(): Promise<void>;
}

export interface WatchStart {
  /** The epoch since when nothing is missed. */
  readonly epoch: number;
  /** What the database answered in this epoch. Undefined where it was not asked, or failed to answer: then it is to be asked as usual. */
  readonly answer: RawResult["rows"] | undefined;
}

/** See `Tenant.watch`. */
export interface ChannelWatch {
  /**
   * 0 while nobody listens; else a number that is another one whenever notifications may have been missed in between.
   * Where LISTEN is not to be had (a standby, a pooler that shares connections) it changes with time, about once a second.
   */
  readonly epoch: number;
  /**
   * Sees to it that somebody listens: opens a connection if there is none.
   * @param question one statement that only reads; where LISTEN has still to be sent, it goes along in the same round trip
   * @throws BackendError as `withClient`
   */
  listen(question?: string): Promise<WatchStart>;
  /** Resolves when everything that was notified before this call has been heard. Nothing where nobody listens. */
  flush(): Promise<void>;
  stop(): void;
}
