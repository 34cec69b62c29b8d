import type { CoercibleSelectField } from "../plan/coercible.ts";
import type { ReadPlan } from "../plan/read-plan.ts";
import { embedsSql } from "./embeds.ts";
import { selectItemSql } from "./field.ts";
import { logicTreeSql } from "./filter.ts";
import { fromSql, joinConditionSql, relationOfPlan } from "./from.ts";
import { groupSql } from "./group.ts";
import { namedRelation, type Relation } from "../sql/identifier.ts";
import { orderSql } from "./order.ts";
import type { Parameters } from "./parameters.ts";
import { rangeSql } from "./range.ts";
import type { ReadContext } from "./read-context.ts";

/** The SELECT of one level, with its embeds joined laterally. */
export function readSql(plan: ReadPlan, context: ReadContext): string {
  const { parameters } = context;
  const relation = relationOfPlan(plan);
  const own = [...ownItems(plan, relation, parameters), ...spreadOrderItems(plan, relation, parameters)];
  const embeds = embedsSql(plan, context, (child) => readSql(child, context));
  return (
    `select ${[...own, ...embeds.items].join(", ")}${fromSql(plan)}${embeds.joins}${whereSql(plan, relation, parameters)}` +
    groupSql(plan, relation, parameters) +
    orderSql(relation, plan.order, parameters) +
    rangeSql(plan.range, parameters)
  );
}

/** A level that selects nothing at all still needs its columns; which of them leave is decided when they are aggregated. */
function ownItems(plan: ReadPlan, relation: Relation, parameters: Parameters): string[] {
  if (plan.select.length === 0 && plan.children.length === 0) return [`${relation.sql}.*`];
  return plan.select.map((item) => selectItemSql(relation, item, parameters));
}

/** What a to-many spread is ordered by has to be in its rows before they are aggregated. */
function spreadOrderItems(plan: ReadPlan, relation: Relation, parameters: Parameters): string[] {
  if (plan.spread?.kind !== "toMany") return [];
  return plan.spread.extraSelect.map(([alias, item]: readonly [string | undefined, CoercibleSelectField]) =>
    selectItemSql(alias === undefined ? relation : namedRelation(alias), item, parameters),
  );
}

function whereSql(plan: ReadPlan, relation: Relation, parameters: Parameters): string {
  const conditions = [...plan.where.map((tree) => logicTreeSql(relation, tree, parameters)), ...plan.joinConditions.map(joinConditionSql)];
  return conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
}
