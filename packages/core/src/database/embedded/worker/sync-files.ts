import { readdirSync, fsyncSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { VirtualFileSystem } from "./extension-files.ts";

/**
 * Writes a closed data directory through to the disk.
 * @param since files not changed since then, in milliseconds since 1970, are on it already
 */
export async function syncFiles(directory: string, since: number): Promise<void> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  // All at once: the file system writes many of them with one commit of its journal.
  await Promise.all([...paths, directory, dirname(directory)].map((path) => syncFile(path, since)));
}

async function syncFile(path: string, since: number): Promise<void> {
  const file = await open(path, "r");
  try {
    if ((await file.stat()).mtimeMs >= since) await file.sync();
  } catch (error) {
    // Windows can't do so with directories, nor with what is open for reading only.
    if (process.platform !== "win32") throw error;
  } finally {
    await file.close();
  }
}

/** Lets PostgreSQL's own fsync reach the disk: Emscripten's file system for Node takes it and does nothing. */
export function passOnFsync(fs: VirtualFileSystem): void {
  const operations = fs.filesystems.NODEFS.stream_ops;
  operations.fsync = (stream) => {
    if (stream.nfd !== undefined) fsyncSync(stream.nfd);
    return 0;
  };
}
