import type { OrderTerm } from "../order.ts";
import { attempt, before, between, lookAhead, map, or, optional, separated1, sequence, andThen } from "../parser/combinators.ts";
import type { Parser } from "../parser/parser.ts";
import { char, endOfInput, string } from "../parser/primitives.ts";
import { delimiter, field, fieldName, lexeme } from "./field.ts";

const modifier = <T>(word: string, value: T): Parser<T> => attempt(map(andThen(delimiter, string(word)), () => value));

const direction = optional(or<"asc" | "desc">(modifier("asc", "asc"), modifier("desc", "desc")));

const nullsFirstOrLast = optional(or<"first" | "last">(modifier("nullsfirst", "first"), modifier("nullslast", "last")));

const termEnd = or<unknown>(lookAhead(char(",")), attempt(endOfInput));

const nulls = or<"first" | "last" | undefined>(before(nullsFirstOrLast, termEnd), map(termEnd, () => undefined));

const relationTerm: Parser<OrderTerm> = sequence(
  [fieldName, between(char("("), field, char(")")), direction, nulls],
  (relation, of, towards, where) => ({ kind: "relation", relation, field: of, direction: towards, nulls: where }),
);

const fieldTerm: Parser<OrderTerm> = sequence([field, direction, nulls], (of, towards, where) => ({
  kind: "field", field: of, direction: towards, nulls: where,
}));

/** `id,name.desc.nullslast,rel(data->key).asc` */
export const order: Parser<readonly OrderTerm[]> = separated1(lexeme(or(attempt(relationTerm), fieldTerm)), char(","));
