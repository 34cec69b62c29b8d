import { lstat, readdir, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import { ifPresent, onDisk } from "./disk-error.ts";
import { UPLOADS } from "./object-directory.ts";
import { TEMPORARY } from "./object-writer.ts";

/** Temporary files that were last written before `before`. @returns how many there were */
export async function removeTemporaries(uploads: string, before: Date): Promise<number> {
  let count = 0;
  for (const name of (await ifPresent(readdir(uploads))) ?? []) {
    const file = path.join(uploads, name);
    if (!name.endsWith(TEMPORARY) || !(await isOlder(file, before))) continue;
    await onDisk(rm(file, { recursive: true, force: true }));
    count += 1;
  }
  return count;
}

/** Directories of a deleted project, say. Whoever puts something into one right now makes it again. */
export async function removeEmptied(root: string, before: Date): Promise<void> {
  for (const entry of (await ifPresent(readdir(root, { withFileTypes: true }))) ?? []) {
    if (!entry.isDirectory() || entry.name === UPLOADS) continue;
    const directory = path.join(root, entry.name);
    // Removing what is in it makes it younger: it goes the next time.
    const isOld = await isOlder(directory, before);
    if (!entry.name.startsWith(".")) await removeEmptied(directory, before);
    if (isOld) await rmdir(directory).catch(() => {});
  }
}

async function isOlder(file: string, before: Date): Promise<boolean> {
  const stats = await ifPresent(lstat(file));
  return stats !== undefined && stats.mtime < before;
}
