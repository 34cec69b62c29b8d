import type { BackendError } from "@plinth/core";
import { maxAffectedViolation, putMatchingPk, singularity } from "../errors/api-request-errors.ts";
import type { CrudPlan } from "../plan/action-plan.ts";
import type { ResultSet } from "../query/main-query.ts";
import type { ApiRequest } from "../request/api-request.ts";

type Rows = Pick<ResultSet, "queryTotal">;

interface Rule {
  applies(plan: CrudPlan, request: ApiRequest): boolean;
  check(rows: number, request: ApiRequest): BackendError | undefined;
}

/** What the number of rows may be found to violate once the statement has run. */
const RULES: readonly Rule[] = [
  {
    applies: (plan) => isPut(plan),
    check: (rows) => (rows === 1 ? undefined : putMatchingPk()),
  },
  {
    applies: (plan) => plan.mediaType.kind === "singular" && !isPut(plan),
    check: (rows) => (rows === 1 ? undefined : singularity(rows)),
  },
  {
    applies: (plan, { preferences }) => preferences.handling === "strict" && preferences.maxAffected !== undefined && limitsAffected(plan),
    check: (rows, { preferences }) => (rows > (preferences.maxAffected ?? rows) ? maxAffectedViolation(rows) : undefined),
  },
];

const isPut = (plan: CrudPlan): boolean => plan.kind === "mutate" && plan.mutation === "singleUpsert";

const limitsAffected = (plan: CrudPlan): boolean =>
  plan.kind === "call" || (plan.kind === "mutate" && (plan.mutation === "update" || plan.mutation === "delete"));

/** True where the result has to be seen before the transaction may be committed. */
export const mayViolate = (plan: CrudPlan, request: ApiRequest): boolean =>
  plan.mediaType.kind !== "plan" && RULES.some((rule) => rule.applies(plan, request));

export function violation(plan: CrudPlan, request: ApiRequest, { queryTotal }: Rows): BackendError | undefined {
  if (plan.mediaType.kind === "plan") return undefined;
  for (const rule of RULES) {
    const problem = rule.applies(plan, request) ? rule.check(queryTotal, request) : undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}
