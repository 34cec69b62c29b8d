import type { JoinCondition, ReadPlan } from "../plan/read-plan.ts";
import { columnOf, namedRelation, quoteIdentifier, quoteQualified, type Relation, relationOf } from "../sql/identifier.ts";

/** The name that columns of this level are qualified with. */
export function relationOfPlan(plan: ReadPlan): Relation {
  if (plan.fromAlias !== undefined) return namedRelation(plan.fromAlias);
  if (plan.relationToParent?.kind === "computed") return namedRelation(plan.relationToParent.function.name);
  return relationOf(plan.from);
}

/** ` from …` of one level, with the junction of a many-to-many relationship beside its target. */
export function fromSql(plan: ReadPlan): string {
  const alias = plan.fromAlias === undefined ? "" : ` as ${quoteIdentifier(plan.fromAlias)}`;
  return ` from ${sourceSql(plan)}${alias}${junctionSql(plan)}`;
}

/** The cast tells overloads of a computed relationship's function apart, which the row of a CTE, an anonymous record, can't. */
function sourceSql(plan: ReadPlan): string {
  const relationship = plan.relationToParent;
  if (relationship?.kind !== "computed") return quoteQualified(plan.from);
  const row = `${quoteIdentifier(relationship.tableAlias.name)}::${quoteQualified(relationship.table)}`;
  return `${quoteQualified(relationship.function)}(${row})`;
}

function junctionSql(plan: ReadPlan): string {
  const relationship = plan.relationToParent;
  if (relationship?.kind !== "foreign-key" || relationship.cardinality.kind !== "M2M") return "";
  return `, ${quoteQualified(relationship.cardinality.junction.table)}`;
}

export const joinConditionSql = ({ left, right }: JoinCondition): string =>
  `${columnOf(relationOf(left[0]), left[1])} = ${columnOf(relationOf(right[0]), right[1])}`;
