import module from "node:module";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { startParameters } from "../worker/open-pglite.ts";
import { syncFiles } from "../worker/sync-files.ts";
import { threadInput } from "../worker/thread-input.ts";
import { LAST_SETUP } from "./base-setup.ts";
import type { TemplateInput } from "./template-cache.ts";

const { directory, postgres, setup, bundles } = threadInput<TemplateInput>();

/** Where PostgreSQL looks for extensions, below its installation. */
const EXTENSION_FOLDERS = ["share/postgresql/extension", "share/postgresql/tsearch_data", "lib/postgresql"];

interface FileSystem {
  readdir(path: string): string[];
  readFile(path: string): Uint8Array;
  stat(path: string): { mode: number };
  isFile(mode: number): boolean;
  analyzePath(path: string): { exists: boolean };
}

/** Paths of files in the extensions' folders, relative to PostgreSQL's installation. */
function extensionFiles(fs: FileSystem): string[] {
  return EXTENSION_FOLDERS.filter((folder) => fs.analyzePath(join(PGlite.paths.PG_ROOT, folder)).exists).flatMap((folder) =>
    fs
      .readdir(join(PGlite.paths.PG_ROOT, folder))
      .map((name) => join(folder, name))
      .filter((path) => fs.isFile(fs.stat(join(PGlite.paths.PG_ROOT, path)).mode)),
  );
}

/** PostgreSQL's own files, from an instance that loaded no extension and started no server. */
async function ownFiles(): Promise<Set<string>> {
  const bare = await PGlite.create({ noInitDb: true, pgliteWasmModule: postgres });
  return new Set(extensionFiles(bare.Module.FS as unknown as FileSystem));
}

const own = await ownFiles();
const cluster = join(directory, "cluster");
const db = await PGlite.create({
  dataDir: cluster,
  pgliteWasmModule: postgres,
  extensions: Object.fromEntries(Object.entries(bundles).map(([name, path]) => [name, pathToFileURL(path)])),
  // Log segments of 1 MB rather than 16: they are most of what a fresh database consists of.
  initDbStartParams: ["--wal-segsize=1"],
  startParams: startParameters("process"),
});
for (const statement of [...setup, ...LAST_SETUP]) await db.exec(statement);

const fs = db.Module.FS as unknown as FileSystem;
for (const path of extensionFiles(fs).filter((file) => !own.has(file))) {
  const target = join(directory, "extensions", path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, fs.readFile(join(PGlite.paths.PG_ROOT, path)));
}
const { rows } = await db.query<{ name: string }>("select pg_walfile_name(pg_current_wal_lsn()) as name");
await db.close();
removeSpareLogs(join(cluster, "pg_wal"), rows[0]?.name ?? "");
rmSync(join(cluster, "postmaster.pid"), { force: true });
await syncFiles(directory, 0);
// The databases that are to be copies of this one begin with the same code.
module.flushCompileCache?.();
process.exit(0);

/** Log segments made in advance, beyond the next one. PostgreSQL makes new ones when it needs them. */
function removeSpareLogs(folder: string, current: string): void {
  const segments = readdirSync(folder).filter((name) => /^[0-9A-F]{24}$/.test(name) && name > current);
  for (const name of segments.sort().slice(1)) rmSync(join(folder, name));
}
