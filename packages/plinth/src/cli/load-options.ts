import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { BackendOptions } from "../config/backend-options.ts";
import type { CliArguments } from "./arguments.ts";
import { UsageError } from "./usage-error.ts";

const CONFIG_FILES = ["plinth.config.ts", "plinth.config.mts", "plinth.config.mjs", "plinth.config.js"];
const MIGRATIONS_FOLDER = "migrations";

/**
 * The options that the flags and the configuration file give together; flags win.
 * @throws UsageError where the file is missing, fails, or exports no options
 */
export async function loadOptions(args: CliArguments): Promise<BackendOptions> {
  const file = args.config ?? CONFIG_FILES.find((name) => existsSync(name));
  const fromFile = file === undefined ? {} : await importOptions(file);
  return {
    ...fromFile,
    ...(args.data === undefined ? {} : { dataDirectory: args.data }),
    ...(args.databaseUrl === undefined ? {} : { databaseUrl: args.databaseUrl }),
    ...migrationsOf(args, fromFile),
  };
}

function migrationsOf(args: CliArguments, fromFile: BackendOptions): Pick<BackendOptions, "migrations"> {
  const folder = args.migrations ?? fromFile.migrations ?? (existsSync(MIGRATIONS_FOLDER) ? MIGRATIONS_FOLDER : undefined);
  return folder === undefined ? {} : { migrations: folder };
}

async function importOptions(file: string): Promise<BackendOptions> {
  const absolute = path.resolve(file);
  if (!existsSync(absolute)) throw new UsageError(`The configuration file ${file} does not exist.`);
  const module = await importModule(absolute, file);
  if (typeof module.default !== "object" || module.default === null) {
    throw new UsageError(`${file} has no default export of BackendOptions, e.g. export default { rest: { schemas: ["public"] } };`);
  }
  return module.default as BackendOptions;
}

async function importModule(absolute: string, file: string): Promise<{ default?: unknown }> {
  try {
    return (await import(pathToFileURL(absolute).href)) as { default?: unknown };
  } catch (error) {
    throw new UsageError(`${file} could not be loaded: ${(error as Error).message}`, { cause: error });
  }
}
