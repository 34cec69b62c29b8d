import type { Cluster, Counts } from "./cluster.ts";
import type { Connection } from "./tenant-line.ts";

/** Connections now, and what has happened since the start. */
export interface RoutingCounts extends Readonly<Counts> {
  /** Connections that are there, those taking their leave left out. */
  readonly open: number;
  readonly idle: number;
  readonly busy: number;
  /** Of those open, the ones that one borrower keeps (LISTEN). */
  readonly pinned: number;
  readonly opening: number;
  /** Requests that wait for a connection. */
  readonly waiting: number;
  /** Tenants that have connections. */
  readonly tenants: number;
}

export interface ClusterMetrics extends RoutingCounts {
  readonly cluster: string;
  /** What it may have at most; `Infinity` where nothing says. */
  readonly maxConnections: number;
  /** Connecting fails. */
  readonly isDown: boolean;
}

export interface RoutingMetrics extends RoutingCounts {
  readonly maxConnections: number;
  readonly clusters: readonly ClusterMetrics[];
}

export function clusterMetrics(cluster: Cluster, connections: Iterable<Connection>): ClusterMetrics {
  let open = 0;
  let idle = 0;
  for (const { line, state } of connections) {
    if (line.cluster !== cluster) continue;
    open++;
    if (state === "idle") idle++;
  }
  const { name, pinned, opening, waiting, tenants, counts, limits, outage } = cluster;
  return { cluster: name, maxConnections: limits.connections, isDown: !outage.isOver, open, idle, busy: open - idle, pinned, opening, waiting, tenants, ...counts };
}

export function sumOf(clusters: readonly ClusterMetrics[]): RoutingCounts {
  const sum = (key: keyof RoutingCounts): number => clusters.reduce((total, cluster) => total + cluster[key], 0);
  return {
    open: sum("open"),
    idle: sum("idle"),
    busy: sum("busy"),
    pinned: sum("pinned"),
    opening: sum("opening"),
    waiting: sum("waiting"),
    tenants: sum("tenants"),
    opens: sum("opens"),
    closes: sum("closes"),
    evictions: sum("evictions"),
    failures: sum("failures"),
    waits: sum("waits"),
    waitedMs: sum("waitedMs"),
    timeouts: sum("timeouts"),
  };
}
