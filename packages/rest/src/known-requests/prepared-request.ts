import type { RestConfig } from "../config/rest-config.ts";
import type { ActionPlan, CrudPlan } from "../plan/action-plan.ts";
import { planRequest } from "../plan/plan-request.ts";
import { buildQuery } from "../query/build-query.ts";
import type { MainQuery } from "../query/main-query.ts";
import type { ApiRequest } from "../request/api-request.ts";
import { type ApiRequestInput, parseApiRequest } from "../request/parse-api-request.ts";
import type { SchemaCache } from "../schema-cache/schema-cache.ts";

/** A request that has been read and planned, with its statements where it has any. */
export type PreparedRequest =
  | { readonly request: ApiRequest; readonly plan: CrudPlan; readonly query: MainQuery }
  | { readonly request: ApiRequest; readonly plan: Exclude<ActionPlan, CrudPlan>; readonly query: undefined };

/** Told when each of the two stages is done. */
export type StageMark = (stage: "parse" | "plan") => void;

/** @throws BackendError of the groups PGRST1xx and PGRST2xx */
export function prepareRequest(input: ApiRequestInput, cache: SchemaCache, config: RestConfig, mark: StageMark): PreparedRequest {
  const request = parseApiRequest(input, config);
  mark("parse");
  const plan = planRequest(request, cache, config);
  const prepared: PreparedRequest = isCrud(plan) ? { request, plan, query: buildQuery(plan, request, config) } : { request, plan, query: undefined };
  mark("plan");
  return prepared;
}

const isCrud = (plan: ActionPlan): plan is CrudPlan => plan.kind === "read" || plan.kind === "mutate" || plan.kind === "call";
