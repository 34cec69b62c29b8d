import pg from "pg";
import type { DatabaseLocation } from "../database-host.ts";

/**
 * Does something with a project's database or login once everything else that was begun on this server is at its end. The
 * metadata's lock does not see to that: it goes with the process that held it, while the server still runs the last
 * statement of one that was killed, and would make a database that was just dropped.
 *
 * @param admin of the same database each time: PostgreSQL's advisory locks are a database's
 */
export async function lockProject<T>(admin: pg.ClientBase, { uid }: Pick<DatabaseLocation, "uid">, work: () => Promise<T>): Promise<T> {
  const key = `hashtextextended(${pg.escapeLiteral(`plinth.work.${uid}`)}, 0)`;
  await admin.query(`select pg_advisory_lock(${key})`);
  const result = await work();
  // After an error the connection is closed, and the lock with it.
  await admin.query(`select pg_advisory_unlock(${key})`);
  return result;
}
