import { maxAffectedRpc } from "../errors/api-request-errors.ts";
import type { ApiRequest, Invoke } from "../request/api-request.ts";
import type { QualifiedIdentifier } from "../schema-cache/identifiers.ts";
import { returnedTable, returnsScalar, returnsSetOfScalar, returnsSingle } from "../schema-cache/routine.ts";
import type { Routine } from "../schema-cache/routine.ts";
import type { CallActionPlan } from "./action-plan.ts";
import { callArgs, callParams } from "./call/call-arguments.ts";
import type { CallPlan } from "./call-plan.ts";
import { findRoutine } from "./call/find-routine.ts";
import { checkPreferences } from "./check-preferences.ts";
import { columnsRead } from "./call/columns-read.ts";
import { negotiateHandler } from "./negotiate-handler.ts";
import type { PlanContext } from "./plan-context.ts";
import type { ReadPlan } from "./read-plan.ts";
import { buildReadPlan } from "./read/build-read-plan.ts";
import { columnsNeeded } from "./read/columns-needed.ts";

/** GET, HEAD and POST of /rpc. */
export function planCall(target: QualifiedIdentifier, invoke: Invoke, context: PlanContext): CallActionPlan {
  const { request, cache } = context;
  const keys = argumentKeys(invoke, request);
  const routine = findRoutine({ target, keys, contentType: request.contentType, byPost: invoke.kind === "write" }, cache);
  // The rows of a table's type can embed what the table can.
  const relation = { schema: routine.schema, name: returnedTable(routine) ?? routine.name };
  const readPlan = buildReadPlan(relation, context);
  const { handler, mediaType } = negotiateHandler(relation, readPlan, context);
  checkPreferences(request.preferences);
  checkMaxAffected(routine, request);
  return {
    kind: "call",
    readPlan,
    callPlan: toCallPlan(routine, keys, invoke, request, readPlan),
    routine,
    invoke,
    handler: invoke.kind === "read" && invoke.headersOnly ? { kind: "none" } : handler,
    mediaType,
    target,
    readOnly: invoke.kind === "read" || routine.volatility !== "volatile",
  };
}

function argumentKeys(invoke: Invoke, { queryParams, columns }: ApiRequest): ReadonlySet<string> {
  return invoke.kind === "read" ? new Set(queryParams.params.map(([name]) => name)) : columns;
}

function toCallPlan(routine: Routine, keys: ReadonlySet<string>, invoke: Invoke, request: ApiRequest, readPlan: ReadPlan): CallPlan {
  return {
    function: { schema: routine.schema, name: routine.name },
    params: callParams(routine, keys),
    args: callArgs(routine, invoke, request),
    scalar: returnsScalar(routine),
    setOfScalar: returnsSetOfScalar(routine),
    columnsRead: columnsRead(readPlan),
    returning: columnsNeeded(readPlan, []),
  };
}

function checkMaxAffected(routine: Routine, { preferences }: ApiRequest): void {
  if (preferences.maxAffected !== undefined && preferences.handling === "strict" && returnsSingle(routine)) throw maxAffectedRpc();
}
