import type { QualifiedIdentifier } from "../schema-cache/identifiers.ts";
import type { CoercibleField, CoercibleLogicTree } from "./coercible.ts";

export type MutatePlan = InsertPlan | UpdatePlan | DeletePlan;

export interface InsertPlan {
  readonly kind: "insert";
  readonly into: QualifiedIdentifier;
  readonly columns: readonly CoercibleField[];
  readonly body: string | undefined;
  readonly onConflict: { readonly resolution: "merge-duplicates" | "ignore-duplicates"; readonly columns: readonly string[] } | undefined;
  /** For PUT: the key in the URL must equal the body's. */
  readonly where: readonly CoercibleLogicTree[];
  readonly returning: readonly string[];
  readonly primaryKey: readonly string[];
  /** Prefer: missing=default */
  readonly applyDefaults: boolean;
}

export interface UpdatePlan {
  readonly kind: "update";
  readonly into: QualifiedIdentifier;
  readonly columns: readonly CoercibleField[];
  readonly body: string | undefined;
  readonly where: readonly CoercibleLogicTree[];
  readonly returning: readonly string[];
  readonly applyDefaults: boolean;
}

export interface DeletePlan {
  readonly kind: "delete";
  readonly from: QualifiedIdentifier;
  readonly where: readonly CoercibleLogicTree[];
  readonly returning: readonly string[];
}
