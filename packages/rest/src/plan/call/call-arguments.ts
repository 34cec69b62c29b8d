import type { ApiRequest, Invoke, Payload } from "../../request/api-request.ts";
import type { Routine } from "../../schema-cache/routine.ts";
import type { CallArgs, CallParams } from "../call-plan.ts";

export function callParams(routine: Routine, keys: ReadonlySet<string>): CallParams {
  const [first, second] = routine.params;
  if (first !== undefined && second === undefined && first.name === "") return { kind: "positional", param: first };
  return { kind: "named", params: routine.params.filter(({ name }) => keys.has(name)) };
}

export function callArgs(routine: Routine, invoke: Invoke, { queryParams, payload, contentType }: ApiRequest): CallArgs {
  if (invoke.kind === "read") return { kind: "direct", values: argumentValues(routine, queryParams.params) };
  if (contentType.kind === "urlencoded") return { kind: "direct", values: argumentValues(routine, formPairs(payload)) };
  return { kind: "body", body: payload && payload.kind !== "urlEncoded" ? payload.raw : undefined };
}

function formPairs(payload: Payload | undefined): ReadonlyArray<readonly [string, string]> {
  return payload?.kind === "urlEncoded" ? payload.pairs : [];
}

/** A name that is repeated counts once, its last value, except for a variadic parameter's. */
function argumentValues(routine: Routine, pairs: ReadonlyArray<readonly [string, string]>): ReadonlyMap<string, string | readonly string[]> {
  const variadic = routine.hasVariadic ? routine.params.find((param) => param.variadic) : undefined;
  const values = new Map<string, string | string[]>();
  for (const [name, value] of pairs) {
    if (name !== variadic?.name) values.set(name, value);
    else {
      const collected = values.get(name);
      if (Array.isArray(collected)) collected.push(value);
      else values.set(name, [value]);
    }
  }
  return values;
}
