import pg from "pg";
import { connectionError } from "../database/connection-error.ts";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import { describeUrl } from "./native/connection-url.ts";
import { isForbidden, sqlstateOf } from "./native/sqlstate.ts";
import { DEFAULT_ROLES, type ProjectRoles } from "./project.ts";

const { escapeIdentifier } = pg;

/** What SET ROLE answers for a role that is not there. */
const INVALID_PARAMETER_VALUE = "22023";

const ATTRIBUTES: Readonly<Record<keyof ProjectRoles, string>> = {
  anon: "NOLOGIN NOINHERIT",
  authenticated: "NOLOGIN NOINHERIT",
  service: "NOLOGIN NOINHERIT BYPASSRLS",
};

/**
 * Checks that requests can be served from an existing database: that one can log in, and switch to its roles.
 * Reads only. Where `given` names roles, only those and anon are looked at: not every database has all three.
 *
 * @throws BackendError PLINTH_ADOPTION_REFUSED with the statement that puts it right; PLINTH_DATABASE_UNAVAILABLE
 */
export async function verifyAdoption(databaseUrl: string, given: Partial<ProjectRoles> | undefined): Promise<void> {
  const { user, database } = describeUrl(databaseUrl);
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  client.on("error", () => undefined);
  await client.connect().catch((error: unknown) => Promise.reject(loginError(error, user, database)));
  try {
    for (const kind of Object.keys(ATTRIBUTES) as Array<keyof ProjectRoles>) {
      if (given && given[kind] === undefined && kind !== "anon") continue;
      await verifyRole(client, { kind, role: given?.[kind] ?? DEFAULT_ROLES[kind], user });
    }
  } finally {
    await client.end().catch(() => undefined);
  }
}

interface RoleCheck {
  readonly kind: keyof ProjectRoles;
  readonly role: string;
  readonly user: string;
}

/** By doing it: what it takes to switch to a role has changed between versions of PostgreSQL. */
async function verifyRole(client: pg.Client, { kind, role, user }: RoleCheck): Promise<void> {
  await client.query("begin read only");
  try {
    await client.query(`set local role ${escapeIdentifier(role)}`);
  } catch (error) {
    throw roleError(error, { kind, role, user });
  } finally {
    await client.query("rollback");
  }
}

function roleError(error: unknown, { kind, role, user }: RoleCheck): unknown {
  const [quotedRole, quotedUser] = [escapeIdentifier(role), escapeIdentifier(user)];
  const grant = `GRANT ${quotedRole} TO ${quotedUser};`;
  if (sqlstateOf(error) === INVALID_PARAMETER_VALUE) {
    return new BackendError(CORE_ERRORS.adoptionRefused, {
      message: `The database to adopt has no role "${role}" for ${kind}.`,
      hint: `Run: CREATE ROLE ${quotedRole} ${ATTRIBUTES[kind]}; ${grant} Or name the role that it has instead (roles.${kind}).`,
      cause: error,
    });
  }
  if (!isForbidden(error)) return error;
  return new BackendError(CORE_ERRORS.adoptionRefused, {
    message: `The login "${user}" may not switch to the role "${role}".`,
    hint: `Run: ${grant}`,
    cause: error,
  });
}

const LOGIN_REFUSALS: Readonly<Record<string, string>> = {
  "28P01": "the password is wrong, or there is no such login",
  "28000": "the server does not let this login in",
  "3D000": "there is no such database",
  "42501": "the login may not connect to the database",
};

function loginError(error: unknown, user: string, database: string): BackendError {
  const why = LOGIN_REFUSALS[sqlstateOf(error)];
  if (why === undefined) return connectionError(error);
  return new BackendError(CORE_ERRORS.adoptionRefused, {
    message: `The database to adopt refuses the login "${user}" to "${database}": ${why}.`,
    hint: "Check the database URL: postgres://login:password@host:port/database.",
    cause: error,
  });
}
