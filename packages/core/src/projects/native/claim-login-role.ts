import pg from "pg";
import type { DatabaseLocation, ProvisioningTarget } from "../database-host.ts";
import { provisioningForbidden } from "./provisioning-forbidden.ts";
import { scramVerifier } from "./scram-verifier.ts";
import { isDuplicate, isForbidden } from "./sqlstate.ts";

const { escapeIdentifier, escapeLiteral } = pg;

const markOf = ({ uid }: Pick<DatabaseLocation, "uid">): string => `plinth project ${uid}`;

/** What the server itself holds a project's login to, behind what the pools do. */
export interface LoginLimits {
  /** Sessions at the same time, of all processes together. Default: as many as the server has. */
  readonly connections?: number | undefined;
  /** Longest that a statement may run, where a session doesn't say otherwise, in milliseconds. Default: the server's. */
  readonly statementTimeoutMs?: number | undefined;
  /** Longest that a transaction may wait for its next statement, in milliseconds. Default: the server's. */
  readonly idleInTransactionMs?: number | undefined;
}

function limitsOf(name: string, { connections, statementTimeoutMs, idleInTransactionMs }: LoginLimits): string {
  const role = escapeIdentifier(name);
  const settings = { statement_timeout: statementTimeoutMs, idle_in_transaction_session_timeout: idleInTransactionMs };
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return `alter role ${role} connection limit ${connections ?? -1};${given.map(([setting, value]) => `alter role ${role} set ${setting} = ${value};`).join("")}`;
}

/** The role that carries the project's mark, wherever a name clash has put it. */
export async function findLoginRole(admin: pg.ClientBase, location: Pick<DatabaseLocation, "uid">): Promise<string | undefined> {
  const { rows } = await admin.query<{ rolname: string }>("select rolname from pg_roles where shobj_description(oid, 'pg_authid') = $1", [markOf(location)]);
  return rows[0]?.rolname;
}

/**
 * Makes the login role. It stands for the database's name too: names are a whole server's, and another backend may
 * have a project of the same ref there, so what is ours is told by a comment that is made with the role in one
 * transaction. Where the name is taken the uid makes another.
 *
 * @returns the role's name
 */
export async function claimLoginRole(admin: pg.ClientBase, target: ProvisioningTarget, limits: LoginLimits): Promise<string> {
  const ours = await findLoginRole(admin, target);
  if (ours !== undefined) {
    await admin.query(`alter role ${escapeIdentifier(ours)} login password ${escapeLiteral(scramVerifier(target.password))}; ${limitsOf(ours, limits)}`);
    return ours;
  }
  const preferred = target.loginRole ?? target.database;
  for (const name of [preferred, `${preferred}_${target.uid.slice(0, 8)}`]) {
    if (await createMarkedRole(admin, name, target, limits)) return name;
  }
  throw new Error(`Both names for the login role are taken: ${preferred} and ${preferred}_${target.uid.slice(0, 8)}`);
}

/** @returns false where the name is taken by a role or a database */
async function createMarkedRole(admin: pg.ClientBase, name: string, target: ProvisioningTarget, limits: LoginLimits): Promise<boolean> {
  const taken = await admin.query("select from pg_roles where rolname = $1 union all select from pg_database where datname = $1", [name]);
  if (taken.rowCount !== 0) return false;
  const role = escapeIdentifier(name);
  try {
    // Several statements in one simple query are one transaction.
    await admin.query(`
      create role ${role} login noinherit password ${escapeLiteral(scramVerifier(target.password))};
      comment on role ${role} is ${escapeLiteral(markOf(target))};
      ${limitsOf(name, limits)}`);
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw isForbidden(error) ? provisioningForbidden("create roles", "ALTER ROLE <admin> CREATEROLE;", error) : error;
  }
}
