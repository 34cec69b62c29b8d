import pg from "pg";
import { type Finding, ok, problem, warning } from "./check.ts";

const TITLE = "PostgreSQL";
const OLDEST_VERSION = 150_000;
const REQUEST_ROLES = ["anon", "authenticated", "service_role"];

interface Server {
  readonly version: number;
  readonly name: string;
  readonly login: string;
  readonly superuser: boolean;
  readonly createRole: boolean;
  readonly createDatabase: boolean;
  readonly roles: readonly string[];
  readonly extensions: readonly string[];
}

/** Whether the server behind `url` can be reached, is new enough, and lets this login do what projects need. */
export async function checkPostgres(url: string): Promise<readonly Finding[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return judge(await look(client));
  } catch (error) {
    return [problem(TITLE, `${withoutPassword(url)} can't be reached: ${(error as Error).message || (error as { code?: string }).code}`, "Check that PostgreSQL is running there, and the host, port, login, password and database in the URL.")];
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function look(client: pg.Client): Promise<Server> {
  const { rows } = await client.query<Server>(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as name, current_user as login,
            rolsuper as superuser, rolcreaterole or rolsuper as "createRole", rolcreatedb or rolsuper as "createDatabase",
            array(select rolname::text from pg_roles where rolname = any($1)) as roles,
            array(select name::text from pg_available_extensions where name = any($2)) as extensions
     from pg_roles where rolname = current_user`,
    [REQUEST_ROLES, ["pgcrypto", "uuid-ossp", "vector"]],
  );
  return rows[0] as Server;
}

function judge(server: Server): readonly Finding[] {
  return [checkVersion(server), checkRoles(server), checkDatabases(server), checkExtensions(server)];
}

function checkVersion({ version, name }: Server): Finding {
  if (version >= OLDEST_VERSION) return ok(TITLE, `version ${name}`);
  return problem(TITLE, `Version ${name} is too old.`, "PostgreSQL 15 or later is needed.");
}

function checkRoles({ roles, login, createRole, superuser }: Server): Finding {
  const missing = REQUEST_ROLES.filter((role) => !roles.includes(role));
  if (missing.length === 0) return ok("Roles", `${REQUEST_ROLES.join(", ")} are there`);
  if (superuser) return ok("Roles", `${missing.join(", ")} will be made`);
  const list = missing.map((role) => `create role ${role} nologin${role === "service_role" ? " bypassrls" : ""};`).join(" ");
  if (createRole && !missing.includes("service_role")) return ok("Roles", `${missing.join(", ")} will be made`);
  return problem("Roles", `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing, and ${login} may not make ${missing.length === 1 ? "it" : "them"}.`, `Let an administrator run: ${list}`);
}

function checkDatabases({ login, createDatabase }: Server): Finding {
  if (createDatabase) return ok("New projects", `${login} may create databases`);
  return warning("New projects", `${login} may not create databases: only the default project, or adopted ones, will work.`, `For more projects let an administrator run: alter role ${login} createdb;`);
}

function checkExtensions({ extensions }: Server): Finding {
  if (extensions.includes("vector")) return ok("Extensions", extensions.join(", "));
  return warning("Extensions", "pgvector is not installed on the server.", "Only vector columns need it: install the package postgresql-<version>-pgvector on the server.");
}

function withoutPassword(text: string): string {
  try {
    const url = new URL(text);
    if (url.password) url.password = "***";
    return url.toString();
  } catch {
    return "The database URL";
  }
}
