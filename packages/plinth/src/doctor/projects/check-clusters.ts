import type { ProjectRow } from "@plinth/core";
import type { BackendConfig } from "../../config/backend-config.ts";
import { type Finding, ok, problem } from "../check.ts";
import { checkBudget } from "./check-budget.ts";
import { checkLeftovers } from "./check-leftovers.ts";
import { type ClusterFacts, type DatabaseFacts, readCluster, type RoleFacts } from "./cluster-facts.ts";
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

function checkProject(row: ProjectRow, facts: ClusterFacts): readonly ProjectFinding[] {
  if (!isWhole(row)) return [];
  const database = facts.databases.get(row.database_name);
  const role = facts.roles.find(({ uid }) => uid === row.uid);
  const troubles = [...(role ? checkLogin(row, role) : [NO_LOGIN(row)]), ...(database ? checkDatabase(row, database, facts.home) : [NO_DATABASE(row)])];
  return troubles.map(({ what, hint }) => ({ ref: row.ref, ...problem("", `"${row.ref}"${what}`, hint) }));
}

interface Trouble {
  readonly what: string;
  readonly hint: string;
}

const giveUp = ({ ref }: ProjectRow): string => `Bring it back from a backup of the server, or give the project up: plinth projects delete ${ref} --now --yes.`;

const NO_DATABASE = (row: ProjectRow): Trouble => ({ what: `: its database "${row.database_name}" is not there.`, hint: giveUp(row) });
const NO_LOGIN = (row: ProjectRow): Trouble => ({ what: `: its login "${row.login_role}" is not there, or not marked as its own.`, hint: giveUp(row) });

function checkDatabase({ status }: ProjectRow, { name, allowsConnections, isOpenToAll }: DatabaseFacts, home: string): readonly Trouble[] {
  if (status === "active" && !allowsConnections) return [{ what: `: its database "${name}" lets nobody in.`, hint: `Run: alter database "${name}" allow_connections true;` }];
  if (!isOpenToAll || name === home) return [];
  return [{ what: `: every login of the server may connect to its database "${name}".`, hint: `Run: revoke connect on database "${name}" from public;` }];
}

function checkLogin({ ref, status, login_role: login, shut_due: isDue }: ProjectRow, { name, canLogin }: RoleFacts): readonly Trouble[] {
  if (name !== login) return [{ what: `: its login is "${name}", and "${login}" is noted.`, hint: `Give the login its name again: alter role "${name}" rename to "${login}";` }];
  if (status === "active" && !canLogin) return [{ what: ": its login may not log in.", hint: `Run: plinth projects pause ${ref}, then plinth projects resume ${ref}.` }];
  const isShut = (status === "paused" || status === "deleted") && !isDue;
  return isShut && canLogin ? [{ what: ` is ${status}, and its login may log in.`, hint: status === "paused" ? `Run: plinth projects pause ${ref}.` : "Run: plinth projects sweep." }] : [];
}
