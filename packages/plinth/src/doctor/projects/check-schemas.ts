import { type Metadata, migrationsChecksum, migrationSurroundings, type ProjectRow, readMigrations } from "@plinth/core";
import { exemption } from "../../backend/exemption.ts";
import type { BackendConfig } from "../../config/backend-config.ts";
import { type Finding, ok, warning } from "../check.ts";
import { named, type ProjectsCheck, type Surroundings } from "./surroundings.ts";

/** Every project has the migrations that it is to have, and the set-up of this version. */
export const checkSchemas: ProjectsCheck = async (surroundings) => [
  ...checkQuarantine(surroundings.rows),
  ...(await checkMigrations(surroundings)),
  ...(await checkRuns(surroundings.platform.metadata)),
  ...checkSetup(surroundings),
];

function checkQuarantine(rows: readonly ProjectRow[]): readonly Finding[] {
  return rows.flatMap(({ ref, quarantine }) => (quarantine === null ? [] : [warning("Migrations", `"${ref}" is in quarantine since ${quarantine.at}: ${quarantine.error}`, `Put it right, then run: plinth migrate --project ${ref} --retry-quarantined.`)]));
}

async function checkMigrations({ config, rows }: Surroundings): Promise<readonly Finding[]> {
  const { projectMigrations: options } = config;
  if (options === undefined) return [];
  const files = await readMigrations(options.folder).catch(() => undefined);
  if (files === undefined) return [warning("Migrations", `The folder ${options.folder} can't be read.`, "Make it, or leave the option projectMigrations out.")];
  const behind = rows.filter(isBehind(config, options.folder, migrationsChecksum(files))).map(({ ref }) => ref);
  if (behind.length === 0) return [ok("Migrations", `every project has the ${files.length} files of ${options.folder}`)];
  const when = options.lazyUpgrade ? " They get them when they are next used." : "";
  return [warning("Migrations", `${behind.length} of ${rows.length} projects lack files of ${options.folder}: ${named(behind)}.${when}`, "Run: plinth migrate --all.")];
}

function isBehind(config: BackendConfig, folder: string, checksum: string): (row: ProjectRow) => boolean {
  const isExempt = exemption(config, folder);
  return ({ ref, status, adopted, quarantine, migrations_checksum: present }) => (status === "active" || status === "paused") && !adopted && quarantine === null && present !== checksum && isExempt(ref) === undefined;
}

/** A run that was killed, or is going on just now. */
async function checkRuns({ db }: Metadata): Promise<readonly Finding[]> {
  const open = await db.selectFrom("plinth.migration_runs").select("started_at").where("finished_at", "is", null).orderBy("started_at", "desc").limit(1).executeTakeFirst();
  if (open === undefined) return [];
  return [warning("Migrations", `A run over all projects that began at ${open.started_at.toISOString()} has not come to its end.`, "If none is going on just now, run it again, and it goes on where it was: plinth migrate --all.")];
}

function checkSetup({ platform: { controlPlane }, rows }: Surroundings): readonly Finding[] {
  const { setup } = migrationSurroundings(controlPlane);
  const stale = rows.filter((row) => setup.isStale(row)).map(({ ref }) => ref);
  if (stale.length === 0) return [];
  return [warning("Set-up", `${stale.length} of ${rows.length} projects have the set-up of another version of Plinth: ${named(stale)}.`, "Run: plinth projects upgrade.")];
}
