import { type ForeignKeyRelationship, type Relationship, relationshipKey } from "../../../packages/rest/src/schema-cache/relationship.ts";
import type { Routine } from "../../../packages/rest/src/schema-cache/routine.ts";
import type { SchemaCache } from "../../../packages/rest/src/schema-cache/schema-cache.ts";
import { SECRETS } from "./fuzz-schema.ts";

export interface KnownColumn {
  readonly name: string;
  readonly type: string;
}

export interface KnownEmbed {
  /** How a select names it: the target, with the hint that makes it the only one. */
  readonly name: string;
  readonly target: string;
  readonly toOne: boolean;
}

export interface KnownTable {
  readonly name: string;
  readonly columns: readonly KnownColumn[];
  readonly primaryKey: readonly KnownColumn[];
  readonly embeds: readonly KnownEmbed[];
}

/** What requests can name and be understood. */
export interface Vocabulary {
  readonly schema: string;
  readonly tables: readonly KnownTable[];
  readonly byName: ReadonlyMap<string, KnownTable>;
  readonly routines: readonly Routine[];
}

export function vocabularyOf(cache: SchemaCache, schema: string): Vocabulary {
  const tables = [...cache.tables.values()].filter((table) => table.schema === schema).map((table): KnownTable => {
    const columns = [...table.columns.values()].map(({ name, type }) => ({ name, type }));
    const relationships = cache.relationships.get(relationshipKey(table, schema)) ?? [];
    return { name: table.name, columns, primaryKey: columns.filter(({ name }) => table.primaryKey.includes(name)), embeds: relationships.map(embedOf) };
  });
  const routines = [...cache.routines.values()].flat().filter((routine) => routine.schema === schema);
  return { schema, tables, byName: new Map(tables.map((table) => [table.name, table])), routines };
}

function embedOf(relationship: Relationship): KnownEmbed {
  if (relationship.kind === "computed") return { name: relationship.function.name, target: relationship.foreignTable.name, toOne: relationship.toOne };
  const { cardinality } = relationship;
  // Of a self-reference the constraint is the same in both directions: to the one it is named by its column.
  if (relationship.isSelf && cardinality.kind !== "M2M") return { name: cardinality.kind === "M2O" ? cardinality.columns[0]?.[0] ?? "" : relationship.foreignTable.name, target: relationship.foreignTable.name, toOne: cardinality.kind !== "O2M" };
  return { name: `${relationship.foreignTable.name}!${hintOf(relationship)}`, target: relationship.foreignTable.name, toOne: cardinality.kind === "M2O" || cardinality.kind === "O2O" };
}

const hintOf = ({ cardinality }: ForeignKeyRelationship): string => (cardinality.kind === "M2M" ? cardinality.junction.table.name : cardinality.constraint);

/** A name as a query string has it: quoted where the grammar needs that. */
export const written = (name: string): string => (/^[\p{L}\p{N}_$]+$/u.test(name) ? name : `"${name.replaceAll(/["\\]/g, "\\$&")}"`);

export const revealsSecret = (text: string): boolean => SECRETS.some((secret) => text.includes(secret));
