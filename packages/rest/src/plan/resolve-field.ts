import type { Field, JsonOperation } from "../request/field.ts";
import { representationKey } from "../schema-cache/schema-cache.ts";
import type { SchemaCache } from "../schema-cache/schema-cache.ts";
import type { Column, Table } from "../schema-cache/table.ts";
import type { CoercibleField } from "./coercible.ts";

const NO_PATH: readonly JsonOperation[] = [];

/** A name of which nothing is known; that may well be right, e.g. on what a routine returns. */
export function unknownField(name: string, jsonPath: readonly JsonOperation[] = NO_PATH): CoercibleField {
  return { name, jsonPath, toJson: false, toTsVector: undefined, irType: "", baseType: "", transform: undefined, default: null, fullRow: false };
}

export function resolveColumn(column: Column): CoercibleField {
  return {
    name: column.name,
    jsonPath: NO_PATH,
    toJson: false,
    toTsVector: undefined,
    irType: column.nominalType,
    baseType: column.type,
    transform: undefined,
    default: column.default,
    fullRow: false,
  };
}

/** @param toTsVector how full-text search makes a tsvector of the column, unless it is one */
export function resolveField(table: Table | undefined, { name, jsonPath }: Field, toTsVector?: { readonly language: string | undefined }): CoercibleField {
  const column = table?.columns.get(name);
  const hasPath = jsonPath.length > 0;
  return {
    name,
    jsonPath,
    // A json column is left as it is, so that indexes on its paths apply.
    toJson: hasPath && column?.nominalType !== "json" && column?.nominalType !== "jsonb",
    toTsVector: column === undefined || column.type === "tsvector" ? undefined : toTsVector,
    irType: column?.nominalType ?? "",
    baseType: column?.type ?? "",
    transform: undefined,
    default: column?.default ?? null,
    fullRow: false,
  };
}

/** With the representation that makes JSON of the field, if there is one. */
export function shownAsJson(field: CoercibleField, cache: SchemaCache): CoercibleField {
  return represented(field, field.irType, "json", cache);
}

/** With the representation that makes the field of JSON (a body) or text (a filter), if there is one. */
export function parsedFrom(source: "json" | "text", field: CoercibleField, cache: SchemaCache): CoercibleField {
  return represented(field, source, field.irType, cache);
}

function represented(field: CoercibleField, sourceType: string, targetType: string, { representations }: SchemaCache): CoercibleField {
  if (representations.size === 0) return field;
  const representation = representations.get(representationKey(sourceType, targetType));
  return representation === undefined ? field : { ...field, irType: sourceType, transform: representation.function };
}
