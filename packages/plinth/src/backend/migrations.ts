import {
  type AllMigrated,
  BackendError,
  CORE_ERRORS,
  migrate,
  migrateAll,
  type MigrateAllOptions,
  type MigrationFile,
  type MigrationResult,
  migrationSurroundings,
  ProjectUpgrades,
  readMigrations,
  releaseQuarantine,
} from "@plinth/core";
import type { BackendConfig } from "../config/backend-config.ts";
import { exemption } from "./exemption.ts";
import type { Platform } from "./open-platform.ts";

/** Migrations of all projects. */
export interface Migrations {
  migrateAll(source: string | readonly MigrationFile[] | undefined, options: MigrateAllOptions | undefined): Promise<AllMigrated>;
  release(ref: string, actor: string | undefined): Promise<boolean>;
  /** To be waited for before a project's database is first used. See `ProjectUpgrades.ensure`. */
  ensureUpgraded(ref: string): Promise<void>;
  /** Ends runs early, waits for the projects that they are at. */
  close(): Promise<void>;
}

export function createMigrations(config: BackendConfig, platform: Platform): Migrations {
  const upgrades = lazyUpgrades(config, platform);
  // Who waits for it is told; nobody does yet.
  upgrades.catch(() => undefined);
  const closing = new AbortController();
  const runs = new Set<Promise<unknown>>();
  const track = <T>(run: Promise<T>): Promise<T> => {
    const settled = run.catch(() => undefined).finally(() => runs.delete(settled));
    runs.add(settled);
    return run;
  };
  const runAll = async (source: string | readonly MigrationFile[] | undefined, options: MigrateAllOptions): Promise<AllMigrated> => {
    const given = source ?? folderOf(config);
    const files = typeof given === "string" ? await readMigrations(given) : given;
    const signal = options.signal ? AbortSignal.any([options.signal, closing.signal]) : closing.signal;
    return migrateAll(migrationSurroundings(platform.controlPlane, exemption(config, given)), files, { ...options, signal });
  };
  return {
    migrateAll: (source, options = {}) => track(runAll(source, options)),
    release: (ref, actor = "host") => releaseQuarantine(platform.controlPlane.surroundings.metadata, ref, actor),
    ensureUpgraded: async (ref) => (await upgrades)?.ensure(ref),
    close: async () => {
      closing.abort();
      await (await upgrades)?.close();
      await Promise.all(runs);
    },
  };
}

/** Undefined where projects are not upgraded by their use. */
async function lazyUpgrades(config: BackendConfig, { controlPlane }: Platform): Promise<ProjectUpgrades | undefined> {
  const { projectMigrations: options } = config;
  if (!options?.lazyUpgrade) return undefined;
  return new ProjectUpgrades({
    surroundings: migrationSurroundings(controlPlane, exemption(config, options.folder)),
    files: await readMigrations(options.folder),
    waitMs: options.upgradeWaitMs,
    concurrency: options.upgradeConcurrency,
    onError: (error) => config.onError(error),
  });
}

/** @returns what was applied now */
export async function migrateProject({ controlPlane }: Platform, folder: string, ref: string): Promise<readonly MigrationResult[]> {
  const files = await readMigrations(folder);
  const owner = await controlPlane.ownerDatabase(ref);
  try {
    return (await migrate(owner, files)).filter(({ outcome }) => outcome === "applied");
  } finally {
    await owner.release();
  }
}

/** The folder that `migrateAll()` takes where it is given none. */
function folderOf({ projectMigrations, migrations }: BackendConfig): string {
  const folder = projectMigrations?.folder ?? migrations;
  if (folder !== undefined) return folder;
  throw new BackendError(CORE_ERRORS.configInvalid, {
    message: "There is no folder of migrations for all projects.",
    hint: "Give projectMigrations to createBackend(), or name the folder: backend.migrateAll(folder), plinth migrate --migrations DIR.",
  });
}
