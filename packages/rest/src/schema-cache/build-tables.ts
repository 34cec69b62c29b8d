import type { CatalogRows, ColumnRow, Oid, TableRow } from "./catalog/catalog-rows.ts";
import type { NamedRelation } from "./catalog/relation-names.ts";
import { identifierKey } from "./identifiers.ts";
import type { Column, Table } from "./table.ts";
import type { ViewKeys } from "./views/view-keys.ts";

/** `1 << CmdType`, as pg_relation_is_updatable() gives them. */
const EVENTS = { update: 4, insert: 8, delete: 16 };

/** The exposed tables and views by `identifierKey`. */
export const buildTables = (
  rows: CatalogRows,
  relations: ReadonlyMap<Oid, NamedRelation>,
  viewKeys: ViewKeys,
): ReadonlyMap<string, Table> => {
  const columns = buildColumns(rows);
  const primaryKeys = tablePrimaryKeys(rows, relations);
  return new Map(
    rows.tables.map((row) => {
      const primaryKey = isView(row) ? viewPrimaryKey(row.id, viewKeys) : (primaryKeys.get(row.id) ?? []);
      return [identifierKey(row), buildTable(row, primaryKey, columns.get(row.id) ?? new Map<string, Column>())];
    }),
  );
};

const isView = ({ kind }: TableRow): boolean => kind === "v" || kind === "m";

const buildTable = (row: TableRow, primaryKey: readonly string[], columns: ReadonlyMap<string, Column>): Table => {
  const takes = (event: number): boolean => row.kind === "r" || row.kind === "p" || ((row.events ?? 0) & event) !== 0;
  return {
    schema: row.schema,
    name: row.name,
    description: row.description,
    isView: isView(row),
    insertable: takes(EVENTS.insert),
    updatable: takes(EVENTS.update),
    deletable: takes(EVENTS.delete),
    primaryKey,
    columns,
  };
};

const buildColumns = (rows: CatalogRows): ReadonlyMap<Oid, ReadonlyMap<string, Column>> => {
  const enums = new Map(rows.enums.map(({ type, labels }) => [type, labels]));
  const columns = new Map<Oid, Map<string, Column>>();
  for (const row of rows.columns) {
    const ofRelation = columns.get(row.relation) ?? new Map<string, Column>();
    columns.set(row.relation, ofRelation.set(row.name, buildColumn(row, enums.get(row.baseType) ?? [])));
  }
  return columns;
};

const buildColumn = (row: ColumnRow, labels: readonly string[]): Column => ({
  name: row.name,
  description: row.description,
  nullable: row.nullable,
  type: row.type,
  nominalType: row.nominalType,
  maxLength: row.maxLength,
  default: row.default,
  enum: labels,
});

/** In the order of their names, not of the key. */
const tablePrimaryKeys = (rows: CatalogRows, relations: ReadonlyMap<Oid, NamedRelation>): ReadonlyMap<Oid, readonly string[]> =>
  new Map(
    rows.keys
      .filter((key) => key.kind === "p")
      .map((key) => {
        const names = relations.get(key.relation)?.columns;
        return [key.relation, key.columns.flatMap((column) => names?.get(column) ?? []).sort()];
      }),
  );

// Where the view shows a column of the key twice, either would do: nothing asks clients to name key columns.
const viewPrimaryKey = (view: Oid, viewKeys: ViewKeys): readonly string[] =>
  (viewKeys.primary.get(view) ?? []).flatMap((key) => key.columns.flatMap((columns) => columns.slice(0, 1)));
