/**
 * Rows from `offset` on (0-based), `limit` of them (undefined: all). limit 0 stands for PostgREST's empty "limit=0" range.
 * Of an embedded level both may be negative, if the client asked so: PostgreSQL refuses that.
 */
export interface RowRange {
  readonly offset: number;
  readonly limit: number | undefined;
}

export const ALL_ROWS: RowRange = { offset: 0, limit: undefined };

/** The range of `limit=0`: nothing to fetch, yet nothing wrong. */
export const NO_ROWS: RowRange = { offset: 0, limit: 0 };

export function isAllRows({ offset, limit }: RowRange): boolean {
  return offset === 0 && limit === undefined;
}

export function isEmptyRange({ limit }: RowRange): boolean {
  return limit !== undefined && limit <= 0;
}

/** Ends right before row 0, as `limit=0` alone does; `limit=0&offset=1` doesn't, and PostgREST refuses that one. */
export function isLimitZero({ offset, limit }: RowRange): boolean {
  return limit !== undefined && offset + limit === 0;
}

/** No more than `maxRows` of the range (undefined: any number). */
export function restrictRange(maxRows: number | undefined, range: RowRange): RowRange {
  if (maxRows === undefined) return range;
  if (range.limit !== undefined && range.limit <= maxRows) return range;
  return { offset: range.offset, limit: maxRows };
}

/** The rows in both. */
export function intersectRanges(first: RowRange, second: RowRange): RowRange {
  const offset = Math.max(first.offset, second.offset);
  const end = Math.min(endOf(first), endOf(second));
  return { offset, limit: end === Number.POSITIVE_INFINITY ? undefined : end - offset };
}

function endOf({ offset, limit }: RowRange): number {
  return limit === undefined ? Number.POSITIVE_INFINITY : offset + limit;
}
