import type { CoercibleField } from "../plan/coercible.ts";
import type { CallPlan } from "../plan/call-plan.ts";
import type { RoutineParam } from "../schema-cache/routine.ts";
import { columnOf, namedRelation, quoteIdentifier, quoteQualified, relationOf } from "../sql/identifier.ts";
import { BODY_RELATION, jsonBodySql } from "./json-body.ts";
import { arrayText, type Parameters } from "./parameters.ts";

/** A scalar result's column. */
export const SCALAR_COLUMN = "pgrst_scalar";

/** The rows of a function: its columns, or one column of scalars. */
export function callSql(plan: CallPlan, parameters: Parameters): string {
  const { from, args } = argumentsSql(plan, parameters);
  const call = `${quoteQualified(plan.function)}(${args})`;
  if (plan.scalar || plan.setOfScalar) return `select ${call} as ${SCALAR_COLUMN}${from === "" ? "" : ` from ${from}`}`;
  return `select ${returnedColumns(plan)} from ${from === "" ? "" : `${from}, lateral `}${call} pgrst_call`;
}

/** What the read selects, filters and orders by; each once. */
function returnedColumns(plan: CallPlan): string {
  const call = namedRelation("pgrst_call");
  if (plan.returning.size === 0 || plan.returning.has("*")) return columnOf(call, "*");
  return [...new Set([...plan.returning, ...plan.columnsRead])].map((column) => columnOf(call, column)).join(", ");
}

interface ArgumentsSql {
  /** What has to be in FROM beside the function; "" for nothing. */
  readonly from: string;
  readonly args: string;
}

function argumentsSql(plan: CallPlan, parameters: Parameters): ArgumentsSql {
  if (plan.params.kind === "positional") {
    return { from: "", args: `${parameters.bind(wholeBody(plan))}::${plan.params.param.type}` };
  }
  const { params } = plan.params;
  if (params.length === 0) return { from: "", args: "" };
  if (plan.args.kind === "body") {
    const from = jsonBodySql(plan.args.body, params.map(paramField), { applyDefaults: false, firstOnly: true }, parameters);
    return { from, args: params.map((param) => argument(param, columnOf(relationOf(BODY_RELATION), param.name))).join(", ") };
  }
  const { values } = plan.args;
  return { from: "", args: params.map((param) => argument(param, directValue(param, values.get(param.name), parameters))).join(", ") };
}

/** The one unnamed parameter takes the body as it is. */
function wholeBody({ args }: CallPlan): string | null {
  return args.kind === "body" ? (args.body ?? null) : JSON.stringify(Object.fromEntries(args.values));
}

const argument = (param: RoutineParam, value: string): string => `${param.variadic ? "variadic " : ""}${quoteIdentifier(param.name)} := ${value}`;

function directValue(param: RoutineParam, value: string | readonly string[] | undefined, parameters: Parameters): string {
  if (value === undefined) return "null";
  return `${parameters.bind(typeof value === "string" ? value : arrayText(value))}::${param.typeMaxLength}`;
}

const paramField = (param: RoutineParam): CoercibleField => ({
  name: param.name,
  jsonPath: [],
  toJson: false,
  toTsVector: undefined,
  irType: param.typeMaxLength,
  baseType: param.typeMaxLength,
  transform: undefined,
  default: null,
  fullRow: false,
});
