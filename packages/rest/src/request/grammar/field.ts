import { isBlank, isDigit, isIdentifierCharacter, noneOf, strip } from "../parser/character-class.ts";
import { attempt, before, label, lookAhead, many, map, or, remembered, separated1, sequence, andThen } from "../parser/combinators.ts";
import type { Parser } from "../parser/parser.ts";
import { char, endOfInput, keyword, notFollowedBy, span, span1, string, succeed } from "../parser/primitives.ts";
import type { Limit } from "../parser/too-much.ts";
import type { Field, JsonOperation } from "../field.ts";
import { quotedValue } from "./quoted-value.ts";

const blanks = span(isBlank);

/** Blanks around are allowed and ignored. */
export function lexeme<T>(parser: Parser<T>): Parser<T> {
  return before(andThen(blanks, parser), blanks);
}

export const delimiter: Parser<string> = label(char("."), "delimiter (.)");

/** Letters, digits, underscores, spaces and dollars, without spaces around: also the name of a type or a language. */
export const identifier: Parser<string> = map(span1(isIdentifierCharacter, ["letter", "digit"]), strip);

const isArrowHead = (code: number): boolean => code === 62;

/** A dash, unless it begins an arrow. */
const dash = attempt(andThen(char("-"), notFollowedBy(isArrowHead, ['">"'])));

function separatedByDashes(part: Parser<string>): Parser<string> {
  return map(separated1(part, dash), (parts) => (parts.length === 1 ? (parts[0] as string) : parts.join("-")));
}

/** A column, relation, alias or hint. */
export const fieldName: Parser<string> = remembered(
  label(or(quotedValue, separatedByDashes(identifier)), "field name (* or [a..z0..9_$])"),
);

const jsonKeyName = label(
  or(quotedValue, separatedByDashes(map(span1(noneOf("(-:.,>)")), strip))),
  "any non reserved character different from: .,>()",
);

const jsonIndexEnd = or<unknown>(
  ...["->", "::", ".", ","].map((word) => attempt(lookAhead(string(word)))),
  attempt(endOfInput),
);

const jsonIndex = before(
  sequence([or(char("-"), succeed("")), span1(isDigit, ["digit"])], (sign, digits) => sign + digits),
  jsonIndexEnd,
);

const jsonArrow = keyword<JsonOperation["arrow"]>([
  ["->>", "->>"],
  ["->", "->"],
]);

const jsonOperand: Parser<JsonOperation["operand"]> = or<JsonOperation["operand"]>(
  attempt(map(jsonIndex, (value) => ({ kind: "index", value }))),
  attempt(map(jsonKeyName, (value) => ({ kind: "key", value }))),
);

/** Each is an operator within the next: PostgreSQL's stack has room for some thousands. */
const STEPS: Limit = { count: 1_000, what: "steps into JSON" };

/** `->key->0->>"any key"`, or nothing. */
export const jsonPath: Parser<readonly JsonOperation[]> = many(sequence([jsonArrow, jsonOperand], (arrow, operand) => ({ arrow, operand })), STEPS);

/** `column`, `column->key` */
export const field: Parser<Field> = lexeme(sequence([fieldName, jsonPath], (name, path) => ({ name, jsonPath: path })));
