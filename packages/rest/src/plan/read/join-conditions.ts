import type { QualifiedIdentifier } from "../../schema-cache/identifiers.ts";
import type { ColumnPair, ForeignKeyRelationship } from "../../schema-cache/relationship.ts";
import type { JoinCondition } from "../read-plan.ts";

/** Which columns are equal between an embed, its parent and, if there is one, the junction between them. */
export function joinConditions({ table, foreignTable, cardinality }: ForeignKeyRelationship, alias: string | undefined, parentAlias: string | undefined): JoinCondition[] {
  const parent = aliasOr(parentAlias, table);
  if (cardinality.kind !== "M2M") return equalities(aliasOr(alias, foreignTable), parent, cardinality.columns);
  const { junction } = cardinality;
  return [
    ...equalities(junction.table, foreignTable, junction.targetColumns),
    ...equalities(junction.table, parent, junction.sourceColumns),
  ];
}

function equalities(left: QualifiedIdentifier, right: QualifiedIdentifier, columns: readonly ColumnPair[]): JoinCondition[] {
  return columns.map(([column, foreignColumn]) => ({ left: [left, foreignColumn], right: [right, column] }));
}

const aliasOr = (alias: string | undefined, table: QualifiedIdentifier): QualifiedIdentifier =>
  alias === undefined ? table : { schema: "", name: alias };
