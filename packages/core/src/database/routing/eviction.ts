import type { Cluster } from "./cluster.ts";
import type { Connection, TenantLine } from "./tenant-line.ts";

/**
 * The idle connection that will be missed least, judged by how often its tenant asked for one of late. Not simply the
 * one unused for longest: with that, a walk over many cold tenants would close the connections of all hot ones.
 *
 * @param cluster where it has to be from; undefined: anywhere that counts
 */
export function leastMissed(connections: Iterable<Connection>, cluster: Cluster | undefined, now: number): Connection | undefined {
  let least: Connection | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  for (const connection of connections) {
    const { line, state } = connection;
    if (state !== "idle" || connection !== line.spare || (cluster ? line.cluster !== cluster : !line.cluster.isTotalFull)) continue;
    const value = worth(connection, now);
    if (value < lowest) [least, lowest] = [connection, value];
  }
  return least;
}

/** Times a second that it will be needed, as far as one can tell. A tenant's second connection is needed less than the tenant is. */
function worth({ line, lastUsedAt }: Connection, now: number): number {
  const rate = line.rate.perSecond(now);
  return line.connections.size === 1 ? rate : Math.min(rate, 1_000 / (now - lastUsedAt + 1));
}

/** Of the cluster's tenants whose connections are all idle, the one that asked least of late. */
export function coldest(connections: Iterable<Connection>, cluster: Cluster, now: number): TenantLine | undefined {
  let least: TenantLine | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  for (const { line } of connections) {
    if (line.cluster !== cluster || line.idle.length !== line.lease.users) continue;
    const rate = line.rate.perSecond(now);
    if (rate < lowest) [least, lowest] = [line, rate];
  }
  return least;
}
