import type { DatabaseType } from "../model/database-type.ts";
import { arrayOf, literal, union } from "../source-text.ts";

/** A value in JavaScript: as `pg` gives it, and what it takes for a parameter. */
export interface DriverValue {
  readonly read: string;
  readonly written: string;
}

const same = (type: string): DriverValue => ({ read: type, written: type });

const TEXT = same("string");
const MOMENT: DriverValue = { read: "Date", written: "Date | string" };
const JSON_VALUE: DriverValue = { read: "Json", written: "JsonInput" };

/** What `pg` parses, of the types of pg_catalog; all others are the text that PostgreSQL sends (pg-types, lib/textParsers.js). */
const PARSED: Readonly<Record<string, DriverValue>> = {
  bool: same("boolean"),
  int2: same("number"),
  int4: same("number"),
  oid: same("number"),
  float4: same("number"),
  float8: same("number"),
  // Too long for a number: neither loses digits.
  int8: { read: "string", written: "string | number | bigint" },
  numeric: { read: "string", written: "string | number" },
  date: MOMENT,
  timestamp: MOMENT,
  timestamptz: MOMENT,
  interval: { read: "Interval", written: "Interval | string" },
  bytea: { read: "Buffer", written: "Uint8Array" },
  json: JSON_VALUE,
  jsonb: JSON_VALUE,
  point: { read: "Point", written: "string" },
  circle: { read: "Circle", written: "string" },
};

/** Arrays that `pg` parses, by their elements. */
const PARSED_ARRAYS: ReadonlySet<string> = new Set([
  "bool", "int2", "int4", "int8", "oid", "float4", "float8", "numeric", "date", "timestamp", "timestamptz", "interval", "bytea", "json", "jsonb", "point",
  "bpchar", "varchar", "regproc", "text", "macaddr", "inet", "cidr", "uuid", "money", "time", "timetz", "numrange",
]);

/** Arrays of numbers are not as careful. */
const PARSED_ELEMENTS: Readonly<Record<string, string>> = { numeric: "number" };

/** @param enumName how a type of the module is called */
export function driverValue(type: DatabaseType, enumName: (type: { readonly schema: string; readonly name: string }) => string | undefined): DriverValue {
  if (type.kind === "domain") return driverValue(type.base, enumName);
  if (type.kind === "enum") return same(enumName(type) ?? union(type.labels.map(literal)));
  if (type.kind === "array") return arrayValue(type.element, driverValue(type.element, enumName));
  return (type.kind === "base" && type.isBuiltIn ? PARSED[type.name] : undefined) ?? TEXT;
}

function arrayValue(element: DatabaseType, { read, written }: DriverValue): DriverValue {
  if (element.kind !== "base" || !element.isBuiltIn || !PARSED_ARRAYS.has(element.name)) return { read: "string", written: union([arrayOf(written), "string"]) };
  return { read: arrayOf(PARSED_ELEMENTS[element.name] ?? read), written: arrayOf(written) };
}
