/** Rows from `offset` on (0-based), `limit` of them (undefined: all). limit 0 stands for PostgREST's empty "limit=0" range. */
export interface RowRange {
  readonly offset: number;
  readonly limit: number | undefined;
}

export const ALL_ROWS: RowRange = { offset: 0, limit: undefined };
