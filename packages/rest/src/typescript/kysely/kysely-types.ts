import type { QualifiedIdentifier } from "../../schema-cache/identifiers.ts";
import type { ColumnModel, RelationModel, SchemaModel } from "../model/schema-model.ts";
import { byName } from "../model/by-name.ts";
import { literal, nullable, objectType, union } from "../source-text.ts";
import { type DriverValue, driverValue } from "./driver-value.ts";

/** Where a name without a schema leads, in a scoped transaction. */
const DEFAULT_SCHEMA = "public";

/** What columns are described with, in the order in which they are written where they are needed. */
const DECLARATIONS: Readonly<Record<string, string>> = {
  Json: "export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]",
  JsonInput: `/** For a json column: an object, or JSON as text. Arrays and strings go through JSON.stringify(). */
export type JsonInput = string | number | boolean | { [key: string]: Json | undefined }`,
  Interval: `export interface Interval {
  years?: number
  months?: number
  days?: number
  hours?: number
  minutes?: number
  seconds?: number
  milliseconds?: number
  toPostgres(): string
  toISOString(): string
}`,
  Point: "export interface Point { x: number; y: number }",
  Circle: "export interface Circle extends Point { radius: number }",
};

const IMPORTS = ["ColumnType", "Generated", "GeneratedAlways"];

/** The module whose `DB` Kysely takes: tables and views of public by their name, others as "schema.name". */
export function kyselyTypes(models: readonly SchemaModel[]): string {
  const relations = models.flatMap(({ tables, views }) => [...tables, ...views]);
  const enums = models.flatMap((model) => model.enums);
  const known = new Set(enums.map(keyOf));
  const enumName = (type: QualifiedIdentifier): string | undefined => (known.has(keyOf(type)) ? `Enums[${literal(keyOf(type))}]` : undefined);
  const valueOf = (column: ColumnModel): DriverValue => driverValue(column.type, enumName);

  const tables = relations.filter(isNamable).map((relation) => ({ name: keyOf(relation), type: objectType(relation.columns.map((column) => ({ name: column.name, type: columnType(column, relation, valueOf(column)) }))) }));
  const database = `export interface DB ${objectType(tables.toSorted(byName))}`;
  const labels = enums.map((type) => ({ name: keyOf(type), type: union(type.labels.map(literal)) }));
  const written = [...(enums.length > 0 ? [`export interface Enums ${objectType(labels.toSorted(byName))}`] : []), database].join("\n\n");
  return `${[...imports(written), ...declarations(written), written, ...leftOut(relations)].join("\n\n")}\n`;
}

const keyOf = ({ schema, name }: QualifiedIdentifier): string => (schema === DEFAULT_SCHEMA ? name : `${schema}.${name}`);

/** Kysely takes a dot for the end of a schema, and " as " for the beginning of an alias. */
const isNamable = ({ schema, name }: QualifiedIdentifier): boolean => [schema, name].every((part) => !part.includes(".") && !part.includes(" as ") && part.trim() === part);

function columnType(column: ColumnModel, relation: RelationModel, value: DriverValue): string {
  const orNull = (type: string): string => (column.nullable ? nullable(type) : type);
  const [read, written] = [orNull(value.read), orNull(value.written)];
  const insertable = relation.insertable && column.insertable;
  const updatable = relation.updatable && column.updatable;
  if (!insertable && !updatable) return `GeneratedAlways<${read}>`;
  // What may be null may be left out, for Kysely.
  const mayBeLeftOut = column.optional && !column.nullable;
  if (insertable && updatable && read === written) return mayBeLeftOut ? `Generated<${read}>` : read;
  const insert = insertable ? (mayBeLeftOut ? union([written, "undefined"]) : written) : "never";
  return `ColumnType<${read}, ${insert}, ${updatable ? written : "never"}>`;
}

/** As a type: neither in a literal nor as a column's name. */
const mentions = (text: string, name: string): boolean => new RegExp(`(?<![\\w$])${name}(?![\\w$?:])`).test(text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""'));

function imports(text: string): readonly string[] {
  const names = IMPORTS.filter((name) => mentions(text, name));
  return names.length === 0 ? [] : [`import type { ${names.join(", ")} } from "kysely"`];
}

/** Those that are mentioned, and what they mention in turn. */
function declarations(text: string): readonly string[] {
  const used = new Set<string>();
  const visit = (source: string): void => {
    for (const [name, declaration] of Object.entries(DECLARATIONS)) {
      if (used.has(name) || !mentions(source, name)) continue;
      used.add(name);
      visit(declaration);
    }
  };
  visit(text);
  return Object.keys(DECLARATIONS).filter((name) => used.has(name)).map((name) => DECLARATIONS[name] as string);
}

function leftOut(relations: readonly RelationModel[]): readonly string[] {
  const names = relations.filter((relation) => !isNamable(relation)).map((relation) => literal(keyOf(relation)));
  return names.length === 0 ? [] : [`// Left out, since Kysely takes a dot for the end of a schema's name: ${names.join(", ")}`];
}
