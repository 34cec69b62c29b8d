import { BackendError, type ControlPlaneOptions, CORE_ERRORS, EmbeddedHost, type EmbeddedInstances, NativeHost } from "@plinth/core";
import type { BackendConfig } from "../config/backend-config.ts";

/** A login whose session stands in a transaction and says nothing holds locks and keeps VACUUM from its work. */
const IDLE_IN_TRANSACTION_MS = 300_000;

/**
 * Where projects' databases are made, and how one is chosen. Connects nowhere yet.
 * @throws BackendError PLINTH_CONFIG_INVALID
 */
export function openHosts(config: BackendConfig, instances: EmbeddedInstances): Pick<ControlPlaneOptions, "host" | "otherHosts" | "weights" | "placement"> {
  const { databaseUrl, clusters, placement, project } = config;
  if (!databaseUrl) {
    if (clusters.length === 0) return { host: new EmbeddedHost(instances) };
    throw new BackendError(CORE_ERRORS.configInvalid, { message: "clusters: need a databaseUrl, for the metadata.", hint: "Give databaseUrl, or DATABASE_URL; its server is the cluster named default." });
  }
  const loginLimits = { connections: config.projects.loginConnectionLimit, statementTimeoutMs: config.statementTimeoutMs, idleInTransactionMs: IDLE_IN_TRANSACTION_MS };
  const others = clusters.flatMap(({ name, databaseUrl: adminUrl, poolerUrl, replicas }) => (adminUrl === undefined ? [] : [new NativeHost({ adminUrl, cluster: name, poolerUrl, replicaUrls: replicas, loginLimits })]));
  const { poolerUrl, replicas: replicaUrls = [] } = clusters.find(({ databaseUrl: adminUrl }) => adminUrl === undefined) ?? {};
  return {
    host: new NativeHost({ adminUrl: databaseUrl, poolerUrl, replicaUrls, loginLimits, ...(project === false ? {} : { homeRef: project.ref }) }),
    otherHosts: others,
    weights: Object.fromEntries(clusters.map(({ name, weight }) => [name, weight])),
    placement,
  };
}
