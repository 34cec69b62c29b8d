import type { IsolationLevel } from "@plinth/core";
import { ISOLATION_SETTING, toIsolation } from "../isolation.ts";
import { readTimeout, TIMEOUT_SETTING, withinLimit } from "./statement-timeout.ts";

type Setting = readonly [name: string, value: string];

/**
 * What a role's requests run under:
 * https://docs.postgrest.org/en/stable/references/transactions.html#impersonated-role-settings
 */
export interface RoleSettings {
  /** Its settings but for those below. */
  readonly settings: readonly Setting[];
  readonly isolation: IsolationLevel | undefined;
  /** Longest that a statement may run, in milliseconds; 0 for any length, undefined where nothing is said. */
  readonly statementTimeoutMs: number | undefined;
}

/** By role. Made once for each load, so that a request has but to look its role up. */
export type RoleSettingsByName = ReadonlyMap<string, RoleSettings>;

export interface RoleSettingRow {
  readonly role: string;
  readonly name: string;
  readonly value: string;
}

/** As they are configured: of each role, values by the names of settings. */
export type GivenRoleSettings = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const NO_ROLE_SETTINGS: RoleSettings = { settings: [], isolation: undefined, statementTimeoutMs: undefined };

/**
 * @param given go before what the database says
 * @param limitMs statements may run no longer, whatever is said of a role
 */
export function buildRoleSettings(rows: readonly RoleSettingRow[], given: GivenRoleSettings, limitMs: number | undefined): RoleSettingsByName {
  const byRole = new Map<string, Map<string, string>>();
  const all = [...rows, ...Object.entries(given).flatMap(([role, settings]) => Object.entries(settings).map(([name, value]) => ({ role, name, value })))];
  for (const { role, name, value } of all) {
    const settings = byRole.get(role) ?? new Map<string, string>();
    byRole.set(role, settings.set(name, value));
  }
  return new Map([...byRole].map(([role, settings]) => [role, settingsOf(settings, limitMs)]));
}

function settingsOf(values: ReadonlyMap<string, string>, limitMs: number | undefined): RoleSettings {
  const isolation = values.get(ISOLATION_SETTING);
  const timeoutMs = readTimeout(values.get(TIMEOUT_SETTING));
  const apart = new Set([ISOLATION_SETTING, ...(timeoutMs === undefined ? [] : [TIMEOUT_SETTING])]);
  return {
    settings: [...values].filter(([name]) => !apart.has(name)),
    isolation: isolation === undefined ? undefined : toIsolation(isolation),
    statementTimeoutMs: timeoutMs === undefined ? undefined : withinLimit(timeoutMs, limitMs),
  };
}
