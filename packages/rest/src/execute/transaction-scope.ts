import type { Caller, Scope } from "@plinth/core";
import type { RestConfig } from "../config/rest-config.ts";
import type { ActionPlan } from "../plan/action-plan.ts";
import { quoteIdentifier } from "../sql/identifier.ts";
import type { ApiRequest } from "../request/api-request.ts";

type Setting = readonly [name: string, value: string];

/**
 * On whose behalf a request's transaction runs, and the settings that SQL in it may read:
 * https://docs.postgrest.org/en/stable/references/transactions.html#transaction-scoped-settings
 *
 * @param signal the client's going away
 */
export function transactionScope(caller: Caller, request: ApiRequest, plan: ActionPlan, config: RestConfig, signal?: AbortSignal): Scope {
  const isolation = plan.kind === "call" ? plan.routine.isolation : null;
  return {
    role: caller.role,
    claims: caller.claims,
    claimsJson: caller.claimsJson,
    settings: settingsOf(request, plan, config),
    readOnly: isReadOnly(plan),
    ...(isolation === null ? {} : { isolation }),
    ...(signal === undefined ? {} : { signal }),
  };
}

const isReadOnly = (plan: ActionPlan): boolean => ("readOnly" in plan ? plan.readOnly : true);

function settingsOf(request: ApiRequest, plan: ActionPlan, config: RestConfig): readonly Setting[] {
  const settings: Setting[] = [
    ["search_path", [request.schema, ...config.extraSearchPath].map(quoteIdentifier).join(", ")],
    ["request.method", request.method],
    ["request.path", request.path],
    ["request.headers", jsonObject(request.headers)],
    ["request.cookies", jsonObject(request.cookies)],
  ];
  if (request.preferences.timezone !== undefined) settings.push(["timezone", request.preferences.timezone]);
  if (plan.kind === "call") settings.push(...plan.routine.settings);
  for (const name in config.appSettings) settings.push([appSetting(name), config.appSettings[name]!]);
  return settings;
}

/** Headers have names that can't be names of settings, so all of them are one JSON object; the last of equal names counts. */
const jsonObject = (pairs: ReadonlyArray<Setting>): string => JSON.stringify(Object.fromEntries(pairs));

/** Configured with or without the prefix, read with it. */
const appSetting = (name: string): string => (name.startsWith("app.settings.") ? name : `app.settings.${name}`);
