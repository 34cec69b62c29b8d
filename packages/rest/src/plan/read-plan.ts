import type { AggregateFunction, JoinType } from "../request/select.ts";
import type { RowRange } from "../request/row-range.ts";
import type { QualifiedIdentifier } from "../schema-cache/identifiers.ts";
import type { Relationship } from "../schema-cache/relationship.ts";
import type { CoercibleLogicTree, CoercibleOrderTerm, CoercibleSelectField } from "./coercible.ts";

/** One level of a read: a SELECT, and below it its embeds. */
export interface ReadPlan {
  readonly select: readonly CoercibleSelectField[];
  readonly from: QualifiedIdentifier;
  readonly fromAlias: string | undefined;
  readonly where: readonly CoercibleLogicTree[];
  readonly order: readonly CoercibleOrderTerm[];
  readonly range: RowRange;
  /** The name the client used for this level. */
  readonly relationName: string;
  readonly relationToParent: Relationship | undefined;
  readonly joinConditions: readonly JoinCondition[];
  readonly alias: string | undefined;
  /** Name of the lateral join that carries this level's JSON. */
  readonly aggregateAlias: string;
  readonly hint: string | undefined;
  readonly join: JoinType | undefined;
  readonly spread: Spread | undefined;
  /** How the parent selects each child, in select= order. */
  readonly relationSelect: readonly RelationSelectField[];
  readonly depth: number;
  /** An aliased embed was addressed by its relation's name: warned about (url-use-legacy-target-names). */
  readonly legacyTargetName: boolean;
  readonly children: readonly ReadPlan[];
}

export interface JoinCondition {
  readonly left: readonly [QualifiedIdentifier, column: string];
  readonly right: readonly [QualifiedIdentifier, column: string];
}

export type Spread =
  | { readonly kind: "toOne" }
  | {
      readonly kind: "toMany";
      readonly extraSelect: ReadonlyArray<readonly [alias: string | undefined, CoercibleSelectField]>;
      readonly order: readonly CoercibleOrderTerm[];
    };

export type RelationSelectField =
  | { readonly kind: "jsonEmbed"; readonly name: string; readonly aggregateAlias: string; readonly mode: "object" | "array"; readonly empty: boolean }
  | { readonly kind: "spread"; readonly fields: readonly SpreadSelectField[]; readonly aggregateAlias: string };

export interface SpreadSelectField {
  readonly name: string;
  readonly aggregate: AggregateFunction | undefined;
  readonly aggregateCast: string | undefined;
  readonly alias: string | undefined;
}
