import type { CoercibleField, CoercibleSelectField } from "../plan/coercible.ts";
import type { SpreadSelectField } from "../plan/read-plan.ts";
import type { Field, JsonOperation } from "../request/field.ts";
import type { AggregateFunction } from "../request/select.ts";
import { columnOf, quoteIdentifier, type Relation, typeName } from "../sql/identifier.ts";
import type { Parameters } from "./parameters.ts";

/** The value of a field of `table`, without its representation. */
export function fieldSql(table: Relation, field: CoercibleField, parameters: Parameters): string {
  const value = bareField(table, field, parameters);
  if (!field.toTsVector) return value;
  return `to_tsvector(${languageArgument(field.toTsVector.language, parameters)}${value})`;
}

function bareField(table: Relation, field: CoercibleField, parameters: Parameters): string {
  if (field.fullRow) return table.row;
  const column = columnOf(table, field.name);
  if (field.jsonPath.length === 0) return column;
  return `${field.toJson ? `to_jsonb(${column})` : column}${jsonPathSql(field.jsonPath, parameters)}`;
}

/** `'english', `: the optional first argument of the text search functions. */
export const languageArgument = (language: string | undefined, parameters: Parameters): string =>
  language === undefined ? "" : `${parameters.bind(language)}, `;

/** A field of which only the name is known: of an embed, or of the statement's own making. */
export const plainFieldSql = (table: Relation, field: Field, parameters: Parameters): string =>
  columnOf(table, field.name) + jsonPathSql(field.jsonPath, parameters);

const jsonPathSql = (path: readonly JsonOperation[], parameters: Parameters): string =>
  path.map(({ arrow, operand }) => arrow + parameters.bind(operand.value) + (operand.kind === "index" ? "::int" : "")).join("");

/** One item of a SELECT list. */
export function selectItemSql(table: Relation, item: CoercibleSelectField, parameters: Parameters): string {
  const value = fieldSql(table, item.field, parameters);
  const represented = item.field.transform === undefined ? value : `${item.field.transform}(${value})`;
  return aggregateSql(castSql(represented, item.cast), item.aggregate, item.aggregateCast) + aliasSql(item.alias);
}

/** One column that a spread lifts into its parent. */
export const spreadItemSql = (embed: Relation, item: SpreadSelectField): string =>
  aggregateSql(columnOf(embed, item.name), item.aggregate, item.aggregateCast) + aliasSql(item.alias);

const aggregateSql = (value: string, aggregate: AggregateFunction | undefined, cast: string | undefined): string =>
  aggregate === undefined ? value : castSql(`${AGGREGATES[aggregate]}(${value})`, cast);

const AGGREGATES: Readonly<Record<AggregateFunction, string>> = { sum: "sum", avg: "avg", max: "max", min: "min", count: "count" };

const castSql = (value: string, type: string | undefined): string => (type === undefined ? value : `cast(${value} as ${typeName(type)})`);

const aliasSql = (alias: string | undefined): string => (alias === undefined ? "" : ` as ${quoteIdentifier(alias)}`);
