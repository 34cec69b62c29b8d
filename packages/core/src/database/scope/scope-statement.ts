import pg from "pg";
import type { Scope } from "../../tenant/scope.ts";
import type { FlightStep } from "./scoped-flight.ts";

/**
 * The statement that makes a transaction the scope's: `select set_config(name, value, is_local)`.
 * Names are part of the text, values are bound, so each set of names is prepared once.
 * The scope's own settings come before the role: the login role may be allowed what the role isn't.
 */
export function scopeStatement(scope: Scope): FlightStep {
  const names: string[] = [];
  const values: string[] = [];
  const add = (name: string, value: string) => {
    names.push(name);
    values.push(value);
  };
  for (const [name, value] of scope.settings ?? []) add(name, value);
  add("role", scope.role);
  add("request.jwt.claims", scope.claimsJson ?? JSON.stringify({ ...scope.claims, role: scope.role }));
  if (scope.readOnly) add("transaction_read_only", "on");
  return { role: undefined, sql: setConfigSql(names), parameters: values };
}

function setConfigSql(names: readonly string[]): string {
  return `select ${names.map((name, i) => `set_config(${pg.escapeLiteral(name)},$${i + 1},true)`).join(",")}`;
}
