import type { RestConfig } from "../config/rest-config.ts";
import type { Action, ApiRequest } from "../request/api-request.ts";
import type { SchemaCache } from "../schema-cache/schema-cache.ts";
import type { ActionPlan } from "./action-plan.ts";
import { findTable } from "./find-table.ts";
import { planCall } from "./plan-call.ts";
import type { PlanContext } from "./plan-context.ts";
import { planInspection } from "./plan-inspection.ts";
import { planMutation } from "./plan-mutation.ts";
import { planRead } from "./plan-read.ts";

type Planner<K extends Action["kind"]> = (action: Extract<Action, { kind: K }>, context: PlanContext) => ActionPlan;

const PLANNERS: { readonly [K in Action["kind"]]: Planner<K> } = {
  relationRead: planRead,
  relationMutate: planMutation,
  routineCall: (action, context) => planCall(action.target, action.invoke, context),
  schemaRead: planInspection,
  relationInfo: ({ target }, { cache }) => ({ kind: "relationInfo", target, table: findTable(target, cache) }),
  // Planned in full, so that OPTIONS fails where a GET of the same address would.
  routineInfo: ({ target }, context) => ({
    kind: "routineInfo",
    routine: planCall(target, { kind: "read", headersOnly: true }, context).routine,
  }),
  schemaInfo: () => ({ kind: "schemaInfo" }),
};

/**
 * Decides what a request does to the database, by what the schema cache knows of it. Pure: no SQL is written and
 * no database asked.
 *
 * @throws BackendError of API_REQUEST_ERRORS (PGRST1xx) or SCHEMA_CACHE_ERRORS (PGRST2xx)
 */
export function planRequest(request: ApiRequest, cache: SchemaCache, config: RestConfig): ActionPlan {
  const planner = PLANNERS[request.action.kind] as (action: Action, context: PlanContext) => ActionPlan;
  return planner(request.action, { request, cache, config });
}
