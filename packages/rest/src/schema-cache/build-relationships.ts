import type { ComputedRelationshipRow } from "./catalog/catalog-rows.ts";
import { groupBy } from "./group-by.ts";
import { identifierKey, sameIdentifier } from "./identifiers.ts";
import { relationshipKey } from "./relationship.ts";
import type { ComputedRelationship, ForeignKeyRelationship, Relationship } from "./relationship.ts";
import { inverseReferences } from "./relationships/inverse-references.ts";
import { manyToMany } from "./relationships/many-to-many.ts";
import { references } from "./relationships/references.ts";
import type { ReferenceSources } from "./relationships/references.ts";
import { inListingOrder } from "./relationships/relationship-order.ts";
import type { Table } from "./table.ts";

/**
 * All relationships between exposed relations, by `relationshipKey`.
 * A computed one replaces those that were detected from its table to the relation named like its function.
 */
export const buildRelationships = (
  sources: ReferenceSources,
  computedRows: readonly ComputedRelationshipRow[],
  tables: ReadonlyMap<string, Table>,
): ReadonlyMap<string, readonly Relationship[]> => {
  const computed = computedRows.map(computedRelationship);
  const overridden = new Set(computed.map((rel) => pairKey(rel.table, rel.function)));
  const detected = foreignKeyRelationships(sources, tables).filter((rel) => !overridden.has(pairKey(rel.table, rel.foreignTable)));

  const grouped = groupBy<Relationship, string>([...detected, ...computed], (rel) =>
    // Looked for by the schema of the name in the request, and that is the function's.
    relationshipKey(rel.table, rel.kind === "computed" ? rel.function.schema : rel.foreignTable.schema),
  );
  return new Map([...grouped].map(([key, relationships]) => [key, inListingOrder(relationships)]));
};

const foreignKeyRelationships = (sources: ReferenceSources, tables: ReadonlyMap<string, Table>): readonly ForeignKeyRelationship[] => {
  const direct = references(sources);
  return [...direct, ...inverseReferences(direct), ...manyToMany(direct, tables)];
};

const computedRelationship = (row: ComputedRelationshipRow): ComputedRelationship => {
  const table = { schema: row.sourceSchema, name: row.sourceName };
  const foreignTable = { schema: row.targetSchema, name: row.targetName };
  return {
    kind: "computed",
    function: { schema: row.functionSchema, name: row.functionName },
    table,
    foreignTable,
    tableAlias: table,
    toOne: row.toOne,
    isSelf: sameIdentifier(table, foreignTable),
  };
};

const pairKey = (...[table, target]: Parameters<typeof sameIdentifier>): string => `${identifierKey(table)}\0${identifierKey(target)}`;
