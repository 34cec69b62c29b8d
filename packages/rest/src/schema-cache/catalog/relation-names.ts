import type { QualifiedIdentifier } from "../identifiers.ts";
import type { CatalogRows, ColumnRow, Oid } from "./catalog-rows.ts";

/** A relation of the catalog rows, with its columns' names by attnum. */
export interface NamedRelation {
  readonly identifier: QualifiedIdentifier;
  readonly columns: ReadonlyMap<number, string>;
}

/** What of the catalogs has names in it. */
export interface NamingRows extends Pick<CatalogRows, "tables" | "keyedRelations"> {
  readonly columns: ReadonlyArray<Pick<ColumnRow, "relation" | "position" | "name">>;
}

/** The exposed relations, and others that have keys or are the target of one. */
export const relationNames = (rows: NamingRows): ReadonlyMap<Oid, NamedRelation> => {
  const relations = new Map<Oid, { identifier: QualifiedIdentifier; columns: Map<number, string> }>();
  for (const { id, schema, name, columns } of rows.keyedRelations) {
    const byNumber = Object.entries(columns).map(([position, column]) => [Number(position), column] as const);
    relations.set(id, { identifier: { schema, name }, columns: new Map(byNumber) });
  }
  for (const { id, schema, name } of rows.tables) {
    if (!relations.has(id)) relations.set(id, { identifier: { schema, name }, columns: new Map() });
  }
  for (const column of rows.columns) relations.get(column.relation)?.columns.set(column.position, column.name);
  return relations;
};
