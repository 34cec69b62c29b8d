import type { QualifiedIdentifier } from "./identifiers.ts";

/** Columns that join two relations: [column of `table`, column of `foreignTable`]. */
export type ColumnPair = readonly [column: string, foreignColumn: string];

export type Relationship = ForeignKeyRelationship | ComputedRelationship;

/** A relationship that follows from foreign keys, between tables or through views upon them. */
export interface ForeignKeyRelationship {
  readonly kind: "foreign-key";
  readonly table: QualifiedIdentifier;
  readonly foreignTable: QualifiedIdentifier;
  readonly isSelf: boolean;
  readonly tableIsView: boolean;
  readonly foreignTableIsView: boolean;
  readonly cardinality: Cardinality;
}

export type Cardinality =
  | { readonly kind: "O2M" | "M2O"; readonly constraint: string; readonly columns: readonly ColumnPair[] }
  /** isParent: `table` is the referenced side. */
  | { readonly kind: "O2O"; readonly constraint: string; readonly columns: readonly ColumnPair[]; readonly isParent: boolean }
  | { readonly kind: "M2M"; readonly junction: Junction };

export interface Junction {
  readonly table: QualifiedIdentifier;
  readonly constraint1: string;
  readonly constraint2: string;
  /** [column of the source, column of the junction] */
  readonly sourceColumns: readonly ColumnPair[];
  /** [column of the target, column of the junction] */
  readonly targetColumns: readonly ColumnPair[];
}

/** A function of one row-typed argument that returns rows of another table. */
export interface ComputedRelationship {
  readonly kind: "computed";
  readonly function: QualifiedIdentifier;
  readonly table: QualifiedIdentifier;
  readonly foreignTable: QualifiedIdentifier;
  /** Name that rows of `table` go by in the statement, for the function's argument; `table` itself until planned. */
  readonly tableAlias: QualifiedIdentifier;
  readonly toOne: boolean;
  readonly isSelf: boolean;
}

export const isToOne = (rel: Relationship): boolean =>
  rel.kind === "computed" ? rel.toOne : rel.cardinality.kind === "M2O" || rel.cardinality.kind === "O2O";

/** Key of `SchemaCache.relationships`: the source table and the schema that targets are looked for in. */
export const relationshipKey = (table: QualifiedIdentifier, foreignSchema: string): string =>
  `${table.schema}\0${table.name}\0${foreignSchema}`;
