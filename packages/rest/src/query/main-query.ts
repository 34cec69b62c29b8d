import type { Statement } from "@plinth/core";

/** The statements of one request, in the order they run in its transaction. */
export interface MainQuery {
  /** db-pre-request's call. */
  readonly preRequest: Statement | undefined;
  readonly main: Statement;
  /** What `main`'s columns are: only those that this request's answer needs. EXPLAIN has none of them. */
  readonly columns: readonly ResultColumnName[];
  /** EXPLAIN of the count, for count=planned and estimated. */
  readonly explainCount: Statement | undefined;
}

/** What a column of `main` says; `encodedBody` is a body of bytes, in base64. */
export type ResultColumnName = keyof ResultSet | "encodedBody";

/**
 * What `main` returns: one row, columns as `MainQuery.columns` says.
 * `body` leaves as PostgreSQL built it, unparsed.
 */
export interface ResultSet {
  /** Rows without limit and offset; null where not counted. */
  readonly tableTotal: number | null;
  /** Rows in the body. */
  readonly queryTotal: number;
  /** Key filters of a single inserted row, e.g. ["id", "eq.42"]; empty where there is none. */
  readonly location: ReadonlyArray<readonly [string, string]>;
  readonly body: string | Uint8Array;
  /** response.headers GUC, a JSON text. */
  readonly gucHeaders: string | null;
  /** response.status GUC. */
  readonly gucStatus: string | null;
  /** Rows newly inserted by an upsert; null otherwise. */
  readonly inserted: number | null;
}
