import { type Finding, ok, warning } from "../check.ts";
import type { ClusterFacts } from "./cluster-facts.ts";

/** What a process has besides requests' connections: the metadata's, the jobs', those of administration. */
const BESIDES = 15;

/** A server that runs out of connections refuses everybody, psql included. */
export function checkBudget(title: string, { connections }: ClusterFacts, budget: number): readonly Finding[] {
  const room = connections - BESIDES;
  if (budget <= room) return [ok(title, `${budget} connections of ${connections} may be this process's requests'`)];
  return [warning(title, `This process may open ${budget} connections for requests and some ${BESIDES} besides; the server takes ${connections}.`, `Set pool.maxConnectionsPerCluster to ${Math.max(room, 1)} or less (divided by the number of processes), raise the server's max_connections, or put PgBouncer before it.`)];
}
