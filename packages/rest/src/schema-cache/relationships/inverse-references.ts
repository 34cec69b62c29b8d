import type { Cardinality, ColumnPair, ForeignKeyRelationship } from "../relationship.ts";
import type { Reference } from "./references.ts";

/** The same relationships from the referenced side: many-to-one becomes one-to-many. */
export const inverseReferences = (references: readonly Reference[]): readonly ForeignKeyRelationship[] =>
  references.map((reference) => ({
    ...reference,
    table: reference.foreignTable,
    foreignTable: reference.table,
    tableIsView: reference.foreignTableIsView,
    foreignTableIsView: reference.tableIsView,
    cardinality: inverseCardinality(reference.cardinality),
  }));

const inverseCardinality = ({ kind, constraint, columns }: Reference["cardinality"]): Cardinality =>
  kind === "M2O" ? { kind: "O2M", constraint, columns: swapped(columns) } : { kind, constraint, columns: swapped(columns), isParent: true };

/** Pairs seen from the other side. */
export const swapped = (columns: readonly ColumnPair[]): readonly ColumnPair[] =>
  columns.map(([column, foreignColumn]): ColumnPair => [foreignColumn, column]);
