import { adoptRestoredUsers, importUsers, type ImportedUsers, type ImportUsersOptions, restoredUsers, type UserSource } from "@plinth/auth";
import { connectionError, type ControlPlane, isConnectionFailure, type Tenant } from "@plinth/core";
import pg from "pg";

export interface ImportProjectUsersOptions extends Pick<ImportUsersOptions, "batchSize" | "withoutTriggers" | "onProgress" | "signal"> {
  /** The project to take them into. Default: the default project. */
  readonly ref?: string;
  /**
   * A connection string of the GoTrue database, which is only read. Or the schema of the project's own database into which
   * GoTrue's tables were restored from a dump; `auth` for the project's own tables, where what was restored is sealed.
   */
  readonly from: string | { readonly schema: string };
}

/** Milliseconds. */
const CONNECTION_TIMEOUT = 15_000;

/** @throws BackendError as `Backend.importUsers` */
export async function importProjectUsers({ ref, secrets }: Tenant, controlPlane: ControlPlane, { from, ...options }: Omit<ImportProjectUsersOptions, "ref">): Promise<ImportedUsers> {
  const target = await controlPlane.ownerDatabase(ref);
  try {
    if (typeof from === "string") return await withClient(from, (query) => importUsers({ ...options, source: { schema: "auth", query }, target, secrets }));
    if (from.schema === "auth") return await adoptRestoredUsers({ ...options, target, secrets });
    return await importUsers({ ...options, source: restoredUsers(target, from.schema), target, secrets });
  } finally {
    await target.release();
  }
}

async function withClient<T>(connectionString: string, work: (query: UserSource["query"]) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: CONNECTION_TIMEOUT, application_name: "plinth auth import", options: "-c default_transaction_read_only=on" });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(async (sql, parameters) => (await client.query<Readonly<Record<string, unknown>>>(sql, [...parameters])).rows);
  } catch (error) {
    throw isConnectionFailure(error) ? connectionError(error) : error;
  } finally {
    await client.end().catch(() => undefined);
  }
}
