import type { CallActionPlan } from "../plan/action-plan.ts";
import { returnsSingle } from "../schema-cache/routine.ts";
import { callSql } from "./call.ts";
import { bodyColumn, fromRows } from "./handler.ts";
import { quoteIdentifier } from "../sql/identifier.ts";
import type { MainSql } from "./main-sql.ts";
import type { Parameters } from "./parameters.ts";
import { readContext } from "./read-context.ts";
import { readSql } from "./read.ts";
import { resultColumns, selectColumns } from "./result-columns.ts";
import { takesSourceAsIs } from "./source.ts";
import { type Counting, isCounted, pageIsAll, tableTotalSql } from "./total.ts";

/** A function's rows, selected from as from a table; without a CTE where they are taken as they are. */
export function callMainSql(plan: CallActionPlan, counting: Counting, parameters: Parameters): MainSql {
  const call = callSql(plan.callPlan, parameters);
  const direct = takesSourceAsIs(plan.readPlan) && (!isCounted(counting) || pageIsAll(counting));
  const rows = direct ? call : readSql(plan.readPlan, readContext(plan.readPlan, parameters));
  const pageTotal = returnsSingle(plan.routine) ? "1" : "count(*)";
  const tableTotal = tableTotalSql(plan.readPlan, pageTotal, counting, parameters);
  const columns = resultColumns(bodyColumn(plan.handler, plan.routine), pageTotal, [tableTotal === undefined ? undefined : ["tableTotal", tableTotal]]);
  const { ctes, from } = fromRows(plan.handler, `(${rows})`);
  const all = [...(direct ? [] : [`${quoteIdentifier(plan.readPlan.from.name)} as (${call})`]), ...ctes];
  return { sql: `${all.length === 0 ? "" : `with ${all.join(", ")} `}${selectColumns(columns)} ${from}`, columns };
}
