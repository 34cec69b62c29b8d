import type { ReadPlan } from "../plan/read-plan.ts";
import type { ReadActionPlan } from "../plan/action-plan.ts";
import type { MediaHandler } from "../schema-cache/media-handler.ts";
import { bodyColumn, fromRows } from "./handler.ts";
import type { Parameters } from "./parameters.ts";
import { readContext } from "./read-context.ts";
import { readSql } from "./read.ts";
import { resultColumns, selectColumns } from "./result-columns.ts";
import { type Counting, tableTotalSql } from "./total.ts";
import type { MainSql } from "./main-sql.ts";

/** `select json_agg(t), count(*), … from (select …) t`: one pass, no CTE that would only be looked through. */
export function readMainSql(plan: ReadActionPlan, counting: Counting, parameters: Parameters): MainSql {
  const rows = readSql(plan.readPlan, readContext(plan.readPlan, parameters));
  const tableTotal = tableTotalSql(plan.readPlan, "count(*)", counting, parameters);
  const handler: MediaHandler = plan.headersOnly && canSkipBody(plan) ? { kind: "none" } : plan.handler;
  const columns = resultColumns(bodyColumn(handler, undefined), "count(*)", [tableTotal === undefined ? undefined : ["tableTotal", tableTotal]]);
  const { ctes, from } = fromRows(handler, `(${rows})`);
  return { sql: `${ctes.length === 0 ? "" : `with ${ctes.join(", ")} `}${selectColumns(columns)} ${from}`, columns };
}

/**
 * HEAD has no body, so nobody needs it built, unless building it could fail or set response headers:
 * then HEAD must answer what GET would.
 */
const canSkipBody = ({ handler, mediaType, readPlan }: ReadActionPlan): boolean =>
  handler.kind !== "custom" && mediaType.kind !== "plan" && selectsPlainly(readPlan);

const selectsPlainly = (plan: ReadPlan): boolean =>
  plan.select.every(({ field, cast, aggregate }) => field.transform === undefined && cast === undefined && aggregate === undefined) &&
  plan.children.every((child) => child.relationToParent?.kind !== "computed" && selectsPlainly(child));
