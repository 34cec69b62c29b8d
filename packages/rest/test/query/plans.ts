import type { CallActionPlan, MutateActionPlan, ReadActionPlan } from "../../src/plan/action-plan.ts";
import type { CoercibleField, CoercibleLogicTree, CoercibleOrderTerm, CoercibleSelectField } from "../../src/plan/coercible.ts";
import type { InsertPlan, MutatePlan } from "../../src/plan/mutate-plan.ts";
import type { ReadPlan } from "../../src/plan/read-plan.ts";
import type { RestConfig } from "../../src/config/rest-config.ts";
import type { ApiRequest } from "../../src/request/api-request.ts";
import type { Operation, QuantOperator } from "../../src/request/filter.ts";
import type { JsonOperation } from "../../src/request/field.ts";
import { ALL_ROWS } from "../../src/request/row-range.ts";
import type { Routine, RoutineParam } from "../../src/schema-cache/routine.ts";
import { TEST_CONFIG } from "../support/rest-config.ts";

/** Plans as a planner would make them, with everything that a test doesn't care for left at rest. */

export const SCHEMA = "shop";
export const target = (name: string) => ({ schema: SCHEMA, name });

export const field = (name: string, more: Partial<CoercibleField> = {}): CoercibleField => ({
  name,
  jsonPath: [],
  toJson: false,
  toTsVector: undefined,
  irType: "",
  baseType: "",
  transform: undefined,
  default: null,
  fullRow: false,
  ...more,
});

export const select = (name: string, more: Partial<Omit<CoercibleSelectField, "field">> & { field?: Partial<CoercibleField> } = {}): CoercibleSelectField => ({
  aggregate: undefined,
  aggregateCast: undefined,
  cast: undefined,
  alias: undefined,
  ...more,
  field: field(name, more.field),
});

export const path = (...steps: ReadonlyArray<readonly ["->" | "->>", string]>): JsonOperation[] =>
  steps.map(([arrow, value]) => ({ arrow, operand: { kind: /^\d+$/.test(value) ? "index" : "key", value } }));

export const where = (name: string, operation: Operation, more: { negated?: boolean; field?: Partial<CoercibleField> } = {}): CoercibleLogicTree => ({
  kind: "filter",
  filter: { kind: "field", field: field(name, more.field), expression: { kind: "operation", negated: more.negated ?? false, operation } },
});

export const compare = (operator: QuantOperator, value: string, quantifier?: "any" | "all"): Operation => ({ kind: "quantified", operator, quantifier, value });
export const eq = (value: string): Operation => compare("eq", value);

export const order = (name: string, direction?: "asc" | "desc", nulls?: "first" | "last"): CoercibleOrderTerm => ({
  kind: "field",
  field: field(name),
  direction,
  nulls,
});

export const readPlan = (name: string, more: Partial<ReadPlan> = {}): ReadPlan => ({
  select: [select("*")],
  from: target(name),
  fromAlias: undefined,
  where: [],
  order: [],
  range: ALL_ROWS,
  relationName: name,
  relationToParent: undefined,
  joinConditions: [],
  alias: undefined,
  aggregateAlias: "",
  hint: undefined,
  join: undefined,
  spread: undefined,
  relationSelect: [],
  depth: 0,
  legacyTargetName: false,
  children: [],
  ...more,
});

/** The read of what a mutation or a function gave. */
export const sourcePlan = (name: string, more: Partial<ReadPlan> = {}): ReadPlan =>
  readPlan(name, { from: { schema: "", name: "pgrst_source" }, fromAlias: name, ...more });

const JSON_HANDLER = { handler: { kind: "json" }, mediaType: { kind: "json" } } as const;

export const readAction = (plan: ReadPlan, more: Partial<ReadActionPlan> = {}): ReadActionPlan => ({
  kind: "read",
  readPlan: plan,
  ...JSON_HANDLER,
  target: plan.from,
  readOnly: true,
  headersOnly: false,
  ...more,
});

export const insertPlan = (into: string, columns: readonly CoercibleField[], body: unknown, more: Partial<InsertPlan> = {}): InsertPlan => ({
  kind: "insert",
  into: target(into),
  columns,
  body: typeof body === "string" ? body : JSON.stringify(body),
  onConflict: undefined,
  where: [],
  returning: ["*"],
  primaryKey: ["id"],
  applyDefaults: false,
  ...more,
});

const MUTATION_OF = { insert: "create", update: "update", delete: "delete" } as const;

export const mutateAction = (mutatePlan: MutatePlan, more: Partial<MutateActionPlan> = {}): MutateActionPlan => {
  const relation = mutatePlan.kind === "delete" ? mutatePlan.from : mutatePlan.into;
  return {
    kind: "mutate",
    mutatePlan,
    mutation: MUTATION_OF[mutatePlan.kind],
    readPlan: sourcePlan(relation.name),
    ...JSON_HANDLER,
    target: relation,
    readOnly: false,
    ...more,
  };
};

export const param = (name: string, type: string, more: Partial<RoutineParam> = {}): RoutineParam => ({
  name,
  type,
  typeMaxLength: type,
  required: true,
  variadic: false,
  ...more,
});

export const routine = (name: string, more: Partial<Routine> = {}): Routine => ({
  schema: SCHEMA,
  name,
  description: null,
  params: [],
  returns: { setOf: false, kind: "scalar", type: { schema: "pg_catalog", name: "int4" }, isDomainAlias: false },
  volatility: "volatile",
  hasVariadic: false,
  isolation: null,
  settings: [],
  ...more,
});

export const callAction = (called: Routine, args: CallActionPlan["callPlan"]["args"], more: Partial<CallActionPlan> = {}): CallActionPlan => ({
  kind: "call",
  callPlan: {
    function: { schema: called.schema, name: called.name },
    params: { kind: "named", params: called.params },
    args,
    scalar: called.returns.kind === "scalar" && !called.returns.setOf,
    setOfScalar: called.returns.kind === "scalar" && called.returns.setOf,
    columnsRead: new Set(),
    returning: new Set(["*"]),
  },
  routine: called,
  invoke: { kind: "write" },
  readPlan: sourcePlan(called.name),
  ...JSON_HANDLER,
  target: { schema: called.schema, name: called.name },
  readOnly: false,
  ...more,
});

const NO_PREFERENCES: ApiRequest["preferences"] = {
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

export const request = (more: Partial<Omit<ApiRequest, "preferences">> & { preferences?: Partial<ApiRequest["preferences"]> } = {}): ApiRequest => ({
  action: { kind: "schemaInfo" },
  method: "GET",
  path: "/products",
  schema: SCHEMA,
  negotiatedByProfile: false,
  queryParams: {
    canonical: "",
    params: [],
    ranges: new Map(),
    order: [],
    logic: [],
    columns: undefined,
    select: [],
    filters: [],
    filtersRoot: [],
    filtersNotRoot: [],
    filterFields: new Set(),
    onConflict: undefined,
  },
  topLevelRange: ALL_ROWS,
  ranges: new Map(),
  payload: undefined,
  columns: new Set(),
  accept: [],
  contentType: { kind: "json" },
  headers: [],
  cookies: [],
  ...more,
  preferences: { ...NO_PREFERENCES, ...more.preferences },
});

export const CONFIG: RestConfig = { ...TEST_CONFIG, schemas: [SCHEMA], planEnabled: true };
