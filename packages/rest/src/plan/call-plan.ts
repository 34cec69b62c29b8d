import type { QualifiedIdentifier } from "../schema-cache/identifiers.ts";
import type { RoutineParam } from "../schema-cache/routine.ts";

export interface CallPlan {
  readonly function: QualifiedIdentifier;
  readonly params: CallParams;
  readonly args: CallArgs;
  readonly scalar: boolean;
  readonly setOfScalar: boolean;
  /** By filters and order. */
  readonly columnsRead: ReadonlySet<string>;
  readonly returning: ReadonlySet<string>;
}

/** `f(a := $1, b := $2)`, or `f($1)` for the single unnamed parameter. */
export type CallParams =
  | { readonly kind: "named"; readonly params: readonly RoutineParam[] }
  | { readonly kind: "positional"; readonly param: RoutineParam };

export type CallArgs =
  /** From a query string or a form: one value, or the values of a variadic parameter. */
  | { readonly kind: "direct"; readonly values: ReadonlyMap<string, string | readonly string[]> }
  /** The body as it came; PostgreSQL takes it apart. */
  | { readonly kind: "body"; readonly body: string | undefined };
