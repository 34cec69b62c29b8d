import type { MutateActionPlan } from "../plan/action-plan.ts";
import type { ApiRequest } from "../request/api-request.ts";
import { bodyColumn, fromRows } from "./handler.ts";
import { quoteIdentifier } from "../sql/identifier.ts";
import { countsInserted, INSERTED_SQL } from "./insert.ts";
import { locationSql } from "./location.ts";
import type { MainSql } from "./main-sql.ts";
import { mutateSql } from "./mutate.ts";
import type { Parameters } from "./parameters.ts";
import { readContext } from "./read-context.ts";
import { readSql } from "./read.ts";
import { type ResultColumn, resultColumns, selectColumns } from "./result-columns.ts";
import { takesSourceAsIs } from "./source.ts";

/** The mutation as a CTE, and what it returned selected from it as from a table. */
export function mutateMainSql(plan: MutateActionPlan, request: ApiRequest, parameters: Parameters): MainSql {
  const source = quoteIdentifier(plan.readPlan.from.name);
  const mutation = mutateSql(plan.mutatePlan, parameters);
  const bare = plan.handler.kind === "none" || takesSourceAsIs(plan.readPlan);
  const rows = bare ? source : `(${readSql(plan.readPlan, readContext(plan.readPlan, parameters))})`;
  const columns = resultColumns(bodyColumn(plan.handler, undefined), "count(*)", insertColumns(plan, request, source, parameters));
  const { ctes, from } = fromRows(plan.handler, rows);
  return { sql: `with ${[`${source} as (${mutation})`, ...ctes].join(", ")} ${selectColumns(columns)} ${from}`, columns };
}

function insertColumns({ mutatePlan }: MutateActionPlan, request: ApiRequest, source: string, parameters: Parameters): ReadonlyArray<ResultColumn | undefined> {
  if (mutatePlan.kind !== "insert") return [];
  const located = request.preferences.return === "headers-only" && mutatePlan.primaryKey.length > 0;
  return [
    countsInserted(mutatePlan) ? ["inserted", INSERTED_SQL] : undefined,
    located ? ["location", locationSql(source, mutatePlan.primaryKey, parameters)] : undefined,
  ];
}
