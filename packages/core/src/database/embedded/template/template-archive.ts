import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import v8 from "node:v8";
import { brotliCompress, brotliDecompress, constants } from "node:zlib";

/** Folders first, then files, each relative to the template. */
interface Contents {
  readonly folders: readonly string[];
  readonly files: ReadonlyArray<readonly [path: string, bytes: Uint8Array]>;
}

/** Where this package keeps the archives that were made when it was built; the same from `src` and from `dist`. */
const FOLDER = fileURLToPath(new URL("../../../../templates", import.meta.url));

const archivePath = (folder: string, name: string): string => join(folder, `${name}.br`);

/**
 * Lays out a template that was made beforehand, in `directory`.
 * @returns false where there is none of this name: it has to be made here
 */
export async function unpackTemplate(name: string, directory: string, folder = FOLDER): Promise<boolean> {
  const compressed = await readFile(archivePath(folder, name)).catch(() => undefined);
  if (compressed === undefined) return false;
  const { folders, files } = v8.deserialize(await promisify(brotliDecompress)(compressed)) as Contents;
  mkdirSync(directory, { mode: 0o700 });
  for (const path of folders) mkdirSync(join(directory, path), { mode: 0o700 });
  for (const [path, bytes] of files) writeFileSync(join(directory, path), bytes, { mode: 0o600 });
  return true;
}

/** Keeps a template with the package, in place of those it had. */
export async function packTemplate(name: string, directory: string, folder = FOLDER): Promise<void> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 24 };
  const compressed = await promisify(brotliCompress)(v8.serialize(contentsOf(directory)), { params });
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const draft = `${archivePath(folder, name)}.${process.pid}`;
  await writeFile(draft, compressed);
  await rename(draft, archivePath(folder, name));
}

function contentsOf(directory: string): Contents {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).map((entry) => ({
    path: join(entry.parentPath, entry.name).slice(directory.length + 1),
    isFolder: entry.isDirectory(),
  }));
  const paths = (folders: boolean): string[] => entries.filter(({ isFolder }) => isFolder === folders).map(({ path }) => path).sort();
  return { folders: paths(true), files: paths(false).map((path) => [path, readFileSync(join(directory, path))] as const) };
}
