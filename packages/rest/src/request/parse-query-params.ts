import { queryParamError } from "../errors/api-request-errors.ts";
import type { Filter } from "./filter.ts";
import { parseColumns, parseFilter, parseLogic, parseOnConflict, parseOrder, parseSelect } from "./parse-parameters.ts";
import type { EmbedPath, QueryParams } from "./query-params.ts";
import { parseRangeParameters } from "./parse-range-parameters.ts";
import type { QueryPair } from "./query-string.ts";
import { canonicalQuery, parseQueryString } from "./query-string.ts";

type Pair = readonly [name: string, value: string];

/** Which parameters are what, by the last word of their name: `rel.order` is an order as well. */
interface SortedPairs {
  readonly order: Pair[];
  readonly limit: Pair[];
  readonly offset: Pair[];
  readonly logic: Pair[];
  readonly filter: Pair[];
  readonly reserved: Map<string, string>;
}

const RESERVED: ReadonlySet<string> = new Set(["select", "columns", "on_conflict"]);

const EMBEDDABLE: Readonly<Record<string, "order" | "limit" | "offset" | "logic">> = Object.assign(Object.create(null), {
  order: "order", limit: "limit", offset: "offset", and: "logic", or: "logic",
});

function sortPairs(pairs: readonly QueryPair[]): SortedPairs {
  const sorted: SortedPairs = { order: [], limit: [], offset: [], logic: [], filter: [], reserved: new Map() };
  const seen = new Set<string>();
  for (const [name, value] of pairs) {
    const isFirst = !RESERVED.has(name) || !seen.has(name);
    if (RESERVED.has(name)) seen.add(name);
    if (value === undefined || !isFirst) continue;
    if (RESERVED.has(name)) sorted.reserved.set(name, value);
    else sorted[EMBEDDABLE[name.slice(name.lastIndexOf(".") + 1)] ?? "filter"].push([name, value]);
  }
  return sorted;
}

/**
 * @param readsRoutine the request calls a routine by GET or HEAD: parameters that aren't filters are its arguments
 * @throws BackendError PGRST100
 */
export function parseQueryParams(query: string, readsRoutine: boolean): QueryParams {
  const pairs = parseQueryString(query, (problem) => queryParamError("failed to decode the query string", problem));
  const sorted = sortPairs(pairs);
  const columns = sorted.reserved.get("columns");
  const onConflict = sorted.reserved.get("on_conflict");
  const order = sorted.order.map(([name, value]) => parseOrder(name, value));
  const logic = sorted.logic.map(([name, value]) => parseLogic(name, value));
  const columnSet = columns === undefined ? undefined : new Set(parseColumns(columns));
  const select = parseSelect(sorted.reserved.get("select") ?? "*");
  const parsed = sorted.filter.map(([name, value]) => parseFilter(name, value, readsRoutine));
  return {
    canonical: canonicalQuery(pairs),
    ranges: parseRangeParameters(sorted.limit, sorted.offset),
    order,
    logic,
    columns: columnSet,
    select,
    ...sortFilters(parsed),
    filterFields: new Set(sorted.filter.map(([name]) => name)),
    onConflict: onConflict === undefined ? undefined : parseOnConflict(onConflict),
  };
}

type SortedFilters = Pick<QueryParams, "params" | "filters" | "filtersRoot" | "filtersNotRoot">;

function sortFilters(parsed: ReadonlyArray<readonly [EmbedPath, Filter]>): SortedFilters {
  const params: Pair[] = [];
  const filters: Array<readonly [EmbedPath, Filter]> = [];
  for (const entry of parsed) {
    const { expression, field } = entry[1];
    if (expression.kind === "none") params.push([field.name, expression.text]);
    else filters.push(entry);
  }
  return {
    params,
    filters,
    filtersRoot: filters.filter(([path]) => path.length === 0).map(([, filter]) => filter),
    filtersNotRoot: filters.filter(([path]) => path.length > 0),
  };
}
