import type { RawResult } from "@plinth/core";

/** An oid as PostgreSQL writes it into JSON. */
export type Oid = string;

/** What `catalogStatement` returns: the parts of the system catalogs that a schema cache is made of. */
export interface CatalogRows {
  /** Of the schema; to be read by `versionOf`. */
  readonly version: RawResult["rows"];
  readonly serverVersion: number;
  readonly tables: readonly TableRow[];
  readonly columns: readonly ColumnRow[];
  readonly enums: readonly EnumRow[];
  readonly keys: readonly KeyRow[];
  readonly keyedRelations: readonly KeyedRelationRow[];
  readonly views: readonly ViewRow[];
  readonly routines: readonly RoutineRow[];
  readonly computedRelationships: readonly ComputedRelationshipRow[];
  readonly representations: readonly RepresentationRow[];
  readonly mediaHandlers: readonly MediaHandlerRow[];
}

export interface TableRow {
  readonly id: Oid;
  readonly schema: string;
  readonly name: string;
  /** pg_class.relkind */
  readonly kind: "r" | "p" | "v" | "m" | "f";
  readonly description: string | null;
  /** For views and foreign tables: bit mask of the commands the relation takes, `1 << CmdType`. */
  readonly events: number | null;
}

export interface ColumnRow {
  readonly relation: Oid;
  readonly position: number;
  readonly name: string;
  readonly description: string | null;
  readonly nullable: boolean;
  readonly type: string;
  readonly nominalType: string;
  readonly maxLength: number | null;
  readonly default: string | null;
  readonly baseType: Oid;
}

export interface EnumRow {
  readonly type: Oid;
  readonly labels: readonly string[];
}

export type KeyRow = PrimaryOrUniqueKeyRow | ForeignKeyRow;

export interface PrimaryOrUniqueKeyRow {
  readonly kind: "p" | "u";
  readonly id: Oid;
  readonly name: string;
  readonly relation: Oid;
  /** pg_attribute.attnum, in the order of the key. */
  readonly columns: readonly number[];
}

export interface ForeignKeyRow {
  readonly kind: "f";
  readonly id: Oid;
  readonly name: string;
  readonly relation: Oid;
  readonly columns: readonly number[];
  readonly target: Oid;
  readonly targetColumns: readonly number[];
  /** A partition's copy of its partitioned table's key. */
  readonly inherited: boolean;
}

export interface KeyedRelationRow {
  readonly id: Oid;
  readonly schema: string;
  readonly name: string;
  /** Name by attnum. */
  readonly columns: Readonly<Record<string, string>>;
}

export interface ViewRow {
  readonly id: Oid;
  readonly exposed: boolean;
  /** pg_rewrite.ev_action: one Query, as a node tree. */
  readonly query: string;
}

export interface RoutineRow {
  readonly schema: string;
  readonly name: string;
  readonly description: string | null;
  readonly params: readonly RoutineParamRow[] | null;
  readonly returnSchema: string;
  readonly returnName: string;
  readonly setOf: boolean;
  readonly composite: boolean;
  /** What it returns is a domain over `returnName`. */
  readonly domain: boolean;
  readonly volatility: "i" | "s" | "v";
  readonly variadic: boolean;
  /** `name=value` */
  readonly settings: readonly string[] | null;
}

export interface RoutineParamRow {
  readonly name: string;
  readonly type: string;
  readonly typeMaxLength: string;
  readonly required: boolean;
  readonly variadic: boolean;
}

export interface ComputedRelationshipRow {
  readonly functionSchema: string;
  readonly functionName: string;
  readonly sourceSchema: string;
  readonly sourceName: string;
  readonly targetSchema: string;
  readonly targetName: string;
  readonly toOne: boolean;
}

export interface RepresentationRow {
  readonly source: string;
  readonly target: string;
  readonly function: string;
}

export interface MediaHandlerRow {
  readonly handlerSchema: string;
  readonly handlerName: string;
  readonly relationSchema: string;
  readonly relationName: string;
  readonly mime: string;
  /** Whether the domain is one of bytea. */
  readonly binary: boolean;
}
