import pg from "pg";
import type { DatabaseLocation } from "../database-host.ts";
import { findLoginRole } from "./claim-login-role.ts";
import { endSessions } from "./shut-login.ts";

const { escapeIdentifier } = pg;

/**
 * Ends the project's sessions, then drops the database, then the role: as long as the role with the project's mark
 * is there the database may be, and only then is it ours.
 */
export async function dropProjectDatabase(admin: pg.ClientBase, location: DatabaseLocation): Promise<void> {
  const name = await lockOut(admin, location);
  if (name === undefined) return;
  await admin.query(`drop database if exists ${escapeIdentifier(name)} with (force)`);
  await admin.query(`drop role if exists ${escapeIdentifier(name)}`);
}

/** Ends the project's sessions and takes its login away, with the rights that it had in the admin's database. */
export async function leaveHomeDatabase(admin: pg.ClientBase, location: DatabaseLocation): Promise<void> {
  const name = await lockOut(admin, location);
  if (name === undefined) return;
  // It owns nothing: what goes is what was granted to it.
  await admin.query(`drop owned by ${escapeIdentifier(name)}`);
  await admin.query(`drop role if exists ${escapeIdentifier(name)}`);
}

/** @returns the login role, if it is still there */
async function lockOut(admin: pg.ClientBase, location: DatabaseLocation): Promise<string | undefined> {
  const name = await findLoginRole(admin, location);
  if (name === undefined) return undefined;
  const role = escapeIdentifier(name);
  await admin.query(`alter role ${role} nologin`);
  await endSessions(admin, name);
  return name;
}
