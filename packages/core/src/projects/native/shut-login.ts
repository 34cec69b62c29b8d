import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { DatabaseLocation } from "../database-host.ts";
import { findLoginRole } from "./claim-login-role.ts";

const { escapeIdentifier } = pg;

const POLL_MS = 50;

/** Takes LOGIN from the project's role, and ends its sessions: those that are left after `drainMs`, in mid-work. */
export async function shutLogin(admin: pg.ClientBase, location: DatabaseLocation, drainMs: number): Promise<void> {
  const name = await findLoginRole(admin, location);
  if (name === undefined) return;
  await admin.query(`alter role ${escapeIdentifier(name)} nologin`);
  const until = Date.now() + drainMs;
  while (Date.now() < until && (await hasSessions(admin, name))) await sleep(POLL_MS);
  await endSessions(admin, name);
}

export async function reopenLogin(admin: pg.ClientBase, location: DatabaseLocation): Promise<void> {
  const name = await findLoginRole(admin, location);
  if (name === undefined) throw new Error(`The login role of project "${location.ref}" is not there any more.`);
  await admin.query(`alter role ${escapeIdentifier(name)} login`);
}

export async function endSessions(admin: pg.ClientBase, loginRole: string): Promise<void> {
  // One ends sessions only of roles that one is a member of. A superuser is of all.
  await admin.query(`grant ${escapeIdentifier(loginRole)} to current_user`).catch(() => undefined);
  await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", [loginRole]);
}

async function hasSessions(admin: pg.ClientBase, loginRole: string): Promise<boolean> {
  const { rowCount } = await admin.query("select from pg_stat_activity where usename = $1 limit 1", [loginRole]);
  return rowCount !== 0;
}
