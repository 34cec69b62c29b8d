import type { CompositeType, DatabaseType } from "../model/database-type.ts";
import { byName } from "../model/by-name.ts";
import { arrayOf, literal, nullable, shortObjectType, union } from "../source-text.ts";

/** How values look in JSON. */
export interface JsonValues {
  /** As a relation's column is read. */
  read(type: DatabaseType): string;
  /** As a relation's column is written. */
  written(type: DatabaseType): string;
  /** As they are anywhere else, where no data representation stands for a domain. */
  plain(type: DatabaseType): string;
}

/** Types of pg_catalog that to_json() gives as something else than a string. */
const BUILT_IN: Readonly<Record<string, string>> = {
  bool: "boolean",
  int2: "number",
  int4: "number",
  int8: "number",
  float4: "number",
  float8: "number",
  numeric: "number",
  json: "Json",
  jsonb: "Json",
  void: "undefined",
  record: "Record<string, unknown>",
};

/** @param schemas those that `Database` has, whose types are referred to; others' are written out */
export function jsonValues(schemas: ReadonlySet<string>): JsonValues {
  const plain = (type: DatabaseType): string => {
    if (type.kind === "array") return arrayOf(plain(type.element));
    if (type.kind === "domain") return plain(type.base);
    if (type.kind === "base") return (type.isBuiltIn ? BUILT_IN[type.name] : undefined) ?? (type.isPseudo ? "unknown" : type.toJson ? "Json" : "string");
    const reference = schemas.has(type.schema) ? referenceTo(type) : undefined;
    if (reference !== undefined) return reference;
    return type.kind === "enum" ? enumLiterals(type.labels) : rowOf(type, plain);
  };
  const represented = (type: DatabaseType, by: "toJson" | "fromJson"): string => (type.kind === "domain" && type[by] ? "Json" : plain(type));
  return { plain, read: (type) => represented(type, "toJson"), written: (type) => represented(type, "fromJson") };
}

const PLACES = { enum: ["Enums"], type: ["CompositeTypes"], table: ["Tables", "Row"], view: ["Views", "Row"] } as const;

function referenceTo(type: Exclude<DatabaseType, { kind: "array" | "domain" | "base" }>): string | undefined {
  const origin = type.kind === "enum" ? "enum" : type.of;
  if (origin === "row") return undefined;
  const [section, ...rest] = PLACES[origin];
  return ["Database", ...[type.schema, section, type.name, ...rest].map((key) => `[${literal(key)}]`)].join("");
}

export const enumLiterals = (labels: readonly string[]): string => union(labels.map(literal));

/** The attributes of a row, without what is computed of it. */
export const rowOf = ({ attributes }: CompositeType, valueOf: (type: DatabaseType) => string): string =>
  shortObjectType(attributes.toSorted(byName).map(({ name, type, nullable: mayBeNull }) => ({ name, type: mayBeNull ? nullable(valueOf(type)) : valueOf(type) })));
