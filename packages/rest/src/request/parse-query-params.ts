import { queryParamError } from "../errors/api-request-errors.ts";
import type { Filter } from "./filter.ts";
import { parseColumns, parseFilter, parseLogic, parseOnConflict, parseOrder, parseSelect } from "./parse-parameters.ts";
import { parseRangeParameters } from "./parse-range-parameters.ts";
import type { EmbedPath, QueryParams } from "./query-params.ts";
import type { QueryPair } from "./query-string.ts";
import { canonicalQuery, parseQueryString } from "./query-string.ts";
import type { SortedPairs } from "./sort-pairs.ts";
import { sortPairs } from "./sort-pairs.ts";

/**
 * @param readsRoutine the request calls a routine by GET or HEAD: parameters that aren't filters are its arguments
 * @throws BackendError PGRST100
 */
export function parseQueryParams(query: string, readsRoutine: boolean): QueryParams {
  const pairs = parseQueryString(query, (problem) => queryParamError("failed to decode the query string", problem));
  return new ParsedQuery(pairs, sortPairs(pairs), readsRoutine);
}

/** A class for `canonical` alone, which only some answers show. */
class ParsedQuery implements QueryParams {
  readonly params: ReadonlyArray<readonly [string, string]>;
  readonly ranges: QueryParams["ranges"];
  readonly order: QueryParams["order"];
  readonly logic: QueryParams["logic"];
  readonly columns: QueryParams["columns"];
  readonly select: QueryParams["select"];
  readonly filters: QueryParams["filters"];
  readonly filtersRoot: readonly Filter[];
  readonly filtersNotRoot: QueryParams["filtersNotRoot"];
  readonly filterFields: QueryParams["filterFields"];
  readonly onConflict: QueryParams["onConflict"];
  readonly #pairs: readonly QueryPair[];

  /** In the order that decides which of several errors is told. */
  constructor(pairs: readonly QueryPair[], sorted: SortedPairs, readsRoutine: boolean) {
    const { columns, select, on_conflict: onConflict } = sorted.reserved;
    this.#pairs = pairs;
    this.order = sorted.order.map(([name, value]) => parseOrder(name, value));
    this.logic = sorted.logic.map(([name, value]) => parseLogic(name, value));
    this.columns = columns === undefined ? undefined : new Set(parseColumns(columns));
    this.select = parseSelect(select ?? "*");
    const parsed = sorted.filter.map(([name, value]) => parseFilter(name, value, readsRoutine));
    this.params = argumentsOf(parsed);
    this.filters = this.params.length === 0 ? parsed : parsed.filter(([, { expression }]) => expression.kind !== "none");
    this.filtersRoot = this.filters.filter(([path]) => path.length === 0).map(([, filter]) => filter);
    this.filtersNotRoot = this.filters.filter(([path]) => path.length > 0);
    this.filterFields = new Set(sorted.filter.map(([name]) => name));
    this.onConflict = onConflict === undefined ? undefined : parseOnConflict(onConflict);
    this.ranges = parseRangeParameters(sorted.limit, sorted.offset);
  }

  get canonical(): string {
    return canonicalQuery(this.#pairs);
  }
}

function argumentsOf(parsed: ReadonlyArray<readonly [EmbedPath, Filter]>): Array<readonly [string, string]> {
  const found: Array<readonly [string, string]> = [];
  for (const [, { field, expression }] of parsed) {
    if (expression.kind === "none") found.push([field.name, expression.text]);
  }
  return found;
}
