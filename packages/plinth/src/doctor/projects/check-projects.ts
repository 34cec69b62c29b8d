import { existsSync } from "node:fs";
import path from "node:path";
import { BackendError } from "@plinth/core";
import { openPlatform } from "../../backend/open-platform.ts";
import { createServices } from "../../backend/services.ts";
import type { BackendConfig } from "../../config/backend-config.ts";
import { type Finding, ok, problem, warning } from "../check.ts";
import { checkClusters } from "./check-clusters.ts";
import { checkDirectories } from "./check-directories.ts";
import { checkJobs } from "./check-jobs.ts";
import { checkLife } from "./check-life.ts";
import { checkMasterKeys } from "./check-master-keys.ts";
import { checkSchemas } from "./check-schemas.ts";
import { withClient } from "./cluster-facts.ts";
import type { ProjectsCheck } from "./surroundings.ts";

const CHECKS: readonly ProjectsCheck[] = [checkLife, checkClusters, checkDirectories, checkMasterKeys, checkSchemas, checkJobs];

/** Whether every project is whole. Changes nothing: neither is metadata made where there is none, nor brought up to date. */
export async function checkProjects(config: BackendConfig): Promise<readonly Finding[]> {
  try {
    return (await whyNot(config)) ?? (await examineProjects(config));
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return [problem("Projects", `${error.message}${typeof error.details === "string" ? ` ${error.details}` : ""}`, error.hint ?? "See the message above.")];
  }
}

async function examineProjects(config: BackendConfig): Promise<readonly Finding[]> {
  const platform = await openPlatform(config, createServices(config), { prepareDefault: false });
  try {
    const rows = await platform.metadata.db.selectFrom("plinth.projects").selectAll().orderBy("created_at").orderBy("ref").execute();
    const findings: Finding[] = [];
    for (const check of CHECKS) findings.push(...(await check({ config, platform, rows })));
    return findings;
  } finally {
    await platform.close();
  }
}

/** @returns what there is to say where there are no projects to look at; undefined where there are */
async function whyNot(config: BackendConfig): Promise<readonly Finding[] | undefined> {
  if (config.inMemory && !config.databaseUrl) return [];
  const version = config.databaseUrl ? await metadataVersion(config.databaseUrl) : existsSync(path.join(config.dataDirectory, "control", "metadata")) ? PRESENT : "none";
  if (version === "none") return [ok("Projects", "none yet")];
  if (version === "unreachable") return [];
  if (version === "earlier") return [warning("Projects", "The metadata is of an earlier version of Plinth.", "The next start of a backend brings it up to date; then run plinth doctor again.")];
  const file = path.resolve(config.dataDirectory, "master.key");
  if (config.masterKey !== undefined || existsSync(file)) return undefined;
  return [problem("Master key", `${file} is not there, and there are projects whose credentials were sealed with it.`, "Bring the file back from a backup, or set PLINTH_MASTER_KEY.")];
}

/** The newest table of the metadata: with it all others are there. */
const NEWEST = "plinth.migration_runs";
const PRESENT = "present";

async function metadataVersion(url: string): Promise<"none" | "earlier" | "present" | "unreachable"> {
  try {
    return await withClient(url, async (client) => {
      const { rows } = await client.query<{ any: boolean; newest: boolean }>("select to_regclass('plinth.projects') is not null as any, to_regclass($1) is not null as newest", [NEWEST]);
      return rows[0]?.newest ? PRESENT : rows[0]?.any ? "earlier" : "none";
    });
  } catch {
    // Which PostgreSQL's own check has told of.
    return "unreachable";
  }
}
