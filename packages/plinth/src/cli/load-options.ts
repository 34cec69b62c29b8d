import { existsSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import type { BackendOptions } from "../config/backend-options.ts";
import { UsageError } from "./command-error.ts";

const CONFIG_FILES = ["plinth.config.ts", "plinth.config.mts", "plinth.config.mjs", "plinth.config.js"];
const MIGRATIONS_FOLDER = "migrations";

/** What of the command line says where and how a backend runs. */
export interface OptionFlags {
  readonly data: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly config: string | undefined;
  readonly migrations?: string | undefined;
}

/**
 * The options that the flags and the configuration file give together; flags win.
 * @throws UsageError where the file is missing, fails, or exports no options
 */
export async function loadOptions(args: OptionFlags): Promise<BackendOptions> {
  const file = args.config ?? CONFIG_FILES.find((name) => existsSync(name));
  const fromFile = file === undefined ? {} : await importOptions(file);
  return {
    ...fromFile,
    ...(args.data === undefined ? {} : { dataDirectory: args.data }),
    ...(args.databaseUrl === undefined ? {} : { databaseUrl: args.databaseUrl }),
    ...("migrations" in args ? migrationsOf(args, fromFile) : {}),
  };
}

function migrationsOf(args: OptionFlags, fromFile: BackendOptions): Pick<BackendOptions, "migrations"> {
  const folder = args.migrations ?? fromFile.migrations ?? (existsSync(MIGRATIONS_FOLDER) ? MIGRATIONS_FOLDER : undefined);
  if (folder === undefined) return {};
  if (!existsSync(folder)) throw new UsageError(`the migrations folder ${folder} does not exist.`);
  return { migrations: folder };
}

async function importOptions(file: string): Promise<BackendOptions> {
  const absolute = path.resolve(file);
  if (!existsSync(absolute)) throw new UsageError(`the configuration file ${file} does not exist.`);
  const { default: options } = await importModule(absolute, file);
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new UsageError(`${file} has no default export of BackendOptions, e.g. export default { rest: { schemas: ["public"] } };`);
  }
  return options;
}

async function importModule(absolute: string, file: string): Promise<{ default?: unknown }> {
  try {
    return (await import(pathToFileURL(absolute).href)) as { default?: unknown };
  } catch (error) {
    throw new UsageError(`${file} could not be loaded: ${reasonOf(error, file)}`, { cause: error });
  }
}

/** Node strips types by itself from 22.18 on. */
function reasonOf(error: unknown, file: string): string {
  const { code } = error as { code?: string };
  if (code === "ERR_UNKNOWN_FILE_EXTENSION") return `Node.js ${process.version} doesn't read TypeScript. Use Node.js 22.18 or later, or write it as ${file.replace(/\.m?ts$/, ".mjs")}.`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
