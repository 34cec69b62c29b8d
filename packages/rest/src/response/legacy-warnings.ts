import type { ActionPlan } from "../plan/action-plan.ts";
import type { ReadPlan } from "../plan/read-plan.ts";

/** An aliased embed that a filter, order or range addressed by its relation's name. */
export interface LegacyTargetName {
  readonly relationName: string;
  readonly alias: string;
}

/** What a client should be warned about (url-use-legacy-target-names): top level first, then level by level down. */
export function legacyWarnings(plan: ActionPlan): LegacyTargetName[] {
  return "readPlan" in plan ? warningsBelow(plan.readPlan) : [];
}

function warningsBelow({ relationName, alias, legacyTargetName, children }: ReadPlan): LegacyTargetName[] {
  const own = legacyTargetName && alias !== undefined ? [{ relationName, alias }] : [];
  return [...own, ...children.flatMap(warningsBelow)];
}
