import { AUTH_ADMIN_ROLE } from "../projects/project.ts";
import type { Caller, Claims } from "../tenant/scope.ts";
import { tokenError } from "./errors.ts";

/**
 * Who a verified token speaks for. A token without a role speaks for `anonRole`.
 *
 * @param text the claims as the token has them
 * @param named what they say of the role; undefined for nothing
 * @throws BackendError PGRST302 where it names no role and there is no anonymous one; 22023 for a role nobody can have
 */
export function tokenCaller(claims: Claims, text: string, named: unknown, anonRole: string | undefined): Caller {
  const role = named === undefined ? anonRole : roleName(named);
  if (role === undefined) throw tokenError("required");
  // To PostgreSQL "none" is no role's name: it takes back the switch, to the login role.
  if (role === "none" || role === AUTH_ADMIN_ROLE) throw tokenError("role", { message: `role "${role}" does not exist` });
  return Object.freeze({ role, claims, claimsJson: withRole(claims, text.trim(), role), authenticated: role !== anonRole });
}

/** The caller of a request that shows nothing. */
export function anonymousCaller(anonRole: string): Caller {
  return Object.freeze({ role: anonRole, claims: {}, claimsJson: JSON.stringify({ role: anonRole }), authenticated: false });
}

function roleName(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Keeps the token's own text wherever it can: numbers beyond 2^53 would change on the way through JSON.parse. */
function withRole(claims: Claims, text: string, role: string): string {
  if (claims["role"] === role) return text;
  if (claims["role"] !== undefined) return JSON.stringify({ ...claims, role });
  const body = text.slice(0, -1).trimEnd();
  return `${body}${body === "{" ? "" : ","}"role":${JSON.stringify(role)}}`;
}
