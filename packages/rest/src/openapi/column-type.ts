import type { Schema, SchemaType } from "./swagger.ts";

/** Types that aren't strings; undefined for those whose values may be anything. */
const TYPES: Readonly<Record<string, SchemaType | undefined>> = {
  boolean: "boolean",
  smallint: "integer",
  integer: "integer",
  bigint: "integer",
  numeric: "number",
  real: "number",
  "double precision": "number",
  json: undefined,
  jsonb: undefined,
};

const FORMATS: Readonly<Record<string, string>> = { smallint: "int32", integer: "int32", bigint: "int64" };

const ARRAY = "[]";

/** @param type as PostgreSQL prints it */
export const swaggerType = (type: string): SchemaType | undefined =>
  Object.hasOwn(TYPES, type) ? TYPES[type] : type.endsWith(ARRAY) ? "array" : "string";

export const swaggerFormat = (type: string): string => (Object.hasOwn(FORMATS, type) ? (FORMATS[type] ?? type) : type);

/** The type of an array's elements. */
export const elementType = (type: string): string => type.slice(0, -ARRAY.length);

/** Type, format and, of arrays, the elements' type: no property where there is nothing to say. */
export const typeSchema = (type: string): Schema => {
  const swagger = swaggerType(type);
  return {
    format: swaggerFormat(type),
    ...(swagger && { type: swagger }),
    ...(swagger === "array" && { items: elementSchema(type) }),
  };
};

const elementSchema = (type: string): Schema => {
  const swagger = swaggerType(elementType(type));
  return swagger ? { type: swagger } : {};
};
