import { type Finding, ok, problem, warning } from "./check.ts";
import type { Server } from "./server-facts.ts";

/** The login of DATABASE_URL makes the projects: their roles, logins, schemas and databases. */
export function checkAdminRights(server: Server, roles: readonly string[]): readonly Finding[] {
  return [checkRoles(server, roles), checkLogins(server), checkSchemas(server), checkDatabases(server), checkExtensions(server)];
}

function checkRoles({ roles, login, createRole, superuser }: Server, wanted: readonly string[]): Finding {
  const missing = wanted.filter((role) => !roles.includes(role));
  const list = missing.join(", ");
  if (missing.length === 0) return ok("Roles", `${wanted.join(", ")} are there`);
  const service = wanted.at(-1) as string;
  // Only a superuser may make a role that passes over row level security.
  if (superuser || (createRole && !missing.includes(service))) return ok("Roles", `${list} will be made`);
  const statements = missing.map((role) => `create role ${role} nologin noinherit${role === service ? " bypassrls" : ""};`);
  return problem("Roles", `${list} missing, and ${login} may not make ${missing.length === 1 ? "it" : "them"}.`, `Let an administrator run: ${statements.join(" ")}`);
}

function checkLogins({ createRole, login }: Server): Finding {
  if (createRole) return ok("Logins", `${login} may make roles`);
  return problem("Logins", `${login} may not make roles: each project has a login of its own.`, `Let an administrator run: alter role ${login} createrole;`);
}

function checkSchemas({ createSchema, login, database }: Server): Finding {
  if (createSchema) return ok("Schemas", `${login} may make schemas in ${database}`);
  return problem("Schemas", `${login} may not make schemas in the database ${database}: the control plane is kept in one.`, `Let an administrator run: grant create on database ${database} to ${login};`);
}

function checkDatabases({ login, createDatabase }: Server): Finding {
  if (createDatabase) return ok("New projects", `${login} may create databases`);
  return warning("New projects", `${login} may not create databases: only the default project, or adopted ones, will work.`, `For more projects let an administrator run: alter role ${login} createdb;`);
}

function checkExtensions({ vector }: Server): Finding {
  if (vector) return ok("Extensions", "pgvector can be installed");
  return warning("Extensions", "pgvector is not installed on the server.", "Only vector columns need it: install the package postgresql-<version>-pgvector on the server.");
}
