import type { InsertPlan } from "../plan/mutate-plan.ts";
import { logicTreeSql } from "./filter.ts";
import { columnOf, quoteIdentifier, relationOf } from "../sql/identifier.ts";
import { BODY_RELATION, jsonBodySql } from "./json-body.ts";
import type { Parameters } from "./parameters.ts";
import { returningSql } from "./returning.ts";

/**
 * Rows newly inserted by an upsert are counted in a setting of the transaction: up for each row that is tried,
 * down for each that turns out to be there. `xmax = 0` would tell the same of a table's rows only, not of a view's,
 * and asks for the privilege to select them.
 */
const INSERTED = "pgrst.inserted";
export const INSERTED_SQL = `nullif(current_setting('${INSERTED}', true), '')::int`;

const countInserted = (step: "+ 1" | "- 1"): string =>
  `set_config('${INSERTED}', (coalesce(${INSERTED_SQL}, 0) ${step})::text, true) is not null`;

/** True where `INSERTED_SQL` has a value after the statement. */
export const countsInserted = (plan: InsertPlan): boolean => plan.where.length > 0 || plan.onConflict?.resolution === "merge-duplicates";

export function insertSql(plan: InsertPlan, parameters: Parameters): string {
  const body = relationOf(BODY_RELATION);
  const names = plan.columns.map(({ name }) => quoteIdentifier(name));
  const values = plan.columns.map(({ name }) => columnOf(body, name));
  const source = jsonBodySql(plan.body, plan.columns, { applyDefaults: plan.applyDefaults, firstOnly: false }, parameters);
  return (
    `insert into ${relationOf(plan.into).sql}${names.length === 0 ? "" : `(${names.join(", ")})`} ` +
    `select ${values.join(", ")} from ${source}${whereSql(plan, parameters)}${conflictSql(plan, names)}` +
    returningSql(relationOf(plan.into), plan.returning)
  );
}

/** A PUT inserts nothing where its body's key isn't the one in the URL: the response then fails for want of a row. */
function whereSql(plan: InsertPlan, parameters: Parameters): string {
  const body = relationOf(BODY_RELATION);
  const conditions = plan.where.map((tree) => logicTreeSql(body, tree, parameters));
  if (countsInserted(plan)) conditions.unshift(countInserted("+ 1"));
  return conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
}

function conflictSql(plan: InsertPlan, names: readonly string[]): string {
  if (plan.onConflict === undefined || plan.onConflict.columns.length === 0) return "";
  const target = ` on conflict(${plan.onConflict.columns.map(quoteIdentifier).join(", ")})`;
  if (plan.onConflict.resolution === "ignore-duplicates" || names.length === 0) return `${target} do nothing`;
  const assignments = names.map((name) => `${name} = excluded.${name}`).join(", ");
  return `${target} do update set ${assignments} where ${countInserted("- 1")}`;
}
