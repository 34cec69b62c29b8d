import type { CoercibleLogicTree } from "../plan/coercible.ts";
import type { ReadPlan } from "../plan/read-plan.ts";
import { isGrouped } from "./group.ts";

/** Whether a level's conditions, order or grouping need an embed to be joined under its alias. */
export const referencesEmbed = (plan: ReadPlan, aggregateAlias: string): boolean =>
  isGrouped(plan) ||
  plan.where.some((tree) => mentions(tree, aggregateAlias)) ||
  plan.order.some((term) => term.kind === "relation" && term.relation === aggregateAlias);

const mentions = (tree: CoercibleLogicTree, aggregateAlias: string): boolean =>
  tree.kind === "logic"
    ? tree.children.some((child) => mentions(child, aggregateAlias))
    : tree.filter.kind === "nullEmbed" && tree.filter.aggregateAlias === aggregateAlias;
