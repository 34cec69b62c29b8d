import type { ResultColumnName } from "./main-query.ts";

export type ResultColumn = readonly [name: ResultColumnName, sql: string];

/** What SQL left for the response, "" where it didn't: https://docs.postgrest.org/en/stable/references/transactions.html#response-headers */
const SETTINGS: readonly ResultColumn[] = [
  ["gucHeaders", "current_setting('response.headers', true)"],
  ["gucStatus", "current_setting('response.status', true)"],
];

/**
 * The columns of a main statement. The body comes before the settings: computing it may run functions
 * that set them. What was not asked for has no column at all.
 */
export const resultColumns = (body: ResultColumn, queryTotal: string, more: ReadonlyArray<ResultColumn | undefined> = []): readonly ResultColumn[] => [
  body,
  ["queryTotal", queryTotal],
  ...SETTINGS,
  ...more.filter((column) => column !== undefined),
];

export const selectColumns = (columns: readonly ResultColumn[]): string => `select ${columns.map(([, sql]) => sql).join(", ")}`;

export const columnNames = (columns: readonly ResultColumn[]): readonly ResultColumnName[] => columns.map(([name]) => name);
