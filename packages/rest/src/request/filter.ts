import type { Field } from "./field.ts";

export interface Filter {
  readonly field: Field;
  readonly expression: OperatorExpression;
}

/** `not.eq.5`; "none" where the value isn't an operator expression (a routine's argument). */
export type OperatorExpression =
  | { readonly kind: "operation"; readonly negated: boolean; readonly operation: Operation }
  | { readonly kind: "none"; readonly text: string };

export type Operation =
  | { readonly kind: "simple"; readonly operator: SimpleOperator; readonly value: string }
  | { readonly kind: "quantified"; readonly operator: QuantOperator; readonly quantifier: "any" | "all" | undefined; readonly value: string }
  | { readonly kind: "in"; readonly values: readonly string[] }
  | { readonly kind: "is"; readonly value: "null" | "not_null" | "true" | "false" | "unknown" }
  | { readonly kind: "isDistinct"; readonly value: string }
  | { readonly kind: "fts"; readonly operator: FtsOperator; readonly language: string | undefined; readonly value: string };

export type SimpleOperator = "neq" | "cs" | "cd" | "ov" | "sl" | "sr" | "nxr" | "nxl" | "adj";
export type QuantOperator = "eq" | "gte" | "gt" | "lte" | "lt" | "like" | "ilike" | "match" | "imatch";
export type FtsOperator = "fts" | "plfts" | "phfts" | "wfts";

/** `and(name.eq.N,or(id.eq.1,id.eq.2))` */
export type LogicTree =
  | { readonly kind: "logic"; readonly negated: boolean; readonly operator: "and" | "or"; readonly children: readonly LogicTree[] }
  | { readonly kind: "filter"; readonly filter: Filter };
