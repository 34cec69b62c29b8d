/** SQL text with `$1…$n`, and its values as PostgreSQL reads them (text format; null is NULL). */
export interface Statement {
  readonly sql: string;
  readonly parameters: ReadonlyArray<string | null>;
}

/** A result as PostgreSQL sent it: every value is the text form, unparsed. */
export interface RawResult {
  readonly rows: ReadonlyArray<ReadonlyArray<string | null>>;
  /** e.g. `SELECT 3`, `INSERT 0 1`. */
  readonly command: string;
}

/** A look at what the first statements of a transaction returned, before the others are sent: one more round trip. */
export interface Checkpoint {
  /** Of that many statements. */
  readonly after: number;
  /** Throws what rolls the transaction back, and is thrown on. */
  check(results: readonly RawResult[]): void;
}

/** How a flight of statements ends, decided beforehand or from what they returned. */
export type Ending = "commit" | "rollback" | ((results: readonly RawResult[]) => "commit" | "rollback");
