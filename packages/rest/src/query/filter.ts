import type { CoercibleField, CoercibleFilter, CoercibleLogicTree } from "../plan/coercible.ts";
import type { Operation } from "../request/filter.ts";
import { fieldSql, languageArgument } from "./field.ts";
import { quoteIdentifier, type Relation } from "../sql/identifier.ts";
import { FTS_FUNCTIONS, IS_VALUES, LIKE_OPERATORS, QUANT_OPERATORS, SIMPLE_OPERATORS } from "./operators.ts";
import { arrayText, type Parameters } from "./parameters.ts";

/** How a filter on an embed's presence is put: it depends on whether the embed is joined. */
export type NullEmbedSql = (aggregateAlias: string, present: boolean) => string;

/**
 * The embed is joined laterally under its alias. DISTINCT FROM, because a row of nothing but nulls
 * "is null" to PostgreSQL and still is an embedded row.
 */
export const joinedEmbedSql: NullEmbedSql = (aggregateAlias, present) =>
  `${quoteIdentifier(aggregateAlias)} is ${present ? "" : "not "}distinct from null`;

/** A tree of conditions on `table`, without parentheses around a single condition. */
export function logicTreeSql(table: Relation, tree: CoercibleLogicTree, parameters: Parameters, nullEmbed: NullEmbedSql = joinedEmbedSql): string {
  if (tree.kind === "filter") return filterSql(table, tree.filter, parameters, nullEmbed);
  const children = tree.children.map((child) => logicTreeSql(table, child, parameters, nullEmbed));
  return `${tree.negated ? "not " : ""}(${children.join(` ${tree.operator} `)})`;
}

function filterSql(table: Relation, filter: CoercibleFilter, parameters: Parameters, nullEmbed: NullEmbedSql): string {
  if (filter.kind === "nullEmbed") return nullEmbed(filter.aggregateAlias, filter.negated);
  // A value that is no operator expression is an argument of a routine and never comes here as a condition.
  if (filter.expression.kind === "none") return "true";
  const { negated, operation } = filter.expression;
  const field = fieldSql(table, filter.field, parameters);
  return `${negated ? "not " : ""}${field} ${comparison(operation, filter.field, parameters)}`;
}

type OperationOf<K extends Operation["kind"]> = Extract<Operation, { kind: K }>;
type ComparisonSql<K extends Operation["kind"]> = (operation: OperationOf<K>, field: CoercibleField, parameters: Parameters) => string;

const COMPARISONS: { readonly [K in Operation["kind"]]: ComparisonSql<K> } = {
  simple: ({ operator, value }, field, parameters) => `${SIMPLE_OPERATORS[operator]} ${parsed(parameters.bind(value), field)}`,
  quantified: quantifiedSql,
  in: inSql,
  is: ({ value }) => `is ${IS_VALUES[value]}`,
  isDistinct: ({ value }, _field, parameters) => `is distinct from ${parameters.bind(value)}`,
  fts: ({ operator, language, value }, _field, parameters) =>
    `@@ ${FTS_FUNCTIONS[operator]}(${languageArgument(language, parameters)}${parameters.bind(value)})`,
};

const comparison = (operation: Operation, field: CoercibleField, parameters: Parameters): string =>
  (COMPARISONS[operation.kind] as ComparisonSql<Operation["kind"]>)(operation, field, parameters);

function quantifiedSql({ operator, quantifier, value }: OperationOf<"quantified">, field: CoercibleField, parameters: Parameters): string {
  const pattern = LIKE_OPERATORS.has(operator);
  const bound = parameters.bind(pattern ? value.replaceAll("*", "%") : value);
  const operand = pattern ? bound : parsed(bound, field);
  return `${QUANT_OPERATORS[operator]} ${quantifier === undefined ? operand : `${quantifier}(${operand})`}`;
}

/**
 * One array parameter however many values there are, so that the statement stays the same.
 * `in.()` parses as one empty value and matches nothing.
 */
function inSql({ values }: OperationOf<"in">, field: CoercibleField, parameters: Parameters): string {
  const none = values.length === 1 && values[0] === "";
  const array = parameters.bind(none ? "{}" : arrayText(values));
  if (field.transform === undefined) return `= any(${array})`;
  return `= any(select ${field.transform}(unnest(${array}::text[])))`;
}

/** A bound value, read by the column's representation where it has one. */
const parsed = (bound: string, field: CoercibleField): string => (field.transform === undefined ? bound : `${field.transform}(${bound})`);
