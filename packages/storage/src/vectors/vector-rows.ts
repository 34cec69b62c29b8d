import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";

type Row = readonly (string | null)[];

/** @param column a timestamptz, as whole seconds since 1970 */
export const secondsOf = (column: string): string => `floor(extract(epoch from ${column}))::bigint`;

export const likePrefix = (prefix = ""): string => `${prefix.replace(/[\\%_]/g, "\\$&")}%`;

/** A page of rows, of which one more was asked for: after the last, where there is more. The first column is what they are ordered by. */
export function cut(rows: readonly Row[], maxResults: number): { readonly rows: readonly Row[]; readonly last: { readonly nextToken?: string } } {
  const shown = rows.slice(0, maxResults);
  const nextToken = rows.length > maxResults ? shown.at(-1)?.[0] : undefined;
  return { rows: shown, last: typeof nextToken === "string" ? { nextToken } : {} };
}

export const noSuch = (name: string): StorageError => new StorageError(STORAGE_ERRORS.vectorNotFound, { message: `resource "${name}" not found` });

export const invalid = (message: string): StorageError => new StorageError(STORAGE_ERRORS.invalidParameter, { message });
