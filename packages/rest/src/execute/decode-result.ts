import type { RawResult } from "@plinth/core";
import type { MainQuery, ResultColumnName, ResultSet } from "../query/main-query.ts";

const NO_ROWS: ResultSet = { tableTotal: null, queryTotal: 0, location: [], body: "", gucHeaders: null, gucStatus: null, inserted: null };

const count = (text: string | null): number | null => (text === null ? null : Number(text));

/** A setting that was set in an earlier transaction of the connection is empty rather than unknown. */
function setting(text: string | null): string | null {
  return text === "" ? null : text;
}

/** From the text that PostgreSQL sent. */
const DECODERS: { readonly [K in ResultColumnName]: (text: string | null) => ResultSet[K extends keyof ResultSet ? K : "body"] } = {
  tableTotal: count,
  queryTotal: Number,
  location: (text) => (text === null ? [] : (JSON.parse(text) as Array<[string, string]>)),
  body: (text) => text ?? "",
  encodedBody: (text) => Buffer.from(text ?? "", "base64"),
  gucHeaders: setting,
  gucStatus: setting,
  inserted: count,
};

/** The one row of a main statement, whose columns are named by the query. */
export function decodeResult(columns: MainQuery["columns"], raw: RawResult | undefined): ResultSet {
  const row = raw?.rows[0];
  if (row === undefined) return NO_ROWS;
  const result: Partial<Record<keyof ResultSet, unknown>> = { ...NO_ROWS };
  for (let index = 0; index < columns.length; index++) {
    const name = columns[index]!;
    result[name === "encodedBody" ? "body" : name] = DECODERS[name](row[index] ?? null);
  }
  return result as unknown as ResultSet;
}

/** EXPLAIN's text: a row per line as `text`, a single row as `json`. */
export const decodePlanText = (raw: RawResult | undefined): ResultSet => ({
  ...NO_ROWS,
  body: (raw?.rows ?? []).map(([line]) => `${line ?? ""}\n`).join(""),
});
