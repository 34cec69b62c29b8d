import type { Caller, Scope } from "@plinth/core";
import type { RestConfig } from "../config/rest-config.ts";
import type { ActionPlan } from "../plan/action-plan.ts";
import { quoteIdentifier } from "../sql/identifier.ts";
import type { ApiRequest } from "../request/api-request.ts";
import { NO_ROLE_SETTINGS, type RoleSettings } from "../schema-cache/roles/role-settings.ts";
import { readTimeout, TIMEOUT_SETTING, withinLimit } from "../schema-cache/roles/statement-timeout.ts";

/** What a transaction runs under besides what its request and plan say. */
export interface ScopeSurroundings {
  /** The caller's role's. */
  readonly roleSettings?: RoleSettings | undefined;
  /** A function may not ask for more time than this, in milliseconds. */
  readonly statementLimitMs?: number | undefined;
  /** The client's going away. */
  readonly signal?: AbortSignal | undefined;
}

type Setting = readonly [name: string, value: string];

/**
 * On whose behalf a request's transaction runs, and the settings that SQL in it may read:
 * https://docs.postgrest.org/en/stable/references/transactions.html#transaction-scoped-settings
 */
export function transactionScope(caller: Caller, request: ApiRequest, plan: ActionPlan, config: RestConfig, { roleSettings = NO_ROLE_SETTINGS, statementLimitMs, signal }: ScopeSurroundings = {}): Scope {
  const isolation = (plan.kind === "call" ? plan.routine.isolation : null) ?? roleSettings.isolation;
  const statementTimeoutMs = functionTimeout(plan, statementLimitMs) ?? roleSettings.statementTimeoutMs;
  return {
    role: caller.role,
    claims: caller.claims,
    claimsJson: caller.claimsJson,
    settings: settingsOf(request, plan, config, roleSettings.settings),
    readOnly: isReadOnly(plan),
    ...(isolation === undefined ? {} : { isolation }),
    ...(statementTimeoutMs === undefined ? {} : { statementTimeoutMs }),
    ...(signal === undefined ? {} : { signal }),
  };
}

const isReadOnly = (plan: ActionPlan): boolean => ("readOnly" in plan ? plan.readOnly : true);

/** A function's own SET statement_timeout, in milliseconds. */
function functionTimeout(plan: ActionPlan, limitMs: number | undefined): number | undefined {
  if (plan.kind !== "call") return undefined;
  const timeoutMs = readTimeout(plan.routine.settings.find(([name]) => name === TIMEOUT_SETTING)?.[1]);
  return timeoutMs === undefined ? undefined : withinLimit(timeoutMs, limitMs);
}

function settingsOf(request: ApiRequest, plan: ActionPlan, config: RestConfig, roleSettings: readonly Setting[]): readonly Setting[] {
  const settings: Setting[] = [
    ["search_path", [request.schema, ...config.extraSearchPath].map(quoteIdentifier).join(", ")],
    ...roleSettings,
    ["request.method", request.method],
    ["request.path", request.path],
    ["request.headers", jsonObject(request.headers)],
    ["request.cookies", jsonObject(request.cookies)],
  ];
  if (request.preferences.timezone !== undefined) settings.push(["timezone", request.preferences.timezone]);
  if (plan.kind === "call") settings.push(...plan.routine.settings.filter(([name]) => name !== TIMEOUT_SETTING));
  // A plan lists settings that are not PostgreSQL's own: that requests are not compiled is the connections' doing.
  if ("mediaType" in plan && plan.mediaType.kind === "plan") settings.push(["jit", "on"]);
  for (const name in config.appSettings) settings.push([appSetting(name), config.appSettings[name]!]);
  return settings;
}

/** Headers have names that can't be names of settings, so all of them are one JSON object; the last of equal names counts. */
const jsonObject = (pairs: ReadonlyArray<Setting>): string => JSON.stringify(Object.fromEntries(pairs));

/** Configured with or without the prefix, read with it. */
const appSetting = (name: string): string => (name.startsWith("app.settings.") ? name : `app.settings.${name}`);
