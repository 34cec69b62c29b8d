import pg from "pg";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { ProvisioningTarget } from "../database-host.ts";
import { AUTH_ADMIN_ROLE, type ProjectRoles } from "../project.ts";
import { provisioningForbidden } from "./provisioning-forbidden.ts";
import { isDuplicate, isForbidden } from "./sqlstate.ts";

const { escapeIdentifier } = pg;

interface RoleFlags {
  readonly rolname: string;
  readonly rolsuper: boolean;
  readonly rolbypassrls: boolean;
}

const KINDS = ["anon", "authenticated", "service"] as const satisfies ReadonlyArray<keyof ProjectRoles>;

const ATTRIBUTES: Readonly<Record<keyof ProjectRoles, string>> = {
  anon: "NOLOGIN NOINHERIT",
  authenticated: "NOLOGIN NOINHERIT",
  service: "NOLOGIN NOINHERIT BYPASSRLS",
};

type RolesTarget = Pick<ProvisioningTarget, "roles" | "loginRole" | "database">;

/** Makes the request roles where the server lacks them (they are all its databases'), and lets the login switch to them. */
export async function createRequestRoles(admin: pg.ClientBase, target: RolesTarget): Promise<void> {
  for (const kind of KINDS) {
    const role = target.roles[kind];
    const flags = await findRole(admin, role);
    if (flags) checkRole(kind, flags);
    else await createRole(admin, role, ATTRIBUTES[kind]);
  }
  if (!(await findRole(admin, AUTH_ADMIN_ROLE))) await createRole(admin, AUTH_ADMIN_ROLE, "NOLOGIN NOINHERIT");
  const login = escapeIdentifier(target.loginRole ?? target.database);
  await assertNoPowers(admin, target);
  // On a server of Supabase's own it makes roles: the auth service says what it lacks where it can't be had.
  const ours = (await findPower(admin, [AUTH_ADMIN_ROLE])) === undefined ? [AUTH_ADMIN_ROLE] : [];
  const roles = [...KINDS.map((kind) => target.roles[kind]), ...ours].map((role) => escapeIdentifier(role)).join(", ");
  try {
    await admin.query(`grant ${roles} to ${login}`);
  } catch (error) {
    throw isForbidden(error) ? provisioningForbidden("grant the request roles", `GRANT ${roles} TO <admin> WITH ADMIN OPTION;`, error) : error;
  }
}

/** Roles that reach beyond one database: superusers', logins of projects, and PostgreSQL's own that read and write files or run programs. */
const POWERS = `
  select named.name, r.rolname as power
    from unnest($1::name[]) as named (name), pg_roles r
   where (r.rolsuper or shobj_description(r.oid, 'pg_authid') ^@ 'plinth project ' or r.rolname ^@ 'pg_' or r.rolcreaterole)
     and case when named.name = r.rolname then true else exists (
       with recursive reached as (
         select m.roleid from pg_auth_members m join pg_roles n on n.oid = m.member where n.rolname = named.name
         union select m.roleid from pg_auth_members m join reached on reached.roleid = m.member)
       select from reached where roleid = r.oid) end
   order by 1, 2 limit 1`;

/** A login may switch to whatever its roles are members of, and an export says which roles its project has. */
async function assertNoPowers(admin: pg.ClientBase, { roles }: RolesTarget): Promise<void> {
  const found = await findPower(admin, KINDS.map((kind) => roles[kind]));
  if (!found) return;
  const which = found.name === found.power ? "" : `, as a member of "${found.power}",`;
  throw new BackendError(CORE_ERRORS.provisioningFailed, {
    message: `The server's role "${found.name}"${which} reaches beyond one project's database, and can't be a role of a project's requests.`,
    hint: "Give the project other role names (roles): of roles that are no superuser's, make no roles, log in for no project, and are in none of PostgreSQL's own.",
  });
}

async function findPower(admin: pg.ClientBase, roles: readonly string[]): Promise<{ readonly name: string; readonly power: string } | undefined> {
  const { rows } = await admin.query<{ name: string; power: string }>(POWERS, [roles]);
  return rows[0];
}

async function findRole(admin: pg.ClientBase, role: string): Promise<RoleFlags | undefined> {
  const { rows } = await admin.query<RoleFlags>("select rolname, rolsuper, rolbypassrls from pg_roles where rolname = $1", [role]);
  return rows[0];
}

async function createRole(admin: pg.ClientBase, role: string, attributes: string): Promise<void> {
  const sql = `CREATE ROLE ${escapeIdentifier(role)} ${attributes}`;
  try {
    await admin.query(sql);
  } catch (error) {
    if (isDuplicate(error)) return;
    throw isForbidden(error) ? provisioningForbidden(`create the role "${role}"`, `${sql};`, error) : error;
  }
}

/** A role that was there before is not ours to alter; one that row level security does not hold must not serve strangers. */
function checkRole(kind: keyof ProjectRoles, { rolname, rolsuper, rolbypassrls }: RoleFlags): void {
  const exempt = rolsuper || rolbypassrls;
  if (exempt === (kind === "service")) return;
  const wanted = kind === "service" ? "BYPASSRLS" : "NOSUPERUSER NOBYPASSRLS";
  throw new BackendError(CORE_ERRORS.provisioningFailed, {
    message: `The server's role "${rolname}" ${exempt ? "passes over row level security" : "is held to row level security"}, which the project's ${kind} role must ${exempt ? "not" : "not be"}.`,
    hint: `Let a superuser of the server run: ALTER ROLE ${escapeIdentifier(rolname)} ${wanted}; or give the project other role names (roles.${kind}).`,
  });
}
