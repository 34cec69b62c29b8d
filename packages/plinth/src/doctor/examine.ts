import process from "node:process";
import { DEFAULT_ROLES, type ProjectRoles } from "@plinth/core";
import type { BackendConfig } from "../config/backend-config.ts";
import { type Finding, ok } from "./check.ts";
import { checkAdminRights } from "./check-admin-rights.ts";
import { checkAdoptedRights } from "./check-adopted-rights.ts";
import { checkDataDirectory } from "./check-data-directory.ts";
import { checkEmbedded } from "./check-embedded.ts";
import { checkNode } from "./check-node.ts";
import { checkPort } from "./check-port.ts";
import { checkPostgres } from "./check-postgres.ts";
import { checkProjects } from "./projects/check-projects.ts";

/** Everything that `createBackend()` and `plinth dev` would need with this configuration. */
export async function examine(config: BackendConfig, { host, port }: { host: string; port: number }): Promise<readonly Finding[]> {
  const storage = await checkStorage(config);
  return [checkNode(process.version), ...storage, ...(await checkAdopted(config)), masterKey(config), ...(await checkProjectsOf(config, storage)), await checkPort(host, port)];
}

/** Of a data folder or server that can't be had, that is all there is to say. */
async function checkProjectsOf(config: BackendConfig, storage: readonly Finding[]): Promise<readonly Finding[]> {
  return storage.some(({ status, title }) => status === "problem" && title !== "Roles") ? [] : checkProjects(config);
}

/** Where the control plane and the projects are to be. */
async function checkStorage(config: BackendConfig): Promise<readonly Finding[]> {
  const needsFolder = !config.inMemory && (!config.databaseUrl || config.masterKey === undefined);
  const folder = needsFolder ? [await checkDataDirectory(config.dataDirectory)] : [];
  if (config.databaseUrl) return [...folder, ...(await checkPostgres(config.databaseUrl, rolesOf(DEFAULT_ROLES, config.project ? config.project.roles : {}), checkAdminRights))];
  if (folder.some(({ status }) => status === "problem")) return folder;
  return [...folder, await checkEmbedded(config)];
}

/** Where some roles are named, only those and anon have to be there: not every database has all three. */
async function checkAdopted({ project }: BackendConfig): Promise<readonly Finding[]> {
  if (project === false || project.databaseUrl === undefined) return [];
  return checkPostgres(project.databaseUrl, rolesOf(project.roles ? { anon: DEFAULT_ROLES.anon } : DEFAULT_ROLES, project.roles), checkAdoptedRights);
}

function rolesOf(defaults: Partial<ProjectRoles>, given: Partial<Record<keyof ProjectRoles, string | undefined>> = {}): readonly string[] {
  const kinds = ["anon", "authenticated", "service"] as const;
  return kinds.flatMap((kind) => given[kind] ?? defaults[kind] ?? []);
}

function masterKey({ masterKey: key, dataDirectory, inMemory }: BackendConfig): Finding {
  if (key !== undefined) return ok("Master key", "given");
  return ok("Master key", inMemory ? "made for this process alone" : `kept in ${dataDirectory}/master.key (set PLINTH_MASTER_KEY to keep it elsewhere)`);
}
