import type { InspectPlan } from "../plan/action-plan.ts";
import { contentHeaders } from "./content-headers.ts";
import { finish } from "./finish.ts";
import type { ResponseContext } from "./response-context.ts";

/** @param document the OpenAPI document as JSON text; "" where openapi-mode is disabled and a HEAD came through */
export function inspectResponse(plan: InspectPlan, document: string, context: ResponseContext): Response {
  return finish(plan, 200, contentHeaders({ kind: "openapi" }, context.request), plan.headersOnly ? undefined : document, context);
}
