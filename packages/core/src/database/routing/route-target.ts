import type pg from "pg";

/** A project's database, as something that can be connected to once it is wanted. */
export interface RouteTarget {
  /** Another one for another project or other credentials. */
  readonly id: string;
  /** Names the server: its connections are counted together, and it is up or down as one. */
  readonly cluster: string;
  /** Connections of an embedded database are virtual, and count for nobody else. */
  readonly kind: "native" | "embedded";
  /** Connections at most, where that is fewer than every tenant may have. */
  readonly maxConnections?: number;
  /** Called before the first connection, and again after the last one was closed. */
  open(): Promise<OpenTarget>;
}

/** How to connect, until it is released. */
export interface OpenTarget {
  readonly config: pg.ClientConfig;
  /** Past a pooler that lends connections by the transaction: for LISTEN. */
  readonly direct?: pg.ClientConfig | undefined;
  /** Whether LISTEN hears anything on connections of `config`; not through such a pooler. Default: true. */
  readonly listens?: boolean;
  /** Ends what the client is running. */
  cancel(client: pg.ClientBase): Promise<void>;
  /** Called once the last connection is closed. */
  release(): Promise<void>;
}
