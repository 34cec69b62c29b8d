import type { Ending, RawResult, Scope, Statement, Tenant } from "@plinth/core";
import type { RestConfig } from "../config/rest-config.ts";
import type { CrudPlan } from "../plan/action-plan.ts";
import type { MainQuery, ResultSet } from "../query/main-query.ts";
import type { ApiRequest } from "../request/api-request.ts";
import { costGuard } from "./cost-guard.ts";
import { countOutcome } from "./count-outcome.ts";
import { decodePlanText, decodeResult } from "./decode-result.ts";
import { endsInRollback } from "./ends-in-rollback.ts";
import { mayViolate, violation } from "./violation.ts";

/**
 * Runs a request's statements in one transaction, in one round trip where nothing can be wrong with the result.
 *
 * @throws BackendError PGRST115, PGRST116, PGRST124 after rolling back; PLINTH_READ_TOO_COSTLY; what `Tenant.execute` throws
 */
export async function execute(
  tenant: Tenant,
  scope: Scope,
  request: ApiRequest,
  plan: CrudPlan,
  query: MainQuery,
  config: RestConfig,
): Promise<ResultSet> {
  const guard = costGuard(tenant, scope.role, plan, query.main, config);
  const statements = [query.preRequest, guard?.statement, query.main, query.explainCount].filter((statement): statement is Statement => statement !== undefined);
  const mainAt = (query.preRequest === undefined ? 0 : 1) + (guard === undefined ? 0 : 1);
  const decode = (results: readonly RawResult[]): ResultSet =>
    plan.mediaType.kind === "plan" ? decodePlanText(results[mainAt]) : decodeResult(query.columns, results[mainAt]);
  const ending = endingOf(request, plan, config, decode);
  const results = await tenant.execute(scope, statements, ending, guard?.checkpoint(mainAt - 1));
  const result = decode(results);
  const problem = violation(plan, request, result);
  if (problem !== undefined) throw problem;
  return { ...result, tableTotal: countOutcome(request, config, result.tableTotal, results[mainAt + 1]) };
}

/**
 * Known beforehand, unless rows may have been changed and their number may be wrong.
 * A read-only transaction has nothing to take back: its violations are found afterwards.
 */
function endingOf(request: ApiRequest, plan: CrudPlan, config: RestConfig, decode: (results: readonly RawResult[]) => ResultSet): Ending {
  if (endsInRollback(request, config)) return "rollback";
  if (plan.readOnly || !mayViolate(plan, request)) return "commit";
  return (results) => (violation(plan, request, decode(results)) === undefined ? "commit" : "rollback");
}
