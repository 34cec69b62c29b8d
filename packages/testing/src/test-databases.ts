import type pg from "pg";

export type DatabaseKind = "native" | "embedded";

/** A database for one test, empty when made. */
export interface TestDatabase {
  /** Connects as its owner, who is superuser. Hand a copy to `new pg.Client` or `new pg.Pool`. */
  readonly config: pg.ClientConfig;
  /** Deletes it, whoever is connected. */
  drop(): Promise<void>;
}

/** Makes databases of one kind. */
export interface TestDatabases {
  readonly kind: DatabaseKind;
  create(): Promise<TestDatabase>;
}
