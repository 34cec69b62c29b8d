import { sql } from "kysely";
import { recordAudit } from "../../audit/record-audit.ts";
import type { ProjectRoles, UpgradeOptions, UpgradeResult } from "../project.ts";
import { type ProjectRow, toLocation } from "../project-rows.ts";
import type { ProjectSurroundings } from "../project-surroundings.ts";
import { updateRow } from "../find-row.ts";
import { renewSetup, setupChecksum } from "./provision.ts";
import { withProject } from "./with-project.ts";

/** @see Projects.upgrade */
export async function upgradeProjects(surroundings: ProjectSurroundings, ref: string | undefined, { concurrency = 4 }: UpgradeOptions = {}): Promise<UpgradeResult> {
  if (ref !== undefined) return { upgraded: (await upgradeProject(surroundings, ref)) ? [ref] : [], failed: [] };
  const refs = await staleRefs(surroundings);
  const upgraded: string[] = [];
  const failed: Array<UpgradeResult["failed"][number]> = [];
  const next = refs[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const each of next) {
      await upgradeProject(surroundings, each).then((done) => done && upgraded.push(each), (error: unknown) => failed.push({ ref: each, error }));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { upgraded, failed };
}

/** @returns whether there was anything to do */
export function upgradeProject(surroundings: ProjectSurroundings, ref: string): Promise<boolean> {
  const { hosts, databaseSetup, actor } = surroundings;
  return withProject(surroundings, ref, async (db, row) => {
    if (!isStale(surroundings, row)) return false;
    const host = hosts.of(row);
    const checksum = setupChecksum(host, row.roles, databaseSetup);
    await renewSetup(host, toLocation(row), row.roles, databaseSetup);
    await db.transaction().execute(async (transaction) => {
      await updateRow(transaction, row.uid, { setup_checksum: checksum });
      await recordAudit(transaction, { actor, action: "project.upgrade", ref: row.ref, projectUid: row.uid, before: { setupChecksum: row.setup_checksum }, after: { setupChecksum: checksum } });
    });
    return true;
  });
}

/** An adopted database is never given a set-up; one that is half made or being moved or deleted isn't yet, or no more. */
export function isStale({ hosts, databaseSetup }: ProjectSurroundings, row: Pick<ProjectRow, "ref" | "status" | "adopted" | "host" | "cluster" | "roles" | "setup_checksum">): boolean {
  if (row.adopted || (row.status !== "active" && row.status !== "paused")) return false;
  return row.setup_checksum !== setupChecksum(hosts.of(row), row.roles, databaseSetup);
}

/** There are few kinds of projects: the checksums that each should have are compared where the rows are. */
async function staleRefs({ metadata: { db }, hosts, databaseSetup }: ProjectSurroundings): Promise<readonly string[]> {
  const ours = hosts.all.map(({ cluster }) => cluster);
  const kinds = await db.selectFrom("plinth.projects").select(["cluster", "roles"]).distinct().where("adopted", "=", false).where("cluster", "in", ours).execute();
  const stale: string[] = [];
  for (const { cluster, roles } of kinds) {
    const checksum = setupChecksum(hosts.named(cluster), roles as ProjectRoles, databaseSetup);
    const rows = await db
      .selectFrom("plinth.projects")
      .select("ref")
      .where("cluster", "=", cluster)
      .where("roles", "=", sql<never>`${JSON.stringify(roles)}::jsonb`)
      .where("adopted", "=", false)
      .where("status", "in", ["active", "paused"])
      .where("setup_checksum", "is distinct from", checksum)
      .orderBy("created_at")
      .execute();
    stale.push(...rows.map(({ ref }) => ref));
  }
  return stale;
}
