import { invalidRange, putLimitNotAllowed } from "../errors/api-request-errors.ts";
import { readInteger } from "./read-integer.ts";
import type { RowRange } from "./row-range.ts";
import { ALL_ROWS, intersectRanges, isAllRows, isEmptyRange, isLimitZero, NO_ROWS } from "./row-range.ts";

export interface RequestRanges {
  readonly topLevelRange: RowRange;
  /** Every level's; "limit" is the top level's. */
  readonly ranges: ReadonlyMap<string, RowRange>;
}

/**
 * @param parameters what limit and offset say
 * @param header the Range header; only GET heeds it (RFC 9110, section 14.2)
 * @throws BackendError PGRST103 for a range that can't be, PGRST114 for any range of a PUT
 */
export function requestRanges(method: string, parameters: ReadonlyMap<string, RowRange>, header: string | null): RequestRanges {
  const headerRange = method === "GET" && header !== null ? parseRangeHeader(header) : ALL_ROWS;
  const limitRange = parameters.get("limit") ?? ALL_ROWS;
  const topLevelRange = isLimitZero(limitRange) ? NO_ROWS : intersectRanges(headerRange, limitRange);
  if (isEmptyRange(topLevelRange) && !isLimitZero(limitRange)) {
    throw invalidRange({ kind: isEmptyRange(headerRange) ? "lowerAboveUpper" : "negativeLimit" });
  }
  if (method === "PUT" && !isAllRows(topLevelRange)) throw putLimitNotAllowed();
  return { topLevelRange, ranges: new Map(parameters).set("limit", topLevelRange) };
}

/** `0-24`, `25-`; what has another form is ignored. */
function parseRangeHeader(header: string): RowRange {
  const found = /^(\d+)-(\d*)$/.exec(header);
  const offset = found?.[1] === undefined ? undefined : readInteger(found[1]);
  if (offset === undefined) return ALL_ROWS;
  const last = readInteger(found?.[2] ?? "");
  return { offset, limit: last === undefined ? undefined : last - offset + 1 };
}
