import { type RouteTarget, RoutingPool, cancelNative, limitsOf, type ProjectRecord } from "@plinth/core";
import type { BackendConfig } from "../config/backend-config.ts";
import type { Platform } from "./open-platform.ts";
import { WITHOUT_JIT } from "./without-jit.ts";

/** One embedded database answers one statement at a time; a few connections keep it busy. */
const EMBEDDED_CONNECTIONS = 8;

/** PostgreSQL takes 100 by default, three of them for superusers. */
const CONNECTIONS_PER_CLUSTER = 80;

/** The connections of all of a backend's projects. */
export function openRouting({ pool, inMemory, clusters }: BackendConfig): RoutingPool {
  const { maxConnections = clusters.length > 0 ? Number.POSITIVE_INFINITY : CONNECTIONS_PER_CLUSTER } = pool;
  const { maxConnectionsPerCluster = pool.maxConnections ?? CONNECTIONS_PER_CLUSTER } = pool;
  const limits = new Map(clusters.map((cluster) => [cluster.name, cluster.maxConnections]));
  return new RoutingPool({
    maxConnections,
    maxConnectionsPerTenant: pool.maxConnectionsPerProject,
    maxConnectionsPerCluster: (name) => limits.get(name) ?? maxConnectionsPerCluster,
    // Those in memory are never closed: there would be nothing to open again.
    ...(inMemory ? {} : { maxEmbedded: pool.maxEmbedded }),
    maxOpening: pool.maxOpening,
    idleTimeoutMs: pool.idleTimeoutMs,
    acquireTimeoutMs: pool.acquireTimeoutMs,
    maxWaitingPerTenant: pool.maxWaitingPerProject,
  });
}

/** How requests reach a project's database. */
export function routeTarget({ pool, ...all }: BackendConfig, { instances }: Platform, { project, database }: ProjectRecord): RouteTarget {
  const { statementTimeoutMs = all.statementTimeoutMs } = limitsOf(project);
  if (database.kind === "embedded") {
    const open = async () => {
      const lease = await instances.acquire(database.instance);
      return { ...lease, config: { ...lease.config, statement_timeout: statementTimeoutMs } };
    };
    return { id: project.ref, cluster: "embedded", kind: "embedded", maxConnections: EMBEDDED_CONNECTIONS, open };
  }
  const application_name = "plinth";
  const direct = { options: WITHOUT_JIT, ...database.config, statement_timeout: statementTimeoutMs, application_name };
  // A pooler takes no settings at a connection's start: it is not for the one client alone.
  const pooled = database.pooled ?? (pool.preparedStatements ? undefined : database.config);
  return {
    id: project.ref,
    cluster: database.cluster,
    kind: "native",
    open: async () => ({
      config: pooled ? { ...pooled, application_name } : direct,
      direct: database.pooled && direct,
      listens: pooled === undefined,
      cancel: cancelNative,
      release: async () => undefined,
    }),
  };
}
