import { identifierKey } from "../../../src/schema-cache/identifiers.ts";
import { mediaHandlerKey } from "../../../src/schema-cache/media-handler.ts";
import type { ResolvedHandler } from "../../../src/schema-cache/media-handler.ts";
import { relationshipKey } from "../../../src/schema-cache/relationship.ts";
import type { Cardinality, ColumnPair, ForeignKeyRelationship, Relationship } from "../../../src/schema-cache/relationship.ts";
import type { Routine, RoutineParam } from "../../../src/schema-cache/routine.ts";
import { representationKey } from "../../../src/schema-cache/schema-cache.ts";
import type { DataRepresentation, SchemaCache } from "../../../src/schema-cache/schema-cache.ts";
import type { Column, Table } from "../../../src/schema-cache/table.ts";

export const SCHEMA = "test";
export const id = (name: string) => ({ schema: SCHEMA, name });

export interface CacheParts {
  readonly tables?: readonly Table[];
  readonly relationships?: readonly Relationship[];
  readonly routines?: readonly Routine[];
  readonly representations?: readonly DataRepresentation[];
  readonly handlers?: ReadonlyArray<readonly [relation: string | undefined, mime: string, ResolvedHandler]>;
}

const BUILT_IN: CacheParts["handlers"] = [
  [undefined, "*/*", { handler: { kind: "json" }, mediaType: { kind: "json" } }],
  [undefined, "application/json", { handler: { kind: "json" }, mediaType: { kind: "json" } }],
  [undefined, "text/csv", { handler: { kind: "csv" }, mediaType: { kind: "csv" } }],
];

export function schemaCache(parts: CacheParts): SchemaCache {
  const handlers = [...(BUILT_IN ?? []), ...(parts.handlers ?? [])];
  return {
    tables: new Map(parts.tables?.map((table) => [identifierKey(table), table])),
    relationships: grouped(parts.relationships ?? [], ({ table, foreignTable }) => relationshipKey(table, foreignTable.schema)),
    routines: grouped(parts.routines ?? [], identifierKey),
    representations: new Map(parts.representations?.map((cast) => [representationKey(cast.sourceType, cast.targetType), cast])),
    mediaHandlers: new Map(handlers.map(([relation, mime, handler]) => [mediaHandlerKey(relation === undefined ? undefined : id(relation), mime), handler])),
    serverVersion: 150_000,
  };
}

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

/** Columns as `{ name: type }`; "domain/base" for a domain. The first column is the key unless another is named. */
export function table(name: string, columns: Readonly<Record<string, string>>, primaryKey: readonly string[] = [Object.keys(columns)[0] ?? ""]): Table {
  return {
    schema: SCHEMA,
    name,
    description: null,
    isView: false,
    insertable: true,
    updatable: true,
    deletable: true,
    primaryKey,
    columns: new Map(Object.entries(columns).map(([column, type]) => [column, columnOf(column, type)])),
  };
}

function columnOf(name: string, type: string): Column {
  const [nominalType = "", base = nominalType] = type.split("/");
  return { name, description: null, nullable: true, type: base, nominalType, maxLength: null, default: null, enum: [] };
}

function foreignKey(source: string, target: string, cardinality: Cardinality): ForeignKeyRelationship {
  return { kind: "foreign-key", table: id(source), foreignTable: id(target), isSelf: source === target, tableIsView: false, foreignTableIsView: false, cardinality };
}

/** Both directions of a foreign key from `source` to `target`. */
export function reference(source: string, target: string, constraint: string, columns: readonly ColumnPair[]): ForeignKeyRelationship[] {
  const inverse = columns.map(([column, foreignColumn]): ColumnPair => [foreignColumn, column]);
  return [
    foreignKey(source, target, { kind: "M2O", constraint, columns }),
    foreignKey(target, source, { kind: "O2M", constraint, columns: inverse }),
  ];
}

export function oneToOne(source: string, target: string, constraint: string, columns: readonly ColumnPair[]): ForeignKeyRelationship {
  return foreignKey(source, target, { kind: "O2O", constraint, columns, isParent: false });
}

export function manyToMany(source: string, target: string, junction: string, sourceColumns: readonly ColumnPair[], targetColumns: readonly ColumnPair[]): ForeignKeyRelationship {
  const constraints = { constraint1: `${junction}_${source}_fkey`, constraint2: `${junction}_${target}_fkey` };
  return foreignKey(source, target, { kind: "M2M", junction: { table: id(junction), ...constraints, sourceColumns, targetColumns } });
}

export function computed(fn: string, source: string, target: string, toOne: boolean): Relationship {
  return { kind: "computed", function: id(fn), table: id(source), foreignTable: id(target), tableAlias: id(source), toOne, isSelf: source === target };
}

/** Parameters as "name type", "name? type" if optional, "name... type" if variadic. */
export function routine(name: string, params: readonly string[], more: Partial<Routine> = {}): Routine {
  return {
    schema: SCHEMA,
    name,
    description: null,
    params: params.map(paramOf),
    returns: { setOf: false, kind: "scalar", type: { schema: "pg_catalog", name: "int4" }, isDomainAlias: false },
    volatility: "volatile",
    hasVariadic: params.some((param) => param.includes("...")),
    isolation: null,
    settings: [],
    ...more,
  };
}

function paramOf(text: string): RoutineParam {
  const [, name = "", mark, type = ""] = /^(\w*)(\?|\.\.\.)? (.+)$/.exec(text) ?? [];
  return { name, type, typeMaxLength: type, required: mark !== "?", variadic: mark === "..." };
}
