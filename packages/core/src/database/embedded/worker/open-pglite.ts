import { type Extension, PGlite } from "@electric-sql/pglite";
import type { CompiledModule } from "../postgres-module.ts";
import { linkExtensions, type VirtualFileSystem } from "./extension-files.ts";
import { passOnFsync } from "./sync-files.ts";
import type { Durability } from "./worker-protocol.ts";

/** PostgreSQL's settings, beyond PGlite's own. 4 MB: the operating system caches the files anyway. */
const SETTINGS = ["shared_buffers=4MB", "max_connections=5", "min_wal_size=2MB", "max_wal_size=64MB"];

/** How commits reach the disk. PGlite begins with -F, that is, without fsync. */
const DURABILITY: Readonly<Record<Durability, { readonly without: readonly string[]; readonly settings: readonly string[] }>> = {
  process: { without: [], settings: [] },
  // fdatasync, the default, does nothing in Emscripten.
  power: { without: ["-F"], settings: ["fsync=on", "wal_sync_method=fsync"] },
};

export interface OpenPgliteOptions {
  /** Of the data directory, which is there. */
  readonly cluster: string;
  readonly postgres: CompiledModule;
  readonly durability: Durability;
  /** Of PostgreSQL, by name, beyond our own. */
  readonly settings: Readonly<Record<string, string>>;
  readonly extensions: string;
}

/** Opens a data directory in this thread. */
export async function openPglite({ cluster, postgres, durability, settings, extensions }: OpenPgliteOptions): Promise<PGlite> {
  const db = await PGlite.create({
    dataDir: cluster,
    pgliteWasmModule: postgres,
    startParams: startParameters(durability, settings),
    extensions: durability === "power" ? { fsync: FSYNC } : {},
  });
  // Only after being set once does SET LOCAL SESSION AUTHORIZATION end with its transaction, as it should.
  await db.exec("set session authorization postgres");
  linkExtensions(db.Module.FS as unknown as VirtualFileSystem, extensions, PGlite.paths.PG_ROOT);
  return db;
}

/** Of a setting that is given twice, the last counts: PGlite's defaults come first. */
export function startParameters(durability: Durability, more: Readonly<Record<string, string>> = {}): string[] {
  const { without, settings } = DURABILITY[durability];
  const defaults = PGlite.defaultStartParams.filter((parameter) => !without.includes(parameter));
  const all = [...SETTINGS, ...settings, ...Object.entries(more).map(([name, value]) => `${name}=${value}`)];
  return [...defaults, ...all.flatMap((setting) => ["-c", setting])];
}

/** An extension of PGlite, not of PostgreSQL: the hook for changing its file system before PostgreSQL starts. */
const FSYNC: Extension = {
  name: "fsync",
  setup: async (_db, options: { preRun?: unknown[] }) => ({
    emscriptenOpts: { ...options, preRun: [...(options.preRun ?? []), (module: { FS: VirtualFileSystem }) => passOnFsync(module.FS)] },
  }),
};
