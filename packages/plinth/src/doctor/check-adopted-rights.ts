import { type Finding, ok, problem, warning } from "./check.ts";
import type { Server } from "./server-facts.ts";

/** The login of an adopted database only serves requests: it must be able to become each of the request roles. */
export function checkAdoptedRights({ roles, switchable, login, superuser }: Server, wanted: readonly string[]): readonly Finding[] {
  const missing = wanted.filter((role) => !roles.includes(role));
  const closed = wanted.filter((role) => roles.includes(role) && !switchable.includes(role));
  const findings: Finding[] = [];
  if (missing.length > 0) findings.push(problem("Roles", `${missing.join(", ")} missing in the adopted database's server.`, "Name the roles that it has instead: project.roles."));
  if (closed.length > 0) findings.push(problem("Roles", `${login} may not switch to ${closed.join(", ")}.`, `Let an administrator run: grant ${closed.join(", ")} to ${login};`));
  if (superuser) findings.push(warning("Login", `${login} is a superuser, whom row level security does not hold.`, "Adopt the database with the login that PostgREST would use: on Supabase, authenticator."));
  return findings.length > 0 ? findings : [ok("Roles", `${login} may switch to ${wanted.join(", ")}`)];
}
