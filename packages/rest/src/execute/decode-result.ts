import type { RawResult } from "@plinth/core";
import type { MainQuery, ResultSet } from "../query/main-query.ts";

const NO_ROWS: ResultSet = { tableTotal: null, queryTotal: 0, location: [], body: "", gucHeaders: null, gucStatus: null, inserted: null };

const count = (text: string | null): number | null => (text === null ? null : Number(text));

/** From the text that PostgreSQL sent. */
const DECODERS: { readonly [K in keyof ResultSet]: (text: string | null) => ResultSet[K] } = {
  tableTotal: count,
  queryTotal: Number,
  location: (text) => (text === null ? [] : (JSON.parse(text) as Array<[string, string]>)),
  body: (text) => text ?? "",
  gucHeaders: (text) => text,
  gucStatus: (text) => text,
  inserted: count,
};

/** The one row of a main statement, whose columns are named by the query. */
export function decodeResult(columns: MainQuery["columns"], raw: RawResult | undefined): ResultSet {
  const row = raw?.rows[0];
  if (row === undefined) return NO_ROWS;
  const decoded = columns.map((name, index) => [name, DECODERS[name](row[index] ?? null)]);
  return { ...NO_ROWS, ...(Object.fromEntries(decoded) as Partial<ResultSet>) };
}

/** EXPLAIN's text: a row per line as `text`, a single row as `json`. */
export const decodePlanText = (raw: RawResult | undefined): ResultSet => ({
  ...NO_ROWS,
  body: (raw?.rows ?? []).map(([line]) => `${line ?? ""}\n`).join(""),
});
