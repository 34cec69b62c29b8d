/** A migration as it is written. */
export interface MigrationFile {
  /** e.g. `0001_todos.sql`; the order of the names is the order they are applied in. */
  readonly name: string;
  /** Any number of statements. */
  readonly sql: string;
}

/** What became of a migration. */
export interface MigrationResult {
  readonly name: string;
  /** "present": applied before; "changed": applied before, and not the same any more. */
  readonly outcome: "applied" | "present" | "changed";
  readonly milliseconds: number;
}
