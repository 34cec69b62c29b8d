import type { Filter, LogicTree } from "../filter.ts";
import { attempt, between, label, map, or, separated1, sequence } from "../parser/combinators.ts";
import { nested } from "../parser/nested.ts";
import type { Parser } from "../parser/parser.ts";
import { char, keyword, string } from "../parser/primitives.ts";
import { delimiter, field, lexeme } from "./field.ts";
import { delimitedValue, negation, operatorExpression } from "./operator.ts";

const filter = sequence([field, delimiter, operatorExpression(delimitedValue)], (of, _dot, expression): Filter => ({ field: of, expression }));

const logicOperator = label(
  or<"and" | "or">(keyword([["and", "and"]]), map(string("or"), () => "or" as const)),
  "logic operator (and, or)",
);

const children: Parser<readonly LogicTree[]> = between(
  lexeme(char("(")),
  separated1(nested(() => logicTree), lexeme(char(","))),
  lexeme(char(")")),
);

/** `not.and(id.eq.1,or(name.eq.a,name.eq.b))`, or one filter. */
export const logicTree: Parser<LogicTree> = or<LogicTree>(
  map(attempt(filter), (parsed) => ({ kind: "filter", filter: parsed })),
  sequence([label(negation, "negation operator (not)"), logicOperator, children], (negated, operator, parts) => ({
    kind: "logic", negated, operator, children: parts,
  })),
);
