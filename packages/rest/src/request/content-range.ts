import type { RowRange } from "./row-range.ts";

/** `0-24/573`, or `*` for what is empty or unknown. Both ends are included. */
export function contentRange(lower: number, upper: number, total: number | undefined): string {
  const range = total !== 0 && lower <= upper ? `${lower}-${upper}` : "*";
  return `${range}/${total ?? "*"}`;
}

export interface RangeStatus {
  /** 416 where the rows asked for begin behind the last one, 206 where there are more than these. */
  readonly status: 200 | 206 | 416;
  readonly contentRange: string;
}

/**
 * @param rows how many rows were found in the range
 * @param total how many there are in all, if that was counted
 */
export function rangeStatus({ offset }: RowRange, rows: number, total: number | undefined): RangeStatus {
  return { status: statusOf(offset, rows, total), contentRange: contentRange(offset, offset + rows - 1, total) };
}

function statusOf(offset: number, rows: number, total: number | undefined): RangeStatus["status"] {
  if (total === undefined) return 200;
  if (offset > total) return 416;
  return rows < total ? 206 : 200;
}
