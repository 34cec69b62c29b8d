import type { ReplyHeaders } from "@plinth/core";
import type { CrudPlan, MutateActionPlan } from "../plan/action-plan.ts";
import type { ApiRequest } from "../request/api-request.ts";
import { preferenceApplied } from "./preference-applied.ts";
import type { Preferences } from "../request/preferences.ts";

/** Preference-Applied: those preferences that mean something for this kind of request (RFC 7240, 3). */
export function preferenceHeaders(plan: CrudPlan, request: ApiRequest): ReplyHeaders {
  const applied = preferenceApplied({ ...request.preferences, ...NOT_APPLIED, ...specific(plan, request) });
  return applied === undefined ? {} : { "Preference-Applied": applied };
}

/** Preferences that some kinds of request ignore. */
type Specific = Pick<Preferences, "resolution" | "return" | "missing" | "maxAffected">;

const NOT_APPLIED: Specific = { resolution: undefined, return: undefined, missing: undefined, maxAffected: undefined };

function specific(plan: CrudPlan, request: ApiRequest): Partial<Specific> {
  const { preferences } = request;
  if (plan.kind === "read") return {};
  if (plan.kind === "call") return { maxAffected: preferences.maxAffected };
  const own = APPLIED[plan.mutation].map((name) => [name, preferences[name]] as const);
  return { ...Object.fromEntries(own), ...(resolvesConflicts(plan, request) ? {} : { resolution: undefined }) };
}

const APPLIED: Readonly<Record<MutateActionPlan["mutation"], ReadonlyArray<keyof Specific>>> = {
  create: ["return", "missing", "resolution"],
  update: ["return", "missing", "maxAffected"],
  delete: ["return", "maxAffected"],
  singleUpsert: ["return"],
};

/** Without a key there is nothing that rows could be duplicates by. */
const resolvesConflicts = ({ mutatePlan }: MutateActionPlan, request: ApiRequest): boolean =>
  mutatePlan.kind === "insert" && (mutatePlan.primaryKey.length > 0 || request.queryParams.onConflict !== undefined);
