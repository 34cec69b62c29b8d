import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { connectionError, isConnectionFailure } from "../database/connection-error.ts";
import type { AnyDatabase, OwnerDatabase } from "../tenant/tenant.ts";
import type { OwnerConnection } from "./database-host.ts";

/** The owner's way into a project's database, until it is released. */
export interface OwnerDatabaseLease extends OwnerDatabase {
  /** Makes more such connections, which must end before the release. Natively a `connectionString`; else a `stream`. */
  readonly config: pg.ClientConfig;
  /** Closes the connections. Idempotent. */
  release(): Promise<void>;
}

/** @throws BackendError PLINTH_DATABASE_UNAVAILABLE */
export async function openOwnerDatabase(connection: OwnerConnection): Promise<OwnerDatabaseLease> {
  const pool = new pg.Pool({ ...connection.config, max: 2, idleTimeoutMillis: 10_000, connectionTimeoutMillis: 10_000, allowExitOnIdle: true });
  // A connection that breaks fails its query; its event without a listener would end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  const db = new Kysely<AnyDatabase>({ dialect: new PostgresDialect({ pool }) });
  let closing: Promise<void> | undefined;
  const release = (): Promise<void> => (closing ??= db.destroy().then(() => connection.release()));
  try {
    await sql`select 1`.execute(db);
  } catch (error) {
    await release();
    throw isConnectionFailure(error) ? connectionError(error) : error;
  }
  const script = async (text: string): Promise<void> => {
    // Without parameters `pg` takes the simple protocol, which takes any number of statements.
    await db.transaction().execute((transaction) => sql.raw(text).execute(transaction));
  };
  return { config: connection.config, db, script, release };
}

/** Opens, works, releases. */
export async function withOwnerDatabase<T>(opening: Promise<OwnerConnection>, work: (owner: OwnerDatabase) => Promise<T>): Promise<T> {
  const owner = await openOwnerDatabase(await opening);
  try {
    return await work(owner);
  } finally {
    await owner.release();
  }
}
