import { BackendError, cancelNative, ClientPool, CORE_ERRORS, createProjectKeys, DatabaseTenant, EMBEDDED_SESSION_ROLE, LazyPool, type OpenTenant, type ProjectRecord } from "@plinth/core";
import type { BackendConfig } from "../config/backend-config.ts";
import type { Platform } from "./open-platform.ts";

/** One embedded database answers one statement at a time; a few connections keep it busy. */
const EMBEDDED_CONNECTIONS = 8;

/**
 * Opens a project: the keys by which its callers are told, and its connections as soon as one of them holds.
 * @throws BackendError PLINTH_PROJECT_NOT_FOUND, PLINTH_PROJECT_PAUSED
 */
export async function openTenant(config: BackendConfig, platform: Platform, ref: string): Promise<OpenTenant> {
  const record = await platform.controlPlane.record(ref);
  if (record.project.status === "paused") throw new BackendError(CORE_ERRORS.projectPaused);
  const { kind } = record.database;
  const pool = new LazyPool(kind, () => openPool(config, platform, record));
  const sessionRole = pool.kind === "embedded" ? EMBEDDED_SESSION_ROLE : undefined;
  return {
    tenant: new DatabaseTenant(record.project, pool, { sessionRole, statements: config.pool.preparedStatements ? "named" : "unnamed" }),
    keys: createProjectKeys({
      ref,
      secret: record.jwtSecret,
      jwks: record.jwks,
      audience: record.jwtAudience,
      anonRole: record.project.roles.anon,
      requireApiKey: config.requireApiKey,
    }),
  };
}

async function openPool({ pool, statementTimeoutMs }: BackendConfig, { instances }: Platform, { database }: ProjectRecord): Promise<ClientPool> {
  const limits = { idleTimeoutMs: pool.idleTimeoutMs, acquireTimeoutMs: pool.acquireTimeoutMs };
  if (database.kind === "native") {
    const config = { ...database.config, statement_timeout: statementTimeoutMs, application_name: "plinth" };
    return new ClientPool({ kind: "native", config, max: pool.maxConnections, ...limits, cancel: cancelNative });
  }
  const lease = await instances.acquire(database.instance);
  const max = Math.min(pool.maxConnections, EMBEDDED_CONNECTIONS);
  return new ClientPool({ kind: "embedded", config: lease.config, max, ...limits, cancel: async (client) => lease.cancel(client), release: lease.release });
}
