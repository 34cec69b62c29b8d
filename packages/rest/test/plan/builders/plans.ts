import type { BackendError } from "@plinth/core";
import type { RestConfig } from "../../../src/config/rest-config.ts";
import type { CallActionPlan, MutateActionPlan } from "../../../src/plan/action-plan.ts";
import { planRequest } from "../../../src/plan/plan-request.ts";
import type { ReadPlan } from "../../../src/plan/read-plan.ts";
import type { ApiRequest } from "../../../src/request/api-request.ts";
import type { SchemaCache } from "../../../src/schema-cache/schema-cache.ts";
import { CONFIG } from "./request.ts";

export function readPlanOf(request: ApiRequest, cache: SchemaCache, config: Partial<RestConfig> = {}): ReadPlan {
  const plan = planRequest(request, cache, { ...CONFIG, ...config });
  if (!("readPlan" in plan)) throw new Error(`A plan of kind ${plan.kind} reads nothing`);
  return plan.readPlan;
}

export function mutationOf(request: ApiRequest, cache: SchemaCache): MutateActionPlan {
  const plan = planRequest(request, cache, CONFIG);
  if (plan.kind !== "mutate") throw new Error(`Not a mutation but ${plan.kind}`);
  return plan;
}

export function callOf(request: ApiRequest, cache: SchemaCache): CallActionPlan {
  const plan = planRequest(request, cache, CONFIG);
  if (plan.kind !== "call") throw new Error(`Not a call but ${plan.kind}`);
  return plan;
}

/** What a client would be shown of the error that the plan fails with. */
export function errorOf(request: ApiRequest, cache: SchemaCache, config: Partial<RestConfig> = {}): Pick<BackendError, "code" | "status" | "message" | "details" | "hint"> {
  try {
    planRequest(request, cache, { ...CONFIG, ...config });
  } catch (error) {
    const { code, status, message, details, hint } = error as BackendError;
    return { code, status, message, details, hint };
  }
  throw new Error("The request was planned without an error");
}

/** The embed at a path of names. */
export function levelOf(plan: ReadPlan, ...path: readonly string[]): ReadPlan {
  return path.reduce((level, name) => {
    const child = level.children.find(({ alias, relationName }) => (alias ?? relationName) === name);
    if (child === undefined) throw new Error(`No embed ${name}`);
    return child;
  }, plan);
}

/** Selected fields as "name" or "alias:name". */
export const fieldNames = ({ select }: ReadPlan): string[] => select.map(({ field, alias }) => (alias === undefined ? field.name : `${alias}:${field.name}`));
