import { groupBy } from "../../schema-cache/group-by.ts";
import type { DatabaseType } from "../model/database-type.ts";
import type { SchemaModel } from "../model/schema-model.ts";
import { indented, literal, nullable, objectType, type Property, propertyKey } from "../source-text.ts";
import { helperTypes } from "./helper-types.ts";
import { enumLiterals, type JsonValues, jsonValues } from "./json-value.ts";
import { relationType } from "./relation-types.ts";
import { routineType } from "./routine-types.ts";

/**
 * The newest PostgREST whose abilities supabase-js knows; those of later ones it takes for those of version 12.
 * https://github.com/supabase/supabase-js/blob/master/packages/core/postgrest-js/src/types/feature-flags.ts
 */
const POSTGREST_VERSION = "14.1";

const JSON_TYPE = "export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]";

/**
 * The module whose `Database` createClient() of supabase-js takes, in the form of `supabase gen types typescript`.
 * @param defaultSchema what `Tables<"todos">` looks into
 */
export function supabaseTypes(models: readonly SchemaModel[], defaultSchema: string): string {
  const values = jsonValues(new Set(models.map(({ name }) => name)));
  const internals = { name: "__InternalSupabase", type: `{ PostgrestVersion: ${literal(POSTGREST_VERSION)} }` };
  const database = objectType([internals, ...models.map((model) => ({ name: model.name, type: schemaType(model, values) }))]);
  return `${JSON_TYPE}\n\nexport type Database = ${database}\n\n${helperTypes(defaultSchema)}\n\n${constants(models)}\n`;
}

function schemaType({ tables, views, routines, enums, composites }: SchemaModel, values: JsonValues): string {
  const functions = [...groupBy(routines, ({ name }) => name)];
  return objectType([
    { name: "Tables", type: section(tables.map((table) => ({ name: table.name, type: relationType(table, values) }))) },
    { name: "Views", type: section(views.map((view) => ({ name: view.name, type: relationType(view, values) }))) },
    { name: "Functions", type: section(functions.map(([name, overloads]) => ({ name, type: routineType(overloads, values) }))) },
    { name: "Enums", type: section(enums.map(({ name, labels }) => ({ name, type: enumLiterals(labels) }))) },
    { name: "CompositeTypes", type: section(composites.map(({ name, attributes }) => ({ name, type: objectType(attributes.map((attribute) => attributeProperty(attribute, values))) }))) },
  ]);
}

const section = (properties: readonly Property[]): string => (properties.length === 0 ? "{\n  [_ in never]: never\n}" : objectType(properties));

const attributeProperty = ({ name, type }: { readonly name: string; readonly type: DatabaseType }, values: JsonValues): Property => ({ name, type: nullable(values.plain(type)) });

/** The labels of enums, for code that needs them when it runs. */
function constants(models: readonly SchemaModel[]): string {
  const schemas = models.map(({ name, enums }) => [name, objectValue([["Enums", objectValue(enums.map((each) => [each.name, `[${each.labels.map(literal).join(", ")}]`]))]])] as const);
  return `export const Constants = ${objectValue(schemas)} as const`;
}

const objectValue = (entries: ReadonlyArray<readonly [name: string, value: string]>): string =>
  entries.length === 0 ? "{}" : `{\n${entries.map(([name, value]) => `  ${valueKey(name)}: ${indented(value)},\n`).join("")}}`;

/** In a value this one name would set the prototype. */
const valueKey = (name: string): string => (name === "__proto__" ? '["__proto__"]' : propertyKey(name));
