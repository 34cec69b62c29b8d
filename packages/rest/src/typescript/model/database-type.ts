import type { QualifiedIdentifier } from "../../schema-cache/identifiers.ts";

/** A type of PostgreSQL, taken apart as far as its values' form depends on it. */
export type DatabaseType = BaseType | EnumType | ArrayType | CompositeType | DomainType;

/** Base types, ranges and pseudo-types: values that have no parts. */
export interface BaseType extends QualifiedIdentifier {
  readonly kind: "base";
  /** Of pg_catalog, so that the name says what it is. */
  readonly isBuiltIn: boolean;
  readonly isPseudo: boolean;
  /** In JSON, what a cast makes of it; its text otherwise. */
  readonly toJson: boolean;
}

export interface EnumType extends QualifiedIdentifier {
  readonly kind: "enum";
  /** In the order of the type. */
  readonly labels: readonly string[];
}

export interface ArrayType {
  readonly kind: "array";
  readonly element: DatabaseType;
}

/** A composite type, or the row type of a relation. */
export interface CompositeType extends QualifiedIdentifier {
  readonly kind: "composite";
  /** What it was made with; "row" is of a relation that isn't exposed, a partition for instance. */
  readonly of: "type" | "table" | "view" | "row";
  readonly attributes: readonly Attribute[];
}

export const isRowOfRelation = (type: DatabaseType): type is CompositeType => type.kind === "composite" && type.of !== "type";

export interface Attribute {
  readonly name: string;
  readonly type: DatabaseType;
  readonly nullable: boolean;
}

export interface DomainType extends QualifiedIdentifier {
  readonly kind: "domain";
  readonly base: DatabaseType;
  /** By this domain or one that it is made of. */
  readonly notNull: boolean;
  /** By this domain; the others' defaults don't count. */
  readonly hasDefault: boolean;
  /** Has a data representation to read by. */
  readonly toJson: boolean;
  /** Has a data representation to write by. */
  readonly fromJson: boolean;
}
