import { mediaTypeError } from "../errors/api-request-errors.ts";
import { mediaTypeName } from "../media-type/media-type-name.ts";
import type { InspectPlan } from "./action-plan.ts";
import type { PlanContext } from "./plan-context.ts";

const ACCEPTED = new Set(["openapi", "json", "any"]);

/** @throws BackendError PGRST107 if the client accepts nothing that an OpenAPI document may be sent as */
export function planInspection(action: { readonly schema: string; readonly headersOnly: boolean }, { request }: PlanContext): InspectPlan {
  if (!request.accept.some(({ kind }) => ACCEPTED.has(kind))) throw mediaTypeError(request.accept.map(mediaTypeName));
  return { kind: "inspect", schema: action.schema, headersOnly: action.headersOnly };
}
