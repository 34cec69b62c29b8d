import pg from "pg";
import { connectionError, isConnectionFailure } from "../../../database/connection-error.ts";
import type { OwnerConnection } from "../../database-host.ts";

/** An embedded database ends what takes long, but for a client that says how long it may; for others it means nothing. */
const LONGEST_STATEMENT = 24 * 60 * 60 * 1000;

export interface ClientLease {
  readonly client: pg.Client;
  /** Disconnects, and releases the owner's connection. Idempotent. */
  close(): Promise<void>;
}

/** @throws BackendError PLINTH_DATABASE_UNAVAILABLE */
export async function leaseClient(connection: OwnerConnection): Promise<ClientLease> {
  const embedded = connection.config.stream !== undefined;
  const client = new pg.Client({ ...connection.config, connectionTimeoutMillis: 10_000, application_name: "plinth transfer", ...(embedded ? { statement_timeout: LONGEST_STATEMENT } : {}) });
  // A connection that breaks fails its query; its event without a listener would end the process.
  client.on("error", () => undefined);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= client.end().catch(() => undefined).then(() => connection.release()));
  try {
    await client.connect();
    return { client, close };
  } catch (error) {
    await close();
    throw isConnectionFailure(error) ? connectionError(error) : error;
  }
}
