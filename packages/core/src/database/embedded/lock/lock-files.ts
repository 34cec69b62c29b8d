import { randomUUID } from "node:crypto";
import { linkSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProcessIdentity } from "./process-identity.ts";

/** What a lock file says. */
export interface LockEntry {
  /** From 1; the highest there is counts. */
  readonly turn: number;
  /** Undefined: given back. */
  readonly holder: ProcessIdentity | undefined;
  /** Last sign of life, as the file system's clock has it, in milliseconds. */
  readonly touched: number;
}

const NAME = /^plinth\.lock\.(\d+)$/;
const pathOf = (directory: string, turn: number): string => join(directory, `plinth.lock.${turn}`);

/** The entry that counts. */
export function latestEntry(directory: string): LockEntry | undefined {
  for (;;) {
    const turn = latestTurn(directory);
    if (turn === 0) return undefined;
    try {
      const path = pathOf(directory, turn);
      return { turn, holder: readHolder(readFileSync(path, "utf8")), touched: statSync(path).mtimeMs };
    } catch (error) {
      // Removed meanwhile, as there is a later one.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}

/**
 * Adds the entry `turn`. @returns whether it is now the one that counts
 *
 * Of those who try at the same time one succeeds, as a link is made only where nothing is. Whoever was so late that the
 * winner of this turn has been followed and its file removed finds a later one, and has not won.
 */
export function addEntry(directory: string, turn: number, holder: ProcessIdentity): boolean {
  const draft = join(directory, `plinth.lock.new-${randomUUID()}`);
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
  try {
    linkSync(draft, pathOf(directory, turn));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  if (latestTurn(directory) === turn) return true;
  rmSync(pathOf(directory, turn), { force: true });
  return false;
}

/** Removes the entries before `turn`. Only for who holds it: the highest must never be removed. */
export function removeEarlierEntries(directory: string, turn: number): void {
  for (const earlier of turns(directory)) if (earlier < turn) rmSync(pathOf(directory, earlier), { force: true });
}

/** Gives the lock back. The file stays, so that turns only go up. */
export function clearEntry(directory: string, turn: number): void {
  writeFileSync(pathOf(directory, turn), "");
}

export function entryPath(directory: string, turn: number): string {
  return pathOf(directory, turn);
}

function latestTurn(directory: string): number {
  return Math.max(0, ...turns(directory));
}

function turns(directory: string): number[] {
  return readdirSync(directory).flatMap((name) => Number(NAME.exec(name)?.[1] ?? []) || []);
}

/** What can't be read was left by a crash of the machine: files are linked when they are whole. */
function readHolder(text: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
