import type { EnumRow, KeyedRelationRow, KeyRow, Oid, TableRow, ViewRow } from "../../schema-cache/catalog/catalog-rows.ts";

/** What `typeCatalogStatement` returns: the parts of the system catalogs that TypeScript types are made of. */
export interface TypeCatalogRows {
  /** Names of the schemas asked for that are there. */
  readonly schemas: readonly string[];
  /** Every schema that isn't PostgreSQL's own or the backend's. */
  readonly allSchemas: readonly string[];
  readonly tables: readonly TableRow[];
  readonly columns: readonly TypedColumnRow[];
  readonly types: readonly TypeRow[];
  readonly enums: readonly EnumRow[];
  readonly keys: readonly KeyRow[];
  readonly keyedRelations: readonly KeyedRelationRow[];
  readonly views: readonly ViewRow[];
  readonly routines: readonly TypedRoutineRow[];
}

/** A column of a relation, or an attribute of a composite type. */
export interface TypedColumnRow {
  readonly relation: Oid;
  /** pg_attribute.attnum */
  readonly position: number;
  readonly name: string;
  readonly type: Oid;
  readonly notNull: boolean;
  /** Of the column itself; its domain may have another. */
  readonly hasDefault: boolean;
  /** pg_attribute.attidentity: always, by default. */
  readonly identity: "a" | "d" | "";
  /** Computed by PostgreSQL from the row's other columns. */
  readonly generated: boolean;
  /** Whether INSERT may name it. */
  readonly insertable: boolean;
  /** Whether UPDATE may name it. */
  readonly updatable: boolean;
}

export interface TypeRow {
  readonly id: Oid;
  readonly schema: string;
  readonly name: string;
  /** pg_type.typtype: base, composite, domain, enum, pseudo, range, multirange. */
  readonly kind: "b" | "c" | "d" | "e" | "p" | "r" | "m";
  /** Of an array. */
  readonly element: Oid | null;
  /** Of a domain. */
  readonly base: Oid | null;
  /** Of a composite type: what its attributes belong to. */
  readonly relation: Oid | null;
  /** Made by CREATE TYPE, rather than the row type of a relation. */
  readonly standalone: boolean;
  /** Of a domain. */
  readonly notNull: boolean;
  /** Of a domain. */
  readonly hasDefault: boolean;
  /** A cast makes JSON of it that is not its text. */
  readonly toJson: boolean;
  /** A cast makes it of JSON. */
  readonly fromJson: boolean;
}

export interface TypedRoutineRow {
  readonly schema: string;
  readonly name: string;
  readonly setOf: boolean;
  /** How many rows the planner is told to expect. */
  readonly rows: number;
  readonly returns: Oid;
  readonly parameters: readonly TypedParameterRow[];
}

export interface TypedParameterRow {
  /** pg_proc.proargmodes: in, out, inout, variadic, table. */
  readonly mode: "i" | "o" | "b" | "v" | "t";
  /** "" for an unnamed one. */
  readonly name: string;
  readonly type: Oid;
  readonly hasDefault: boolean;
}
