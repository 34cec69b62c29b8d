import { randomInt } from "node:crypto";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import { isConnectionFailure } from "../../database/connection-error.ts";
import type { DatabaseHost, DatabaseLocation } from "../database-host.ts";
import { leaseClient } from "./database/lease-client.ts";

const UNDEFINED_DATABASE = "3D000";

/**
 * Refuses two clusters that are one and the same server under two names: there, the project's database would be taken for
 * what is left of an earlier attempt. A lock that is held in the database is looked for in the other server's of that name.
 *
 * @throws BackendError PLINTH_PROJECT_PLACEMENT; PLINTH_DATABASE_UNAVAILABLE
 */
export async function assertApart(from: DatabaseHost, to: DatabaseHost, location: DatabaseLocation): Promise<void> {
  if (from.kind !== to.kind || from.kind === "embedded") return;
  const key = [randomInt(2 ** 31), randomInt(2 ** 31)];
  const here = await leaseClient(await from.openOwner(location));
  try {
    await here.client.query("select pg_advisory_lock($1, $2)", key);
    const there = await leaseClient(await to.openOwner(location)).catch((error: unknown) => {
      if (isUndefinedDatabase(error)) return undefined;
      throw error;
    });
    try {
      const { rowCount } = (await there?.client.query("select from pg_locks where locktype = 'advisory' and classid = $1 and objid = $2 and objsubid = 2", key)) ?? { rowCount: 0 };
      if (rowCount === 0) return;
    } finally {
      await there?.close();
    }
  } finally {
    await here.close();
  }
  throw new BackendError(CORE_ERRORS.projectPlacement, { message: `The clusters "${from.cluster}" and "${to.cluster}" are the same server.`, hint: "Give each server one name." });
}

const isUndefinedDatabase = (error: unknown): boolean => {
  const cause = isConnectionFailure(error) || error instanceof BackendError ? (error as Error).cause : error;
  return [error, cause].some((each) => (each as { readonly code?: unknown } | null)?.code === UNDEFINED_DATABASE);
};
