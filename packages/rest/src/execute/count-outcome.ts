import type { RawResult } from "@plinth/core";
import type { RestConfig } from "../config/rest-config.ts";
import type { ApiRequest } from "../request/api-request.ts";
import { firstPlan } from "./first-plan.ts";

/**
 * The total that is told, of what was counted and what the planner expects.
 * An estimate is the exact number while that is within max-rows, and at least as much as was counted beyond it.
 */
export function countOutcome(request: ApiRequest, { maxRows }: RestConfig, counted: number | null, explained: RawResult | undefined): number | null {
  const { count } = request.preferences;
  if (explained === undefined || count === "exact" || count === undefined) return counted;
  const planned = plannedRows(explained);
  if (count === "planned") return planned;
  const surpassed = counted !== null && (maxRows === undefined || counted > maxRows);
  return surpassed && planned !== null ? Math.max(counted, planned) : counted;
}

const plannedRows = (raw: RawResult): number | null => firstPlan(raw)?.["Plan Rows"] ?? null;
