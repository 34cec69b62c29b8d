import { anonKeyOf, BackendError, CORE_ERRORS, createTenantSecrets, DatabaseTenant, EMBEDDED_SESSION_ROLE, limitsOf, projectMoving, recordKeys, type RoutingPool, type TenantParts, upgradedFirst } from "@plinth/core";
import type { BackendConfig } from "../config/backend-config.ts";
import type { Migrations } from "./migrations.ts";
import type { Platform } from "./open-platform.ts";
import { routeTarget } from "./open-routing.ts";

/**
 * Opens a project: the keys by which its callers are told, and its connections as soon as one of them holds.
 * @throws BackendError PLINTH_PROJECT_NOT_FOUND, PLINTH_PROJECT_PAUSED, PLINTH_PROJECT_MOVING
 */
export async function openTenant(config: BackendConfig, platform: Platform, routing: RoutingPool, migrations: Migrations, ref: string): Promise<TenantParts> {
  const record = await platform.controlPlane.record(ref);
  if (record.project.status === "paused") throw new BackendError(CORE_ERRORS.projectPaused);
  if (record.project.status === "moving") throw projectMoving(record.project.ref);
  const route = platform.replicas.with(routing.route(routeTarget(config, platform, record)), routing, record);
  const { pool, ready } = config.projectMigrations?.lazyUpgrade ? upgradedFirst(route, () => migrations.ensureUpgraded(record.project.ref)) : { pool: route, ready: undefined };
  const sessionRole = pool.kind === "embedded" ? EMBEDDED_SESSION_ROLE : undefined;
  const isPooled = record.database.kind === "native" && (record.database.pooled !== undefined || !config.pool.preparedStatements);
  const statementTimeoutMs = isPooled ? (limitsOf(record.project).statementTimeoutMs ?? config.statementTimeoutMs) : undefined;
  const sharesRoles = record.database.kind === "native" && record.database.sharesRoles;
  return {
    tenant: new DatabaseTenant(record.project, pool, { secrets: createTenantSecrets({ sign: record.keys.sign, anonKey: () => anonKeyOf(record.project, record.jwtSecret), dataKey: record.dataKey, settings: record.settings }), sessionRole, statementTimeoutMs, sharesRoles, statements: isPooled || !config.pool.preparedStatements ? "unnamed" : "named" }),
    keys: recordKeys(record, config.requireApiKey),
    ...(ready ? { ready } : {}),
  };
}
