import type { RestConfig } from "../../../src/config/rest-config.ts";
import type { Action, ApiRequest, Invoke, Mutation } from "../../../src/request/api-request.ts";
import type { Field } from "../../../src/request/field.ts";
import type { Filter, LogicTree, Operation } from "../../../src/request/filter.ts";
import type { Preferences } from "../../../src/request/preferences.ts";
import type { EmbedPath, QueryParams } from "../../../src/request/query-params.ts";
import { ALL_ROWS } from "../../../src/request/row-range.ts";
import type { RowRange } from "../../../src/request/row-range.ts";
import type { AggregateFunction, SelectNode } from "../../../src/request/select.ts";
import { id, SCHEMA } from "./schema-cache.ts";
import { TEST_CONFIG } from "../../support/rest-config.ts";

export const CONFIG: RestConfig = { ...TEST_CONFIG, schemas: [SCHEMA] };

export interface RequestParts extends Partial<Omit<ApiRequest, "action" | "preferences" | "queryParams">> {
  readonly select?: readonly SelectNode[];
  readonly filters?: ReadonlyArray<readonly [EmbedPath, Filter]>;
  readonly logic?: QueryParams["logic"];
  readonly order?: QueryParams["order"];
  readonly params?: QueryParams["params"];
  readonly onConflict?: readonly string[];
  readonly prefer?: Partial<Preferences>;
}

const NO_PREFERENCES: Preferences = {
  resolution: undefined,
  return: undefined,
  count: undefined,
  transaction: undefined,
  missing: undefined,
  handling: undefined,
  timezone: undefined,
  maxAffected: undefined,
  invalid: [],
};

export function requestFor(action: Action, parts: RequestParts = {}): ApiRequest {
  const { select, filters, logic, order, params, onConflict, prefer, ...rest } = parts;
  const ranges: ReadonlyMap<string, RowRange> = rest.ranges ?? new Map();
  return {
    action,
    method: "GET",
    path: "/",
    schema: SCHEMA,
    negotiatedByProfile: false,
    topLevelRange: ranges.get("limit") ?? ALL_ROWS,
    payload: undefined,
    columns: new Set(),
    accept: [{ kind: "any" }],
    contentType: { kind: "json" },
    headers: [],
    cookies: [],
    ...rest,
    ranges,
    preferences: { ...NO_PREFERENCES, ...prefer },
    queryParams: queryParams({ select, filters, logic, order, params, onConflict }, ranges),
  };
}

function queryParams(parts: Pick<RequestParts, "select" | "filters" | "logic" | "order" | "params" | "onConflict">, ranges: ReadonlyMap<string, RowRange>): QueryParams {
  const { select = [star()], filters = [], logic = [], order = [], params = [], onConflict } = parts;
  return {
    canonical: "",
    params,
    ranges,
    order,
    logic,
    columns: undefined,
    select,
    filters,
    filtersRoot: filters.filter(([path]) => path.length === 0).map(([, filter]) => filter),
    filtersNotRoot: filters.filter(([path]) => path.length > 0),
    filterFields: new Set(filters.map(([path, { field }]) => [...path, field.name].join("."))),
    onConflict,
  };
}

export const read = (name: string, parts?: RequestParts): ApiRequest => requestFor({ kind: "relationRead", target: id(name), headersOnly: false }, parts);
export const mutate = (mutation: Mutation, name: string, parts?: RequestParts): ApiRequest => requestFor({ kind: "relationMutate", target: id(name), mutation }, parts);
export const call = (invoke: Invoke["kind"], name: string, parts?: RequestParts): ApiRequest =>
  requestFor({ kind: "routineCall", target: id(name), invoke: invoke === "read" ? { kind: "read", headersOnly: false } : { kind: "write" } }, parts);

/** `data->a->>0` */
export function fieldOf(text: string): Field {
  const [name = "", ...path] = text.split(/(?=->)/);
  return {
    name,
    jsonPath: path.map((step) => {
      const arrow = step.startsWith("->>") ? "->>" : "->";
      const value = step.slice(arrow.length);
      return { arrow, operand: { kind: /^-?\d+$/.test(value) ? "index" : "key", value } };
    }),
  };
}

export interface SelectExtras {
  readonly alias?: string;
  readonly cast?: string;
  readonly aggregate?: AggregateFunction;
}

export const field = (text: string, { alias, cast, aggregate }: SelectExtras = {}): SelectNode => ({
  kind: "field", field: fieldOf(text), aggregate, aggregateCast: undefined, cast, alias, children: [],
});
export const star = (): SelectNode => field("*");

/** `alias:relation!hint` */
export function embed(text: string, children: readonly SelectNode[] = [star()]): SelectNode {
  const [, alias, relation = "", hint] = /^(?:(\w+):)?(\w+)(?:!(\w+))?$/.exec(text) ?? [];
  return { kind: "relation", relation, alias, hint, join: undefined, children };
}

export function spread(text: string, children: readonly SelectNode[] = [star()]): SelectNode {
  const [relation = "", hint] = text.split("!");
  return { kind: "spread", relation, hint, join: undefined, children };
}

export const where = (name: string, operation: Operation, negated = false): Filter => ({ field: fieldOf(name), expression: { kind: "operation", negated, operation } });
export const eq = (name: string, value: string): Filter => where(name, { kind: "quantified", operator: "eq", quantifier: undefined, value });
export const isNull = (name: string, negated = false): Filter => where(name, { kind: "is", value: "null" }, negated);
export const either = (...filters: readonly Filter[]): LogicTree => ({ kind: "logic", negated: false, operator: "or", children: filters.map((filter) => ({ kind: "filter", filter })) });
