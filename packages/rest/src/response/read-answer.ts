import type { CallActionPlan, ReadActionPlan } from "../plan/action-plan.ts";
import { invalidRange } from "../errors/api-request-errors.ts";
import { errorPayload } from "../errors/error-payload.ts";
import type { ResultSet } from "../query/main-query.ts";
import { returnsVoid } from "../schema-cache/routine.ts";
import type { Answer } from "./answer.ts";
import { contentHeaders } from "./content-headers.ts";
import { rangeStatus } from "./content-range.ts";
import { headerBytes } from "./header-value.ts";
import { preferenceHeaders } from "./preference-headers.ts";
import type { ResponseContext } from "./response-context.ts";

export function readAnswer(plan: ReadActionPlan, result: ResultSet, context: ResponseContext): Answer {
  const { request } = context;
  const { status, contentRange } = rangeStatus(request.topLevelRange, result.queryTotal, result.tableTotal);
  const { canonical } = request.queryParams;
  const headers = {
    "Content-Range": contentRange,
    "Content-Location": headerBytes(`/${plan.target.name}${canonical === "" ? "" : `?${canonical}`}`),
    ...contentHeaders(plan.mediaType, request),
    ...preferenceHeaders(plan, request),
  };
  return { status, headers, body: plan.headersOnly ? undefined : bodyOf(status, result, context) };
}

export function callAnswer(plan: CallActionPlan, result: ResultSet, context: ResponseContext): Answer {
  const { request } = context;
  const { status, contentRange } = rangeStatus(request.topLevelRange, result.queryTotal, result.tableTotal);
  const headers = { "Content-Range": contentRange, ...preferenceHeaders(plan, request) };
  if (returnsVoid(plan.routine)) return { status: 204, headers, body: undefined };
  const headersOnly = plan.invoke.kind === "read" && plan.invoke.headersOnly;
  return {
    status,
    headers: { ...headers, ...contentHeaders(plan.mediaType, request) },
    body: headersOnly ? undefined : bodyOf(status, result, context),
  };
}

/** Rows from beyond the end are an error by their status, though the statement succeeded. */
function bodyOf(status: number, result: ResultSet, { request, config }: ResponseContext): ResultSet["body"] {
  if (status !== 416) return result.body;
  const error = invalidRange({ kind: "outOfBounds", offset: request.topLevelRange.offset, total: result.tableTotal ?? 0 });
  return errorPayload(error, config.clientErrorVerbosity);
}
