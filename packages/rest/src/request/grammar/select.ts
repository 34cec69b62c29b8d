import { attempt, before, between, lookAhead, map, or, optional, separated, sequence, andThen } from "../parser/combinators.ts";
import { nested } from "../parser/nested.ts";
import type { Parser } from "../parser/parser.ts";
import { FAILED } from "../parser/parser.ts";
import { char, endOfInput, keyword, notFollowedBy, string } from "../parser/primitives.ts";
import type { Limit } from "../parser/too-much.ts";
import type { AggregateFunction, JoinType, SelectField, SelectItem, SelectNode } from "../select.ts";
import { field, fieldName, identifier, lexeme } from "./field.ts";

const isColon = (code: number): boolean => code === 58;

/** `alias:`, not the `::` of a cast. */
const alias = optional(attempt(before(fieldName, andThen(char(":"), notFollowedBy(isColon, ['":"'])))));

type EmbedParameter = { readonly hint: string } | { readonly join: JoinType };

const embedParameter = andThen(
  char("!"),
  or<EmbedParameter>(
    map(keyword<JoinType>([["left", "left"], ["inner", "inner"]]), (join) => ({ join })),
    attempt(map(fieldName, (hint) => ({ hint }))),
  ),
);

/** `!hint!inner`, in any order. */
const embedParameters = sequence([optional(embedParameter), optional(embedParameter)], (first, second) => ({
  hint: hintOf(first) ?? hintOf(second),
  join: joinOf(first) ?? joinOf(second),
}));

const hintOf = (parameter: EmbedParameter | undefined): string | undefined =>
  parameter !== undefined && "hint" in parameter ? parameter.hint : undefined;

const joinOf = (parameter: EmbedParameter | undefined): JoinType | undefined =>
  parameter !== undefined && "join" in parameter ? parameter.join : undefined;

const opensParenthesis = lookAhead(string("("));

/** A relation's name; `count(` is the aggregate. */
const relationName: Parser<string> = (input) => {
  const name = fieldName(input);
  return name === "count" ? FAILED : name;
};

const relation: Parser<SelectItem> = lexeme(
  before(
    sequence([alias, relationName, embedParameters], (as, name, { hint, join }) => ({ kind: "relation", relation: name, alias: as, hint, join })),
    opensParenthesis,
  ),
);

const spread: Parser<SelectItem> = lexeme(
  before(
    sequence([andThen(string("..."), fieldName), embedParameters], (name, { hint, join }) => ({ kind: "spread", relation: name, hint, join })),
    opensParenthesis,
  ),
);

const itemEnd = or<unknown>(lookAhead(string(")")), lookAhead(string(",")), attempt(endOfInput));

const cast = optional(andThen(string("::"), identifier));

const aggregateName = or<AggregateFunction>(
  map(string("sum"), () => "sum" as const),
  map(string("avg"), () => "avg" as const),
  map(string("count"), () => "count" as const),
  keyword<AggregateFunction>([["max", "max"], ["min", "min"]]),
);

const aggregate = optional(attempt(before(andThen(char("."), aggregateName), string("()"))));

const star: Parser<SelectField> = map(string("*"), (name) => ({
  kind: "field", field: { name, jsonPath: [] }, aggregate: undefined, aggregateCast: undefined, cast: undefined, alias: undefined,
}));

const rowCount: Parser<SelectField> = sequence([alias, string("count()"), cast], (as, _name, aggregateCast) => ({
  kind: "field", field: { name: "*", jsonPath: [] }, aggregate: "count", aggregateCast, cast: undefined, alias: as,
}));

const column: Parser<SelectField> = sequence([alias, field, cast, aggregate, cast], (as, source, type, aggregateFunction, aggregateCast) => ({
  kind: "field", field: source, aggregate: aggregateFunction, aggregateCast, cast: type, alias: as,
}));

const selectField: Parser<SelectItem> = lexeme(
  or<SelectItem>(attempt(before(star, itemEnd)), attempt(before(rowCount, itemEnd)), before(column, itemEnd)),
);

const embedded: Parser<readonly SelectNode[]> = between(char("("), nested(() => select), char(")"));

const embed = (item: SelectItem, children: readonly SelectNode[]): SelectNode => ({ ...item, children });

const selectNode = or<SelectNode>(
  sequence([attempt(spread), embedded], embed),
  sequence([attempt(relation), embedded], embed),
  map(selectField, (item) => embed(item, [])),
);

/** PostgreSQL's limit for the columns of a result. */
const ITEMS: Limit = { count: 1_664, what: "items" };

/** `id,alias:name::text,data->a,total:amount.sum(),rel!hint!inner(id),...other(name)` */
export const select: Parser<readonly SelectNode[]> = separated(selectNode, lexeme(char(",")), ITEMS);

