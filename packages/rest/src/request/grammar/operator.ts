import type { FtsOperator, Operation, OperatorExpression, QuantOperator, SimpleOperator } from "../filter.ts";
import { attempt, before, between, label, map, or, optional, separated1, sequence, andThen } from "../parser/combinators.ts";
import { anyCharacter, noneOf } from "../parser/character-class.ts";
import type { Parser } from "../parser/parser.ts";
import { caselessString, char, keyword, notFollowedBy, span, string, succeed } from "../parser/primitives.ts";
import { delimiter, identifier, lexeme } from "./field.ts";
import { quotedValue } from "./quoted-value.ts";

/** Of a word that begins with another one, the longer must be listed first. */
const named = <T extends string>(...names: readonly T[]): Parser<T> => keyword(names.map((name) => [name, name] as const));

const simpleOperator = label(named<SimpleOperator>("neq", "cs", "cd", "ov", "sl", "sr", "nxr", "nxl", "adj"), "unknown single value operator");

const quantOperator = label(
  named<QuantOperator>("eq", "gte", "gt", "lte", "lt", "like", "ilike", "match", "imatch"),
  "unknown single value operator",
);

const ftsOperator = named<FtsOperator>("fts", "plfts", "phfts", "wfts");

const quantifier = optional(
  attempt(between(char("("), or<"any" | "all">(named("any"), map(string("all"), () => "all" as const)), char(")"))),
);

const language = optional(attempt(between(char("("), identifier, char(")"))));

/** Where a value ends inside a list or a logic tree. */
const isInsideValue = noneOf(",)");
const unquotedValue = span(isInsideValue);
const delimitedQuotedValue = attempt(before(quotedValue, notFollowedBy(isInsideValue)));

const list = between(lexeme(char("(")), separated1(or(delimitedQuotedValue, unquotedValue), char(",")), lexeme(char(")")));

type IsValue = Extract<Operation, { kind: "is" }>["value"];

const isValue = label(
  or<IsValue>(
    ...(["null", "not_null", "true", "false", "unknown"] as const).map((word) => map(attempt(caselessString(word)), () => word)),
  ),
  "isVal: (null, not_null, true, false, unknown)",
);

/** The rest of the text, whatever it is. */
export const wholeValue: Parser<string> = span(anyCharacter);

const arrayLiteral = sequence([string("{"), span(noneOf("{}")), string("}")], (open, items, close) => open + items + close);

/** A value in a logic tree: `"quoted"`, `{1,2}`, or up to the next comma or parenthesis. */
export const delimitedValue: Parser<string> = or(delimitedQuotedValue, attempt(arrayLiteral), unquotedValue);

const prefix = (name: string): Parser<string> => attempt(andThen(string(name), delimiter));

function operation(value: Parser<string>): Parser<Operation> {
  return label(
    or<Operation>(
      map(andThen(prefix("in"), list), (values) => ({ kind: "in", values })),
      map(andThen(prefix("is"), isValue), (is) => ({ kind: "is", value: is })),
      map(andThen(prefix("isdistinct"), value), (other) => ({ kind: "isDistinct", value: other })),
      attempt(
        sequence([ftsOperator, language, delimiter, value], (operator, config, _dot, query) => ({
          kind: "fts", operator, language: config, value: query,
        })),
      ),
      attempt(sequence([simpleOperator, delimiter, value], (operator, _dot, operand) => ({ kind: "simple", operator, value: operand }))),
      attempt(
        sequence([quantOperator, quantifier, delimiter, value], (operator, quantity, _dot, operand) => ({
          kind: "quantified", operator, quantifier: quantity, value: operand,
        })),
      ),
    ),
    "operator (eq, gt, ...)",
  );
}

/** `not.` or nothing. */
export const negation: Parser<boolean> = or<boolean>(map(prefix("not"), () => true), succeed(false));

/** `not.eq(any).{1,2}` */
export function operatorExpression(value: Parser<string>): Parser<OperatorExpression> {
  return sequence([negation, operation(value)], (negated, parsed) => ({ kind: "operation", negated, operation: parsed }));
}
