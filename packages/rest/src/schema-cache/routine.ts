import type { IsolationLevel } from "@plinth/core";
import type { QualifiedIdentifier } from "./identifiers.ts";

export interface Routine {
  readonly schema: string;
  readonly name: string;
  readonly description: string | null;
  readonly params: readonly RoutineParam[];
  readonly returns: ReturnType;
  readonly volatility: "volatile" | "stable" | "immutable";
  readonly hasVariadic: boolean;
  /** From the function's own `SET default_transaction_isolation`. */
  readonly isolation: IsolationLevel | null;
  /** The function's own SET clauses that are hoisted to the transaction (db-hoisted-tx-settings: statement_timeout, plan_filter.statement_cost_limit, default_transaction_isolation). */
  readonly settings: ReadonlyArray<readonly [name: string, value: string]>;
}

export interface RoutineParam {
  /** "" for an unnamed one. */
  readonly name: string;
  readonly type: string;
  /** As `type`, without length limits (character varying(3) → character varying), for parsing arguments. */
  readonly typeMaxLength: string;
  readonly required: boolean;
  readonly variadic: boolean;
}

export interface ReturnType {
  readonly setOf: boolean;
  readonly kind: "scalar" | "composite";
  /** The type; `pg_catalog.void`, or the table's name for row types. */
  readonly type: QualifiedIdentifier;
  /** A domain over a composite type. */
  readonly isDomainAlias: boolean;
}

export const returnsScalar = (r: Routine): boolean => !r.returns.setOf && r.returns.kind === "scalar";
export const returnsSetOfScalar = (r: Routine): boolean => r.returns.setOf && r.returns.kind === "scalar";
export const returnsSingle = (r: Routine): boolean => !r.returns.setOf;
export const returnsSingleComposite = (r: Routine): boolean => !r.returns.setOf && r.returns.kind === "composite";
export const returnsVoid = (r: Routine): boolean =>
  returnsScalar(r) && r.returns.type.schema === "pg_catalog" && r.returns.type.name === "void";
export const returnedTable = (r: Routine): string | null => (r.returns.kind === "composite" ? r.returns.type.name : null);
