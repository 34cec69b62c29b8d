import type { Field } from "./field.ts";

export type SelectNode = SelectItem & { readonly children: readonly SelectNode[] };

export type SelectItem = SelectField | SelectRelation | SpreadRelation;

/** `alias:field.aggregate()::aggregateCast`, `alias:field::cast` */
export interface SelectField {
  readonly kind: "field";
  readonly field: Field;
  readonly aggregate: AggregateFunction | undefined;
  readonly aggregateCast: string | undefined;
  readonly cast: string | undefined;
  readonly alias: string | undefined;
}

/** `alias:relation!hint!inner(…)` */
export interface SelectRelation {
  readonly kind: "relation";
  readonly relation: string;
  readonly alias: string | undefined;
  readonly hint: string | undefined;
  readonly join: JoinType | undefined;
}

/** `...relation!hint!inner(…)` */
export interface SpreadRelation {
  readonly kind: "spread";
  readonly relation: string;
  readonly hint: string | undefined;
  readonly join: JoinType | undefined;
}

export type JoinType = "inner" | "left";
export type AggregateFunction = "sum" | "avg" | "max" | "min" | "count";
