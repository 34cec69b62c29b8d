import type { CoercibleField } from "../plan/coercible.ts";
import { quoteIdentifier, quoteLiteral } from "../sql/identifier.ts";
import type { Parameters } from "./parameters.ts";

/** The body's rows go by this name in the statement. */
export const BODY_RELATION = { schema: "", name: "pgrst_body" } as const;

export interface JsonBodyOptions {
  /** Missing keys take their column's default rather than null. */
  readonly applyDefaults: boolean;
  /** Only the first element of an array counts: arguments of one call. */
  readonly firstOnly: boolean;
}

/**
 * A JSON body as a FROM item: one row per object, typed by `fields`.
 * The text is one parameter; PostgreSQL takes it apart.
 */
export function jsonBodySql(body: string | undefined, fields: readonly CoercibleField[], options: JsonBodyOptions, parameters: Parameters): string {
  const isObject = isJsonObject(body);
  if (fields.length === 0) return emptyRowsSql(body, isObject, parameters);
  const rows = options.applyDefaults ? defaultedRows(body, isObject, fields, parameters) : plainRows(body, isObject, parameters);
  const columns = fields.map((field) => `${quoteIdentifier(field.name)} ${field.irType}`).join(", ");
  const firstOnly = options.firstOnly && !isObject;
  if (!firstOnly && fields.every((field) => field.transform === undefined)) return `${rows} as pgrst_body(${columns})`;
  const parsed = fields.map(parsedColumn).join(", ");
  return `(select ${parsed} from ${rows} as pgrst_raw(${columns})${firstOnly ? " limit 1" : ""}) pgrst_body`;
}

/** Whether the rows are one or many is all that has to be known before; anything malformed PostgreSQL refuses. */
const isJsonObject = (body: string | undefined): boolean => body !== undefined && /^[ \t\n\r]*\{/.test(body);

/** `{}` is one row of defaults; `[{}, {}]` are two. */
const emptyRowsSql = (body: string | undefined, isObject: boolean, parameters: Parameters): string =>
  isObject ? "(values (1)) pgrst_body" : `json_array_elements(${parameters.bind(body ?? null)}::json) pgrst_body`;

const plainRows = (body: string | undefined, isObject: boolean, parameters: Parameters): string =>
  `${isObject ? "json_to_record" : "json_to_recordset"}(${parameters.bind(body ?? null)}::json)`;

/** Each object laid over one of the defaults, which are evaluated anew for each. */
function defaultedRows(body: string | undefined, isObject: boolean, fields: readonly CoercibleField[], parameters: Parameters): string {
  const payload = `${parameters.bind(body ?? null)}::jsonb`;
  const pairs = fields.flatMap((field) => (field.default === null ? [] : [`${quoteLiteral(field.name)}, ${field.default}`]));
  const defaults = `jsonb_build_object(${pairs.join(", ")})`;
  if (isObject) return `jsonb_to_record(${defaults} || ${payload})`;
  return `(select ${defaults} || pgrst_element as pgrst_object from jsonb_array_elements(${payload}) pgrst_element) pgrst_defaults, jsonb_to_record(pgrst_object)`;
}

const parsedColumn = (field: CoercibleField): string => {
  const name = quoteIdentifier(field.name);
  return field.transform === undefined ? name : `${field.transform}(${name}) as ${name}`;
};
