import type { RowRange } from "../request/row-range.ts";
import type { Parameters } from "./parameters.ts";

export const isAllRows = (range: RowRange): boolean => range.limit === undefined && range.offset === 0;

/** ` limit $1 offset $2`. A limit always comes with its offset: the first page is then the same statement as the next. */
export function rangeSql(range: RowRange, parameters: Parameters): string {
  if (isAllRows(range)) return "";
  const limit = range.limit === undefined ? "" : ` limit ${parameters.bind(String(range.limit))}`;
  return `${limit} offset ${parameters.bind(String(range.offset))}`;
}
