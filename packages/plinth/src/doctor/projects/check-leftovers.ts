import { withDatabase, type ProjectRow } from "@plinth/core";
import { type Finding, problem, warning } from "../check.ts";
import { type ClusterFacts, type RoleFacts, withClient } from "./cluster-facts.ts";

interface Leftovers {
  readonly title: string;
  readonly cluster: string;
  readonly adminUrl: string;
  readonly facts: ClusterFacts;
  readonly rows: readonly ProjectRow[];
}

/** Templates' drafts say in their names when they were begun; they take a minute at most. */
const DRAFT = /^plinth_draft_(?<begun>[0-9a-z]+)_[0-9a-f]{8}$/;
const DRAFTED_MS = 60 * 60_000;

/** Logins and databases with a project's mark that are no project's: what a crash left, or a move was told to leave. */
export async function checkLeftovers({ title, cluster, adminUrl, facts, rows }: Leftovers): Promise<readonly Finding[]> {
  const known = new Map(rows.map((row) => [row.uid, row]));
  const unknown = facts.roles.filter(({ uid }) => !known.has(uid));
  const { others, unseen } = await findElsewhere(adminUrl, facts, unknown);
  const left = unknown.filter(({ uid }) => !others.has(uid)).map((role) => leftOver(title, facts, role, unseen));
  const kept = facts.roles.flatMap((role) => {
    const row = known.get(role.uid);
    return row === undefined || isPlaceOf(row, cluster) ? [] : [warning(title, `"${row.ref}" is on the cluster "${row.cluster}", and its former login "${role.name}" and database are still here.`, dropping(role.name))];
  });
  const drafts = [...facts.databases.keys()].filter(isOldDraft).map((name) => warning(title, `"${name}" is a template that was never finished.`, `Run: drop database "${name}" with (force);`));
  return [...left, ...kept, ...drafts];
}

const isPlaceOf = (row: ProjectRow, cluster: string): boolean => row.cluster === cluster || row.move?.cluster === cluster;

const isOldDraft = (name: string): boolean => {
  const begun = DRAFT.exec(name)?.groups?.["begun"];
  return begun !== undefined && Date.now() - Number.parseInt(begun, 36) > DRAFTED_MS;
};

const dropping = (name: string): string => `If nothing in it is needed: drop database if exists "${name}" with (force); drop role "${name}";`;

function leftOver(title: string, { databases }: ClusterFacts, { name }: RoleFacts, unseen: readonly string[]): Finding {
  const what = databases.has(name) ? `The login and the database "${name}" are` : `The login "${name}" is`;
  if (unseen.length === 0) return problem(title, `${what} marked as a project's, and no project's.`, dropping(name));
  return warning(title, `${what} marked as a project's, and none of this backend. It may be another backend's with its metadata in ${unseen.join(", ")}, which this login can't look into.`, dropping(name));
}

interface Elsewhere {
  /** Uids of projects that are other backends'. */
  readonly others: ReadonlySet<string>;
  /** Databases that could not be looked into. */
  readonly unseen: readonly string[];
}

/** Several backends may share a server, each with its metadata in a database of its own there. */
async function findElsewhere(adminUrl: string, { databases, roles, home }: ClusterFacts, unknown: readonly RoleFacts[]): Promise<Elsewhere> {
  const [others, unseen] = [new Set<string>(), new Array<string>()];
  if (unknown.length === 0) return { others, unseen };
  const projects = new Set(roles.map(({ name }) => name));
  const candidates = [...databases.values()].filter(({ name, allowsConnections }) => allowsConnections && name !== home && !projects.has(name));
  const wanted = unknown.map(({ uid }) => uid);
  for (const { name } of candidates) {
    if (wanted.every((uid) => others.has(uid))) break;
    const found = await uidsIn(withDatabase(adminUrl, name), wanted).catch(() => undefined);
    if (found === undefined) unseen.push(name);
    for (const uid of found ?? []) others.add(uid);
  }
  return { others, unseen };
}

async function uidsIn(url: string, uids: readonly string[]): Promise<readonly string[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ there: boolean }>("select to_regclass('plinth.projects') is not null as there");
    if (!rows[0]?.there) return [];
    return (await client.query<{ uid: string }>("select uid from plinth.projects where uid::text = any($1)", [uids])).rows.map(({ uid }) => uid);
  });
}
