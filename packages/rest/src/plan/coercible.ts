import type { Field, JsonOperation } from "../request/field.ts";
import type { OperatorExpression } from "../request/filter.ts";
import type { AggregateFunction } from "../request/select.ts";

/**
 * A named element with what is known of its type for one particular purpose: a column in a filter and the same
 * column in the output are two of these, perhaps with different transforms (data representations).
 */
export interface CoercibleField {
  readonly name: string;
  readonly jsonPath: readonly JsonOperation[];
  /** Wrap in to_jsonb() first, because the JSON path is taken on a composite or array column. */
  readonly toJson: boolean;
  /** Wrap in to_tsvector([language,] field): full-text search on a column that isn't a tsvector. */
  readonly toTsVector: { readonly language: string | undefined } | undefined;
  /** Type of the column, "" where unknown and not needed. */
  readonly irType: string;
  /** Base type in case of domains. */
  readonly baseType: string;
  /** Quoted name of the representation's function, if any. */
  readonly transform: string | undefined;
  readonly default: string | null;
  /** Stands for the whole selected row: COUNT(row) instead of COUNT(*) in spreads. */
  readonly fullRow: boolean;
}

export interface CoercibleSelectField {
  readonly field: CoercibleField;
  readonly aggregate: AggregateFunction | undefined;
  readonly aggregateCast: string | undefined;
  readonly cast: string | undefined;
  readonly alias: string | undefined;
}

export type CoercibleFilter =
  | { readonly kind: "field"; readonly field: CoercibleField; readonly expression: OperatorExpression }
  /** `embed=is.null` / `embed=not.is.null`: anti- and semi-join on an embed, by its aggregate alias. */
  | { readonly kind: "nullEmbed"; readonly negated: boolean; readonly aggregateAlias: string };

export type CoercibleLogicTree =
  | { readonly kind: "logic"; readonly negated: boolean; readonly operator: "and" | "or"; readonly children: readonly CoercibleLogicTree[] }
  | { readonly kind: "filter"; readonly filter: CoercibleFilter };

interface OrderModifiers {
  readonly direction: "asc" | "desc" | undefined;
  readonly nulls: "first" | "last" | undefined;
}

export type CoercibleOrderTerm =
  | ({ readonly kind: "field"; readonly field: CoercibleField } & OrderModifiers)
  /** `relation` is the embed's aggregate alias once resolved. */
  | ({ readonly kind: "relation"; readonly relation: string; readonly field: Field } & OrderModifiers);
