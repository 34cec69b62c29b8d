import pg from "pg";
import { connectionError, isConnectionFailure } from "../../../database/connection-error.ts";
import type { OwnerConnection } from "../../database-host.ts";

/** An embedded database ends what takes long, but for a client that says how long it may; for others it means nothing. */
const LONGEST_STATEMENT = 24 * 60 * 60 * 1000;

/** Connects, works, and disconnects when the work's last piece has been taken, or no more are. Releases the connection. */
export async function* withClient<T>(connection: OwnerConnection, work: (client: pg.Client) => AsyncIterable<T>): AsyncGenerator<T> {
  // A copy: `pg` writes to what it is given.
  const embedded = connection.config.stream !== undefined;
  const client = new pg.Client({ ...connection.config, connectionTimeoutMillis: 10_000, ...(embedded ? { statement_timeout: LONGEST_STATEMENT } : {}) });
  // A connection that breaks fails its query; its event without a listener would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    yield* work(client);
  } catch (error) {
    throw isConnectionFailure(error) ? connectionError(error) : error;
  } finally {
    await client.end().catch(() => undefined);
    await connection.release();
  }
}
