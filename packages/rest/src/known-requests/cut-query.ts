import { hasDeepBrackets } from "../request/json-depth.ts";
import { decodePercent } from "../request/query-string.ts";

/** A query string without the values of its plain filters: requests that differ in those alone have the same `shape`. */
export interface CutQuery {
  readonly shape: string;
  /** What was cut out, decoded, in its order. */
  readonly values: readonly string[];
  /** The text before, between and after the values; one more than there are values. */
  readonly pieces: readonly string[];
}

/** Stands in a shape where a value was. Which parameters have one follows from the rest of the shape. */
const CUT = "\u0001";

/** Parameters whose values decide about the statement, by the last word of their name. */
const SHAPING = new Set(["select", "columns", "on_conflict", "order", "limit", "offset", "and", "or"]);

/** Filters whose value goes to PostgreSQL as it is, whatever is in it. */
const PLAIN_FILTER = /^(?:not\.)?(?:eq|neq|gte?|lte?)\./;

/** @returns undefined where a value can't be decoded, as the parser will say */
export function cutQuery(query: string): CutQuery | undefined {
  const values: string[] = [];
  const pieces: string[] = [];
  let from = 0;
  for (let start = 0; start < query.length; ) {
    const end = endOfPair(query, start);
    const at = valueAt(query, start, end);
    if (at !== undefined) {
      const value = decodedValue(query.slice(at, end));
      if (value === undefined) return undefined;
      values.push(value);
      pieces.push(query.slice(from, at));
      from = end;
    }
    start = end + 1;
  }
  pieces.push(query.slice(from));
  return { shape: pieces.join(CUT), values, pieces };
}

/** The same query with other values. */
export const withValues = ({ pieces }: CutQuery, encoded: readonly string[]): string =>
  pieces.map((piece, index) => (index === 0 ? piece : encoded[index - 1] + piece)).join("");

/** Where the value of a plain filter begins; undefined where there is none. */
function valueAt(query: string, start: number, end: number): number | undefined {
  const equals = query.indexOf("=", start);
  if (equals < 0 || equals >= end) return undefined;
  const name = query.slice(start, equals);
  if (SHAPING.has(name.slice(name.lastIndexOf(".") + 1)) || name.includes("%")) return undefined;
  const found = PLAIN_FILTER.exec(query.slice(equals + 1, Math.min(end, equals + 10)));
  return found === null ? undefined : equals + 1 + found[0].length;
}

function endOfPair(query: string, start: number): number {
  for (let end = start; end < query.length; end++) {
    const code = query.charCodeAt(end);
    if (code === 38 || code === 59) return end;
  }
  return query.length;
}

function decodedValue(encoded: string): string | undefined {
  const text = decodePercent(encoded.includes("+") ? encoded.replaceAll("+", " ") : encoded);
  return text === undefined || text.includes("\0") || hasDeepBrackets(text) ? undefined : text;
}
