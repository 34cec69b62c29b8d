import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { MigrationFile } from "./migration-file.ts";

/**
 * The `*.sql` files of a folder (not of folders in it), in the order of their names.
 * @throws BackendError PLINTH_CONFIG_INVALID where there is no such folder
 */
export async function readMigrations(directory: string): Promise<readonly MigrationFile[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause: unknown) => {
    throw new BackendError(CORE_ERRORS.configInvalid, { message: `The migrations folder can't be read: ${directory}`, hint: "Make the folder, or leave the option out.", cause });
  });
  const names = entries.filter((entry) => !entry.isDirectory() && entry.name.endsWith(".sql")).map((entry) => entry.name);
  return Promise.all(names.sort(byName).map(async (name) => ({ name, sql: withoutMark(await readFile(join(directory, name), "utf8")) })));
}

/** By code unit, not by the machine's language: the order must be the same everywhere. */
export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Editors on Windows begin UTF-8 with a byte order mark, which PostgreSQL takes for a name. */
const withoutMark = (text: string): string => text.replace(/^\uFEFF/, "");
