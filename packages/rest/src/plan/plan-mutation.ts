import type { Action, Mutation } from "../request/api-request.ts";
import type { MutateActionPlan } from "./action-plan.ts";
import { checkPreferences } from "./check-preferences.ts";
import { findTable } from "./find-table.ts";
import { planDelete, planInsert, planSingleUpsert, planUpdate } from "./mutate/plan-mutate.ts";
import type { MutatePlanner } from "./mutate/plan-mutate.ts";
import { negotiateHandler } from "./negotiate-handler.ts";
import type { PlanContext } from "./plan-context.ts";
import { buildReadPlan } from "./read/build-read-plan.ts";

type RelationMutate = Extract<Action, { kind: "relationMutate" }>;

const MUTATIONS: { readonly [K in Mutation]: MutatePlanner } = {
  create: planInsert,
  update: planUpdate,
  delete: planDelete,
  singleUpsert: planSingleUpsert,
};

/** POST, PATCH, DELETE and PUT of a table or view. */
export function planMutation({ target, mutation }: RelationMutate, context: PlanContext): MutateActionPlan {
  const table = findTable(target, context.cache);
  const readPlan = buildReadPlan(target, context);
  const mutatePlan = MUTATIONS[mutation]({ target, table, readPlan, context });
  const { preferences } = context.request;
  checkPreferences(preferences);
  const negotiated = negotiateHandler(target, readPlan, context);
  return {
    kind: "mutate",
    readPlan,
    mutatePlan,
    mutation,
    handler: preferences.return === "representation" ? negotiated.handler : { kind: "none" },
    mediaType: negotiated.mediaType,
    target,
    readOnly: false,
  };
}
