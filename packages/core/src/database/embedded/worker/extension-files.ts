import { readdirSync } from "node:fs";
import { join, posix } from "node:path";

/** What of Emscripten's file system is used. */
export interface VirtualFileSystem {
  readonly filesystems: { readonly NODEFS: { readonly stream_ops: NodeStreamOperations } };
  mkdirTree(path: string): void;
  mount(type: unknown, options: { root: string }, mountPoint: string): void;
  symlink(target: string, path: string): void;
  analyzePath(path: string): { exists: boolean };
}

export interface NodeStreamOperations {
  fsync?(stream: { nfd?: number; node: unknown }): number;
}

const MOUNT = "/plinth-extensions";

/**
 * Puts the extensions' files where PostgreSQL looks for them: as links, so that none is read or compiled before
 * CREATE EXTENSION. Loading the bundles as PGlite does costs each start a quarter of a second.
 * @param directory host directory, laid out as below `root`
 * @param root PostgreSQL's installation in the virtual file system
 */
export function linkExtensions(fs: VirtualFileSystem, directory: string, root: string): void {
  fs.mkdirTree(MOUNT);
  fs.mount(fs.filesystems.NODEFS, { root: directory }, MOUNT);
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name).slice(directory.length + 1).split("\\").join("/");
    const link = posix.join(root, path);
    fs.mkdirTree(posix.dirname(link));
    if (!fs.analyzePath(link).exists) fs.symlink(posix.join(MOUNT, path), link);
  }
}
