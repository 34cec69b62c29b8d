import type { Cluster } from "./cluster.ts";
import { MEMORY_MS } from "./request-rate.ts";
import type { Connection, TenantLine } from "./tenant-line.ts";

/**
 * How long a connection that was given back is left alone: a request borrows one several times, and who has had an
 * answer often has the next question.
 */
const LINGERS_MS = 5;

/** One is not taken from a tenant for which this many times as cheap a one is to be had in a moment. */
const MUCH = 2;

/**
 * Chooses the idle connection that will be missed least, judged by how often its tenant asked for one of late. Not
 * simply the one unused for longest: with that, a walk over many cold tenants would close the connections of all hot ones.
 *
 * @param cluster where it has to be from; undefined: anywhere that counts
 * @param mayLinger of those that were in use just now, so many may be worth much less than the one chosen
 * @returns undefined where there is none, or none yet
 */
export function leastMissed(connections: Iterable<Connection>, cluster: Cluster | undefined, mayLinger: number, now: number): Connection | undefined {
  const lingering: number[] = [];
  let least: Connection | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  for (const connection of connections) {
    const { line, state } = connection;
    if (state !== "idle" || connection !== line.spare || (cluster ? line.cluster !== cluster : !line.cluster.isTotalFull)) continue;
    const value = worth(connection, now);
    if (now - connection.lastUsedAt < LINGERS_MS) lingering.push(value);
    else if (value < lowest) [least, lowest] = [connection, value];
  }
  return lingering.filter((value) => value * MUCH < lowest).length < mayLinger ? least : undefined;
}

/** Times a second that it will be needed, as far as one can tell. A tenant's second connection is needed less than the tenant is. */
function worth({ line, openedAt, lastUsedAt, uses }: Connection, now: number): number {
  if (line.connections.size === 1) return line.rate.perSecond(now);
  return 1_000 * Math.min(uses / Math.max(now - openedAt, MEMORY_MS), 1 / (now - lastUsedAt + 1));
}

/** Of the cluster's tenants whose connections are all idle, the one that asked least of late. */
export function coldest(connections: Iterable<Connection>, cluster: Cluster, now: number): TenantLine | undefined {
  let least: TenantLine | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  for (const { line } of connections) {
    if (line.cluster !== cluster || line.idle.length !== line.lease.users || now - line.lastUsedAt < LINGERS_MS) continue;
    const rate = line.rate.perSecond(now);
    if (rate < lowest) [least, lowest] = [line, rate];
  }
  return least;
}
