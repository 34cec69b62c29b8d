import type { ReplyHeaders } from "@plinth/core";
import type { MutateActionPlan } from "../plan/action-plan.ts";
import type { ResultSet } from "../query/main-query.ts";
import type { ApiRequest } from "../request/api-request.ts";
import type { Mutation } from "../request/api-request.ts";
import type { Answer } from "./answer.ts";
import { preferenceHeaders } from "./preference-headers.ts";
import { contentHeaders } from "./content-headers.ts";
import { contentRange } from "./content-range.ts";
import { locationHeaders } from "./location-headers.ts";

type AnswerMutation = (plan: MutateActionPlan, result: ResultSet, request: ApiRequest) => Answer;

const ANSWERS: Readonly<Record<Mutation, AnswerMutation>> = {
  create: createAnswer,
  update: (plan, result, request) => changeAnswer(plan, result, request, contentRange(0, result.queryTotal - 1, countedRows(result, request))),
  delete: (plan, result, request) => changeAnswer(plan, result, request, contentRange(1, 0, countedRows(result, request))),
  singleUpsert: upsertAnswer,
};

export const mutationAnswer: AnswerMutation = (plan, result, request) => ANSWERS[plan.mutation](plan, result, request);

/** The rows of a mutation are all there are, so only whether they are shown depends on Prefer: count. */
function countedRows(result: ResultSet, { preferences }: ApiRequest): number | null {
  return preferences.count === "exact" || preferences.count === "estimated" ? result.queryTotal : null;
}

const isFull = ({ preferences }: ApiRequest): boolean => preferences.return === "representation";

function createAnswer(plan: MutateActionPlan, result: ResultSet, request: ApiRequest): Answer {
  const headers: ReplyHeaders = {
    ...locationHeaders(plan.target.name, result.location),
    "Content-Range": contentRange(1, 0, countedRows(result, request)),
    ...preferenceHeaders(plan, request),
  };
  const onlyMerged = request.preferences.resolution === "merge-duplicates" && (result.inserted ?? 0) <= 0;
  const status = onlyMerged ? 200 : 201;
  if (!isFull(request)) return { status, headers, body: "" };
  return { status, headers: { ...headers, ...contentHeaders(plan.mediaType, request) }, body: result.body };
}

function changeAnswer(plan: MutateActionPlan, result: ResultSet, request: ApiRequest, range: string): Answer {
  const headers: ReplyHeaders = { "Content-Range": range, ...preferenceHeaders(plan, request) };
  return representation(200, plan, result, request, headers);
}

/** PUT says nothing of ranges: it is about one row. */
function upsertAnswer(plan: MutateActionPlan, result: ResultSet, request: ApiRequest): Answer {
  return representation((result.inserted ?? 0) > 0 ? 201 : 200, plan, result, request, preferenceHeaders(plan, request));
}

function representation(status: number, plan: MutateActionPlan, result: ResultSet, request: ApiRequest, headers: ReplyHeaders): Answer {
  if (!isFull(request)) return { status: 204, headers, body: undefined };
  return { status, headers: { ...headers, ...contentHeaders(plan.mediaType, request) }, body: result.body };
}
