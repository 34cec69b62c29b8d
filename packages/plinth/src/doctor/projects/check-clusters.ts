import type { ProjectRow } from "@plinth/core";
import type { BackendConfig } from "../../config/backend-config.ts";
import { type Finding, ok, problem } from "../check.ts";
import { checkBudget } from "./check-budget.ts";
import { checkLeftovers } from "./check-leftovers.ts";
import { type ClusterFacts, readCluster } from "./cluster-facts.ts";
import { named, type ProjectsCheck } from "./surroundings.ts";

interface ClusterToLookAt {
  readonly name: string;
  readonly adminUrl: string;
  /** Connections that this backend may open to it. */
  readonly budget: number;
}

/** PostgreSQL takes 100 by default; what the pool may have where nothing is configured. */
const CONNECTIONS = 80;

/** Of every server: it can be reached, has room for the connections, and has each project's database and login, and no others of ours. */
export const checkClusters: ProjectsCheck = async ({ config, rows }) => {
  const findings: Finding[] = [];
  const clusters = clustersOf(config);
  for (const cluster of clusters) findings.push(...(await checkCluster(cluster, rows)));
  const unknown = rows.filter((row) => row.host === "native" && !clusters.some(({ name }) => name === row.cluster));
  if (unknown.length > 0) findings.push(problem("Clusters", `${named(unknown.map(({ ref }) => ref))}: on the cluster ${named([...new Set(unknown.map(({ cluster }) => cluster))])}, which is not configured.`, "Add it to the option clusters."));
  return findings;
};

function clustersOf({ databaseUrl, clusters, pool }: BackendConfig): readonly ClusterToLookAt[] {
  if (!databaseUrl) return [];
  const shared = pool.maxConnectionsPerCluster ?? Math.min(CONNECTIONS, pool.maxConnections ?? CONNECTIONS);
  const own = clusters.find(({ name }) => name === "default");
  const others = clusters.flatMap(({ name, databaseUrl: adminUrl, maxConnections }) => (adminUrl === undefined ? [] : [{ name, adminUrl, budget: maxConnections ?? shared }]));
  return [{ name: "default", adminUrl: databaseUrl, budget: own?.maxConnections ?? shared }, ...others];
}

async function checkCluster({ name, adminUrl, budget }: ClusterToLookAt, rows: readonly ProjectRow[]): Promise<readonly Finding[]> {
  const title = `Cluster ${name}`;
  let facts: ClusterFacts;
  try {
    facts = await readCluster(adminUrl);
  } catch (error) {
    const reason = (error as Error).message || (error as { code?: string }).code;
    return [problem(title, `can't be reached: ${reason}`, "Check that PostgreSQL is running there, and the URL of the cluster. Its projects can't be served meanwhile; others can.")];
  }
  const here = rows.filter((row) => row.host === "native" && row.cluster === name);
  const broken = here.flatMap((row) => checkProject(row, facts).map((finding) => ({ ...finding, title })));
  const whole = here.filter(isWhole).length - new Set(broken.map(({ ref }) => ref)).size;
  return [
    ok(title, `${whole} ${whole === 1 ? "project" : "projects"} with database and login`),
    ...broken.map(({ ref: _ref, ...finding }) => finding),
    ...checkBudget(title, facts, budget),
    ...(await checkLeftovers({ title, cluster: name, adminUrl, facts, rows })),
  ];
}

/** Others are half made or half gone, which is told of elsewhere. */
const isWhole = ({ status }: ProjectRow): boolean => status !== "provisioning" && status !== "deleting";

type ProjectFinding = Finding & { readonly ref: string };

const BACKUP = "Bring it back from a backup of the server, or give the project up:";

function checkProject(row: ProjectRow, { databases, roles, home }: ClusterFacts): readonly ProjectFinding[] {
  if (!isWhole(row)) return [];
  const { ref, database_name: name, login_role: login, status } = row;
  const remove = `plinth projects delete ${ref} --now --yes`;
  const database = databases.get(name);
  const role = roles.find(({ uid }) => uid === row.uid);
  const isOpen = status === "active";
  const checks: ReadonlyArray<readonly [boolean, string, string]> = [
    [database === undefined, `"${ref}": its database "${name}" is not there.`, `${BACKUP} ${remove}.`],
    [role === undefined, `"${ref}": its login "${login}" is not there, or not marked as its own.`, `${BACKUP} ${remove}.`],
    [role !== undefined && role.name !== login, `"${ref}": its login is "${role?.name}", and "${login}" is noted.`, `Run: alter role "${role?.name}" rename to "${login}"; or the other way round, whichever was renamed.`],
    [isOpen && role?.canLogin === false, `"${ref}": its login may not log in.`, `Run: plinth projects pause ${ref}, then plinth projects resume ${ref}.`],
    [(status === "paused" || status === "deleted") && !row.shut_due && role?.canLogin === true, `"${ref}" is ${status}, and its login may log in.`, status === "paused" ? `Run: plinth projects pause ${ref}.` : "Run: plinth projects sweep."],
    [isOpen && database?.allowsConnections === false, `"${ref}": its database "${name}" lets nobody in.`, `Run: alter database "${name}" allow_connections true;`],
    [database?.isOpenToAll === true && name !== home, `"${ref}": every login of the server may connect to its database "${name}".`, `Run: revoke connect on database "${name}" from public;`],
  ];
  return checks.filter(([applies]) => applies).map(([, message, hint]) => ({ ref, ...problem("", message, hint) }));
}
