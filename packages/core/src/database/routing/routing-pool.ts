import type { DatabasePool } from "../pool.ts";
import { type Budget, Cluster } from "./cluster.ts";
import { Exchange } from "./exchange.ts";
import { Route } from "./route.ts";
import type { RouteTarget } from "./route-target.ts";
import { clusterMetrics, type RoutingMetrics, sumOf } from "./routing-metrics.ts";

export interface RoutingPoolOptions {
  /** Connections to native servers at most, in all. */
  readonly maxConnections: number;
  /** Connections to one tenant's database at most. */
  readonly maxConnectionsPerTenant: number;
  /** Connections to one cluster at most, by its name. Default: `maxConnections`. */
  readonly maxConnectionsPerCluster?: (cluster: string) => number | undefined;
  /** Embedded databases open at once. Default: any number. */
  readonly maxEmbedded?: number;
  /** Connections being opened at once on one cluster: more make each of them slower, and none sooner. Default: 4. */
  readonly maxOpening?: number;
  /** An idle connection is closed after this many milliseconds. Default: 60,000. */
  readonly idleTimeoutMs?: number;
  /** How long one waits for a connection, in milliseconds. Default: 10,000. */
  readonly acquireTimeoutMs?: number;
  /** How many may wait for one tenant's connections. Default: 1,000. */
  readonly maxWaitingPerTenant?: number;
  /** How long a tenant keeps a connection that it uses all the time, while others wait for one, in milliseconds: five times as long as opening one takes at least. Default: 100. */
  readonly quantumMs?: number;
  /** How long closing waits for work in flight before it is cancelled, in milliseconds. Default: 10,000. */
  readonly closeTimeoutMs?: number;
}

/**
 * The connections to all tenants' databases: within one budget in all, one for each cluster and one for each tenant.
 * Tenants that wait get their turn by how long they have waited, idle connections are closed for them in the order in
 * which they will be missed least, and work in flight is never cut short.
 */
export class RoutingPool {
  readonly #options: RoutingPoolOptions;
  readonly #clusters = new Map<string, Cluster>();
  readonly #total: Budget;
  readonly #exchange: Exchange;
  readonly #routes = new Set<Route>();
  #epoch = 0;
  #closing: Promise<void> | undefined;

  constructor(options: RoutingPoolOptions) {
    this.#options = options;
    this.#total = { max: options.maxConnections, held: 0 };
    this.#exchange = new Exchange({
      clusters: this.#clusters,
      idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
      acquireTimeoutMs: options.acquireTimeoutMs ?? 10_000,
      maxWaitingPerTenant: options.maxWaitingPerTenant ?? 1_000,
      quantumMs: options.quantumMs ?? 100,
    });
  }

  /** A tenant's door. Nothing is opened before it is used, nor held while it has no connections. */
  route(target: RouteTarget): DatabasePool {
    const { maxConnectionsPerTenant, closeTimeoutMs = 10_000 } = this.#options;
    return new Route({
      target,
      cluster: this.#clusterOf(target),
      exchange: this.#exchange,
      maxConnections: Math.min(target.maxConnections ?? maxConnectionsPerTenant, maxConnectionsPerTenant),
      closeTimeoutMs,
      nextEpoch: () => ++this.#epoch,
      isOpen: () => this.#closing === undefined,
      active: this.#routes,
    });
  }

  metrics(): RoutingMetrics {
    const clusters = [...this.#clusters.values()].map((cluster) => clusterMetrics(cluster, this.#exchange.connections));
    return { ...sumOf(clusters), maxConnections: this.#total.max, clusters };
  }

  /** Lets work in flight end, within its time, and closes every connection. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#routes].map((route) => route.close()));
    this.#exchange.stop();
  }

  #clusterOf({ cluster: name, kind }: RouteTarget): Cluster {
    const key = `${kind} ${name}`;
    const known = this.#clusters.get(key);
    if (known) return known;
    const { maxConnections, maxConnectionsPerCluster, maxEmbedded = Number.POSITIVE_INFINITY, maxOpening = 4 } = this.#options;
    const isServer = kind === "native";
    const limits = {
      connections: isServer ? (maxConnectionsPerCluster?.(name) ?? maxConnections) : Number.POSITIVE_INFINITY,
      tenants: isServer ? Number.POSITIVE_INFINITY : maxEmbedded,
      opening: maxOpening,
    };
    const cluster = new Cluster(name, limits, isServer ? this.#total : undefined);
    this.#clusters.set(key, cluster);
    return cluster;
  }
}
