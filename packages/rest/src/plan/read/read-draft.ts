import type { CoercibleLogicTree, CoercibleSelectField } from "../coercible.ts";
import type { ReadPlan, RelationSelectField } from "../read-plan.ts";

/**
 * A read plan while it is made. The steps of `buildReadPlan` each complete a part of it in place, because a plan
 * is made for every request; afterwards it is read-only to all.
 */
export interface ReadDraft extends Writable<Omit<ReadPlan, "select" | "where" | "relationSelect" | "children">> {
  select: CoercibleSelectField[];
  where: CoercibleLogicTree[];
  relationSelect: RelationSelectField[];
  readonly children: ReadDraft[];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The name that filters, orders and ranges of an embedded level go by. */
export const embedName = ({ alias, relationName }: Pick<ReadPlan, "alias" | "relationName">): string => alias ?? relationName;
