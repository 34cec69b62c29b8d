import type { CrudPlan } from "../plan/action-plan.ts";
import type { ResultSet } from "../query/main-query.ts";
import type { Answer } from "./answer.ts";
import { contentHeaders } from "./content-headers.ts";
import { finish } from "./finish.ts";
import { overrideByGucs } from "./guc-overrides.ts";
import { mutationAnswer } from "./mutation-answer.ts";
import { callAnswer, readAnswer } from "./read-answer.ts";
import type { ResponseContext } from "./response-context.ts";

type ToAnswer<P extends CrudPlan> = (plan: P, result: ResultSet, context: ResponseContext) => Answer;

const ANSWERS: { readonly [K in CrudPlan["kind"]]: ToAnswer<Extract<CrudPlan, { kind: K }>> } = {
  read: readAnswer,
  mutate: (plan, result, { request }) => mutationAnswer(plan, result, request),
  call: callAnswer,
};

/**
 * The response to a plan that ran.
 *
 * @throws BackendError PGRST111, PGRST112 where SQL set response.headers or response.status to nonsense
 */
export function toResponse(plan: CrudPlan, result: ResultSet, context: ResponseContext): Response {
  if (plan.mediaType.kind === "plan") {
    const body = context.request.method === "HEAD" ? undefined : result.body;
    return finish(plan, 200, contentHeaders(plan.mediaType, context.request), body, context);
  }
  const answer = (ANSWERS[plan.kind] as ToAnswer<CrudPlan>)(plan, result, context);
  const { status, headers } = overrideByGucs(result, answer.status, answer.headers);
  return finish(plan, status, headers, answer.body, context);
}
