import type { RowRange } from "../request/row-range.ts";

/** `0-9/100`; `*` stands for no rows, and for a total that wasn't counted. */
export function contentRange(first: number, last: number, total: number | null): string {
  const rows = total !== 0 && first <= last ? `${first}-${last}` : "*";
  return `${rows}/${total ?? "*"}`;
}

/** Status and Content-Range of rows that a range was asked of. */
export function rangeStatus(range: RowRange, rows: number, total: number | null): { readonly status: 200 | 206 | 416; readonly contentRange: string } {
  const last = range.offset + rows - 1;
  return { status: statusOf(range.offset, rows, total), contentRange: contentRange(range.offset, last, total) };
}

function statusOf(offset: number, rows: number, total: number | null): 200 | 206 | 416 {
  if (total === null) return 200;
  if (offset > total) return 416;
  return rows < total ? 206 : 200;
}
