import { LRUCache } from "lru-cache";
import pg from "pg";
import type { Scope } from "../../tenant/scope.ts";
import type { FlightStep } from "./scoped-flight.ts";

type Setting = readonly [name: string, value: string];

/**
 * The statement that makes a transaction the scope's: `select set_config(name, value, is_local)`.
 * Names are part of the text, values are bound, so each set of names is prepared once.
 * The scope's own settings come before the role: the login role may be allowed what the role isn't.
 */
export function scopeStatement(scope: Scope): FlightStep {
  const settings: Setting[] = [
    ...(scope.settings ?? []),
    ["role", scope.role],
    ["request.jwt.claims", scope.claimsJson ?? JSON.stringify({ ...scope.claims, role: scope.role })],
  ];
  if (scope.readOnly) settings.push(["transaction_read_only", "on"]);
  return settingsStatement(settings);
}

/** Makes settings, for this transaction only, in their order. */
export function settingsStatement(settings: readonly Setting[]): FlightStep {
  return { role: undefined, sql: setConfigSql(settings.map(([name]) => name)), parameters: settings.map(([, value]) => value) };
}

/** Hardly ever more than a dozen sets of names: projects have theirs, and some routines. */
const sqlByNames = new LRUCache<string, string>({ max: 500 });

function setConfigSql(names: readonly string[]): string {
  const key = names.join("\0");
  const known = sqlByNames.get(key);
  if (known !== undefined) return known;
  const sql = writeSetConfig(names);
  sqlByNames.set(key, sql);
  return sql;
}

function writeSetConfig(names: readonly string[]): string {
  return `select ${names.map((name, i) => `set_config(${pg.escapeLiteral(name)},$${i + 1},true)`).join(",")}`;
}
