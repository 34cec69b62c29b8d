import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { latestEntry } from "./lock/lock-files.ts";
import { isAlive } from "./lock/process-identity.ts";

const PREFIX = "plinth-memory-";
const SHARED_MEMORY = "/dev/shm";
/** Containers often have no more than 64 MB of it, which a database outgrows. */
const ENOUGH = 2 ** 30;
/** A directory without a lock is just being made, if it isn't as old as this; milliseconds. */
const SETTLED = 60_000;

/**
 * A directory for a database that is not to be kept: in memory where the system has a file system for that, else among the
 * temporary files. Unlike PGlite's own file system in memory it opens faster, can be cleared up by the system, and the data
 * is still there when a runaway statement had the database restarted. What killed processes left behind is removed.
 */
export function createMemoryDirectory(): string {
  const parent = memoryParent();
  removeAbandoned(parent);
  return mkdtempSync(join(parent, PREFIX));
}

/** A process ends once, for all databases in it: one listener for them, as Node warns of a leak at the eleventh. */
const leftAtExit = new Set<string>();
const removeAll = (): void => leftAtExit.forEach((directory) => rmSync(directory, { recursive: true, force: true }));

/** Removes the directory when it is called, or else at the end of the process. */
export function removerOf(directory: string): () => Promise<void> {
  if (leftAtExit.size === 0) process.once("exit", removeAll);
  leftAtExit.add(directory);
  return async () => {
    leftAtExit.delete(directory);
    if (leftAtExit.size === 0) process.off("exit", removeAll);
    await rm(directory, { recursive: true, force: true });
  };
}

function memoryParent(): string {
  if (!existsSync(SHARED_MEMORY)) return tmpdir();
  const { bavail, bsize } = statfsSync(SHARED_MEMORY);
  return bavail * bsize >= ENOUGH ? SHARED_MEMORY : tmpdir();
}

function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const directory = join(parent, name);
    try {
      if (isAbandoned(directory)) rmSync(directory, { recursive: true, force: true });
    } catch {
      // Another user's, or another process removes it at the same time.
    }
  }
}

function isAbandoned(directory: string): boolean {
  const entry = latestEntry(directory);
  if (entry?.holder) return isAlive(entry.holder) === "dead";
  return Date.now() - statSync(directory).mtimeMs > SETTLED;
}
