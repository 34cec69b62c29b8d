import type { TableRow } from "../../schema-cache/catalog/catalog-rows.ts";
import { relationNames } from "../../schema-cache/catalog/relation-names.ts";
import { groupBy } from "../../schema-cache/group-by.ts";
import { identifierKey, type QualifiedIdentifier } from "../../schema-cache/identifiers.ts";
import { references, type Reference } from "../../schema-cache/relationships/references.ts";
import { viewColumnOrigins } from "../../schema-cache/views/view-column-origins.ts";
import { viewKeys } from "../../schema-cache/views/view-keys.ts";
import type { TypeCatalogRows, TypedColumnRow } from "../catalog/type-catalog-rows.ts";
import { byName, compareText } from "./by-name.ts";
import type { ColumnModel, RelationModel, RelationshipModel, RoutineModel } from "./schema-model.ts";
import { isRowOfRelation } from "./database-type.ts";
import { isNotNull, isView, type TypeResolver } from "./type-resolver.ts";

/** The exposed relations, by name. */
export function buildRelations(rows: TypeCatalogRows, types: TypeResolver, routines: readonly RoutineModel[]): readonly RelationModel[] {
  const columns = groupBy(rows.columns, ({ relation }) => relation);
  const relationships = relationshipsOf(rows);
  const ofRows = groupBy(routines.filter(isComputedColumn), ({ rowOf }) => identifierKey(rowOf));
  return rows.tables.toSorted(byName).map((row) => buildRelation(row, {
    columns: (columns.get(row.id) ?? []).map((column) => buildColumn(column, isView(row), types)).toSorted(byName),
    relationships: relationships.get(identifierKey(row)) ?? [],
    routines: ofRows.get(identifierKey(row)) ?? [],
  }));
}

interface Parts {
  readonly columns: readonly ColumnModel[];
  readonly relationships: readonly RelationshipModel[];
  readonly routines: readonly RoutineModel[];
}

function buildRelation(row: TableRow, { columns, relationships, routines }: Parts): RelationModel {
  const names = new Set(columns.map(({ name }) => name));
  return {
    schema: row.schema,
    name: row.name,
    isView: isView(row),
    insertable: !isView(row) || takes(row, INSERT),
    updatable: !isView(row) || takes(row, UPDATE),
    columns,
    // The column goes before a function of its name.
    computed: routines.filter(({ name }) => !names.has(name)).map(({ name, returns }) => ({ name, type: returns })).toSorted(byName),
    relationships,
  };
}

/** `1 << CmdType`, as pg_relation_is_updatable() gives them. */
const UPDATE = 4;
const INSERT = 8;

const takes = ({ events }: TableRow, event: number): boolean => ((events ?? 0) & event) !== 0;

function buildColumn(row: TypedColumnRow, ofView: boolean, types: TypeResolver): ColumnModel {
  const type = types.resolve(row.type);
  const nullable = !row.notNull && !(isNotNull(type) && !ofView);
  const hasDefault = row.hasDefault || row.identity !== "" || (type.kind === "domain" && type.hasDefault);
  const isMade = row.generated || row.identity === "a";
  return { name: row.name, type, nullable, optional: ofView || nullable || hasDefault, insertable: row.insertable && !isMade, updatable: row.updatable && !isMade };
}

/** Of one row, and no relationship: those return rows of relations, and are embedded. */
const isComputedColumn = (routine: RoutineModel): routine is RoutineModel & { readonly rowOf: QualifiedIdentifier } =>
  routine.rowOf?.schema === routine.schema && !routine.setOf && routine.columns.length === 0 && !isRowOfRelation(routine.returns);

/** Between relations of one schema: a client has the types of one schema at a time. */
function relationshipsOf(rows: TypeCatalogRows): ReadonlyMap<string, readonly RelationshipModel[]> {
  const relations = relationNames(rows);
  const exposed = new Set(rows.tables.map(identifierKey));
  const keys = viewKeys(rows.keys, viewColumnOrigins(rows.views), relations);
  const found = references({ keys: rows.keys, relations, viewKeys: keys, isExposed: (schema) => rows.schemas.includes(schema) })
    .filter(({ table, foreignTable }) => table.schema === foreignTable.schema && exposed.has(identifierKey(table)) && exposed.has(identifierKey(foreignTable)));
  const grouped = groupBy(found, ({ table }) => identifierKey(table));
  return new Map([...grouped].map(([key, ofRelation]) => [key, distinct(ofRelation.map(relationship))]));
}

const relationship = ({ foreignTable, cardinality: { kind, constraint, columns } }: Reference): RelationshipModel => ({
  constraint,
  columns: columns.map(([column]) => column),
  isOneToOne: kind === "O2O",
  target: foreignTable.name,
  targetColumns: columns.map(([, column]) => column),
});

function distinct(relationships: readonly RelationshipModel[]): readonly RelationshipModel[] {
  const byText = new Map(relationships.map((each) => [JSON.stringify([each.constraint, each.target, each.columns, each.targetColumns]), each]));
  return [...byText].toSorted(([a], [b]) => compareText(a, b)).map(([, each]) => each);
}

