import type { ColumnPair, Relationship } from "../../schema-cache/relationship.ts";
import type { ReadPlan } from "../read-plan.ts";

const ALL_COLUMNS: ReadonlySet<string> = new Set(["*"]);

/**
 * Columns that a mutation or a routine must give for the read plan to work on them: those selected, those that
 * embeds are joined by, and the key. Sorted by name.
 *
 * A `*` stands alone, since columns beside it would come twice; computed relationships may read any column.
 */
export function columnsNeeded({ select, children }: ReadPlan, primaryKey: readonly string[]): ReadonlySet<string> {
  if (select.some(({ field }) => field.name === "*") || children.some(({ relationToParent }) => relationToParent?.kind === "computed")) return ALL_COLUMNS;
  const selected = select.map(({ field }) => field.name);
  const joined = children.flatMap(({ relationToParent }) => joinColumns(relationToParent).map(([column]) => column));
  return new Set([...selected, ...joined, ...primaryKey].sort());
}

function joinColumns(relationship: Relationship | undefined): readonly ColumnPair[] {
  if (relationship === undefined || relationship.kind === "computed") return [];
  const { cardinality } = relationship;
  return cardinality.kind === "M2M" ? cardinality.junction.sourceColumns : cardinality.columns;
}
