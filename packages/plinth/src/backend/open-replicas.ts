import { cancelNative, type DatabasePool, limitsOf, type ProjectRecord, ReplicaMonitor, ReplicatedPool, type RoutingPool } from "@plinth/core";
import type { BackendConfig } from "../config/backend-config.ts";
import { WITHOUT_JIT } from "./without-jit.ts";

/** The replicas of all clusters. */
export interface Replicas {
  /** `primary` and the project's replicas as one, where its cluster has any. */
  with(primary: DatabasePool, routing: RoutingPool, record: ProjectRecord): DatabasePool;
  close(): Promise<void>;
}

/** Connects nowhere yet. */
export function openReplicas(config: BackendConfig): Replicas {
  const monitors = new Map(config.clusters.filter(({ replicas }) => replicas.length > 0).map((cluster) => [cluster.name, monitorOf(config, cluster)]));
  return {
    with: (primary, routing, record) => {
      const { database } = record;
      const monitor = database.kind === "native" && !record.project.adopted ? monitors.get(database.cluster) : undefined;
      if (monitor === undefined) return primary;
      return new ReplicatedPool({ primary, replicas: routesTo(config, routing, record), monitor });
    },
    close: async () => {
      await Promise.all([...monitors.values()].map((monitor) => monitor.close()));
    },
  };
}

function monitorOf(config: BackendConfig, { databaseUrl = config.databaseUrl || "", replicas, maxReplicaLagMs }: BackendConfig["clusters"][number]): ReplicaMonitor {
  return new ReplicaMonitor({ primary: { connectionString: databaseUrl }, replicas: replicas.map((connectionString) => ({ connectionString })), maxLagMs: maxReplicaLagMs });
}

/** Each replica is a server of its own: up or down by itself, with connections that are counted for it. */
function routesTo({ statementTimeoutMs: all }: BackendConfig, routing: RoutingPool, { project, database }: ProjectRecord): DatabasePool[] {
  if (database.kind !== "native") return [];
  const { statementTimeoutMs: statement_timeout = all } = limitsOf(project);
  return (database.replicas ?? []).map((replica, i) => {
    const config = { options: WITHOUT_JIT, ...replica, statement_timeout, application_name: "plinth" };
    const open = async () => ({ config, cancel: cancelNative, release: async () => undefined });
    return routing.route({ id: `${project.ref} replica ${i + 1}`, cluster: `${database.cluster} replica ${i + 1}`, kind: "native", open });
  });
}
