import { groupBy } from "../group-by.ts";
import { identifierKey, sameIdentifier } from "../identifiers.ts";
import type { ForeignKeyRelationship } from "../relationship.ts";
import type { Table } from "../table.ts";
import { swapped } from "./inverse-references.ts";
import type { Reference } from "./references.ts";

/**
 * What two foreign keys of one table relate, where the columns of both are part of its primary key.
 * https://docs.postgrest.org/en/stable/references/api/resource_embedding.html#many-to-many-relationships
 */
export const manyToMany = (references: readonly Reference[], tables: ReadonlyMap<string, Table>): readonly ForeignKeyRelationship[] => {
  const manyToOne = references.filter(({ cardinality }) => cardinality.kind === "M2O");
  const byJunction = groupBy(manyToOne, ({ table }) => identifierKey(table));
  return [...byJunction].flatMap(([junction, legs]) => {
    const key = new Set(tables.get(junction)?.primaryKey);
    const keyed = legs.filter(({ cardinality }) => cardinality.columns.every(([column]) => key.has(column)));
    return keyed.flatMap((source) =>
      keyed
        .filter((target) => target.cardinality.constraint !== source.cardinality.constraint)
        .map((target) => throughJunction(source, target)),
    );
  });
};

const throughJunction = (source: Reference, target: Reference): ForeignKeyRelationship => ({
  kind: "foreign-key",
  table: source.foreignTable,
  foreignTable: target.foreignTable,
  isSelf: sameIdentifier(source.foreignTable, target.foreignTable),
  tableIsView: source.foreignTableIsView,
  foreignTableIsView: target.foreignTableIsView,
  cardinality: {
    kind: "M2M",
    junction: {
      table: source.table,
      constraint1: source.cardinality.constraint,
      constraint2: target.cardinality.constraint,
      sourceColumns: swapped(source.cardinality.columns),
      targetColumns: swapped(target.cardinality.columns),
    },
  },
});
