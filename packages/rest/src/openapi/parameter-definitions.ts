import type { Table } from "../schema-cache/table.ts";
import { definitionReference } from "./swagger.ts";
import type { Parameter, SimpleParameter } from "./swagger.ts";

const RETURN = ["return=representation", "return=minimal", "return=none"];
const RESOLUTION = ["resolution=ignore-duplicates", "resolution=merge-duplicates"];

const optional = (where: "query" | "header", name: string, description: string): SimpleParameter => ({
  name,
  description,
  required: false,
  in: where,
  type: "string",
});

const preference = (values: readonly string[]): SimpleParameter => ({
  ...optional("header", "Prefer", "Preference"),
  ...(values.length > 0 && { enum: values }),
});

/** Those that the operations of all tables and routines share. */
const SHARED: Readonly<Record<string, Parameter>> = {
  preferParams: preference([]),
  preferReturn: preference(RETURN),
  preferCount: preference(["count=none"]),
  preferPost: preference([...RETURN, ...RESOLUTION]),
  select: optional("query", "select", "Filtering Columns"),
  on_conflict: optional("query", "on_conflict", "On Conflict"),
  order: optional("query", "order", "Ordering"),
  range: optional("header", "Range", "Limiting and Pagination"),
  rangeUnit: { ...optional("header", "Range-Unit", "Limiting and Pagination"), default: "items" },
  offset: optional("query", "offset", "Limiting and Pagination"),
  limit: optional("query", "limit", "Limiting and Pagination"),
};

export const bodyParameterName = (table: Table): string => `body.${table.name}`;
export const filterParameterNames = (table: Table): readonly string[] => [...table.columns.keys()].map((column) => `rowFilter.${table.name}.${column}`);

/** The parameters that operations refer to, by name. */
export const parameterDefinitions = (tables: readonly Table[]): Readonly<Record<string, Parameter>> => ({
  ...SHARED,
  ...Object.fromEntries(tables.flatMap((table) => [[bodyParameterName(table), bodyParameter(table)], ...filterParameters(table)])),
});

const bodyParameter = (table: Table): Parameter => ({
  name: table.name,
  description: table.name,
  required: false,
  in: "body",
  schema: definitionReference(table.name),
});

const filterParameters = (table: Table): ReadonlyArray<readonly [string, Parameter]> =>
  [...table.columns.values()].map((column) => [
    `rowFilter.${table.name}.${column.name}`,
    { name: column.name, ...(column.description !== null && { description: column.description }), required: false, in: "query", type: "string" },
  ]);
