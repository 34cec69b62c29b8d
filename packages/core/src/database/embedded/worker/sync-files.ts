import { closeSync, existsSync, fsyncSync, openSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { VirtualFileSystem } from "./extension-files.ts";

/** Writes a closed data directory through to the disk. */
export function syncFiles(directory: string): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) syncFile(join(entry.parentPath, entry.name));
  syncFile(directory);
  syncFile(dirname(directory));
}

function syncFile(path: string): void {
  if (!existsSync(path)) return;
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } catch (error) {
    // Windows can't do so with directories, nor with what is open for reading only.
    if (process.platform !== "win32") throw error;
  } finally {
    closeSync(descriptor);
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
