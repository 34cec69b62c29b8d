import type { ResultColumn } from "./result-columns.ts";

/** A main statement before it is wrapped in EXPLAIN or not. */
export interface MainSql {
  readonly sql: string;
  readonly columns: readonly ResultColumn[];
}
