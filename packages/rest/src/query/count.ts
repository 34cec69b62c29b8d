import type { ReadPlan } from "../plan/read-plan.ts";
import { logicTreeSql, type NullEmbedSql } from "./filter.ts";
import { fromSql, joinConditionSql, relationOfPlan } from "./from.ts";
import type { Parameters } from "./parameters.ts";

/**
 * One empty row per row of the level, without its limit: for counting them.
 * Embeds that restrict their parent do so by EXISTS, as a join could multiply the rows.
 */
export function countableSql(plan: ReadPlan, parameters: Parameters): string {
  const relation = relationOfPlan(plan);
  const nullEmbed: NullEmbedSql = (aggregateAlias, present) => {
    const embed = plan.children.find((child) => child.aggregateAlias === aggregateAlias);
    return embed === undefined ? "true" : `${present ? "" : "not "}exists (${countableSql(embed, parameters)})`;
  };
  const conditions = [
    ...plan.where.map((tree) => logicTreeSql(relation, tree, parameters, nullEmbed)),
    ...plan.joinConditions.map(joinConditionSql),
    ...plan.children.filter((child) => child.join === "inner").map((child) => `exists (${countableSql(child, parameters)})`),
  ];
  return `select 1${fromSql(plan)}${conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`}`;
}
