import { readInteger } from "./read-integer.ts";
import type { RowRange } from "./row-range.ts";
import { ALL_ROWS } from "./row-range.ts";

type Pairs = ReadonlyArray<readonly [name: string, value: string]>;

/**
 * `limit` and `offset` of every level, by the level's `….limit`. What isn't a number is ignored, except that a limit which
 * isn't leaves no rows beside an offset: PostgREST's doing.
 */
export function parseRangeParameters(limits: Pairs, offsets: Pairs): ReadonlyMap<string, RowRange> {
  const ranges = new Map<string, RowRange>();
  for (const [name, value] of limits) ranges.set(name, { offset: 0, limit: readInteger(value) });
  const named = new Map(offsets.map(([name, value]) => [limitName(name), readInteger(value) ?? 0]));
  for (const [name, offset] of named) {
    const limited = ranges.get(name);
    ranges.set(name, limited === undefined ? { ...ALL_ROWS, offset } : { offset, limit: limited.limit ?? 0 });
  }
  return ranges;
}

function limitName(offsetName: string): string {
  return offsetName.slice(0, offsetName.length - "offset".length) + "limit";
}
