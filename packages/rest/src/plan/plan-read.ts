import type { Action } from "../request/api-request.ts";
import type { ReadActionPlan } from "./action-plan.ts";
import { checkPreferences } from "./check-preferences.ts";
import { findTable } from "./find-table.ts";
import { negotiateHandler } from "./negotiate-handler.ts";
import type { PlanContext } from "./plan-context.ts";
import { buildReadPlan } from "./read/build-read-plan.ts";

type RelationRead = Extract<Action, { kind: "relationRead" }>;

/** GET and HEAD of a table or view. */
export function planRead({ target, headersOnly }: RelationRead, context: PlanContext): ReadActionPlan {
  findTable(target, context.cache);
  const readPlan = buildReadPlan(target, context);
  const { handler, mediaType } = negotiateHandler(target, readPlan, context);
  checkPreferences(context.request.preferences);
  return { kind: "read", readPlan, handler: headersOnly ? { kind: "none" } : handler, mediaType, target, readOnly: true, headersOnly };
}
