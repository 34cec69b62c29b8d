import type { ReadPlan } from "../plan/read-plan.ts";
import { isGrouped } from "./group.ts";
import type { Parameters } from "./parameters.ts";

/** What the levels of one read have in common. */
export interface ReadContext {
  readonly parameters: Parameters;
  /**
   * Cast on embedded JSON. GROUP BY compares what it groups by, which json can't;
   * where nothing is grouped json stays, which is built faster and keeps the order of keys.
   */
  readonly jsonCast: "" | "::jsonb";
}

export const readContext = (plan: ReadPlan, parameters: Parameters): ReadContext => ({ parameters, jsonCast: aggregates(plan) ? "::jsonb" : "" });

/** Whether any level aggregates, and so perhaps groups by what is embedded below it. */
const aggregates = (plan: ReadPlan): boolean => isGrouped(plan) || plan.children.some(aggregates);
