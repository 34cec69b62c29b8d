import { existsSync, mkdirSync, utimesSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { BackendError } from "../../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../../errors/errors.ts";
import { addEntry, clearEntry, entryPath, latestEntry, type LockEntry, removeEarlierEntries } from "./lock-files.ts";
import { isAlive, ownIdentity, type ProcessIdentity } from "./process-identity.ts";

/** How often a holder shows that it lives, and how long it may fail to; milliseconds. */
const BEAT = 5_000;
const SILENCE = 16_000;

/** The exclusive right to a directory, against other processes and against this one. */
export interface DirectoryLock {
  /** Idempotent. */
  release(): void;
}

/**
 * Takes the lock; makes the directory if there is none. A holder that was killed holds nothing any more. Where that
 * can't be told from its process (another container's), this waits for up to 16 seconds for a sign of life.
 * @param onLost called when another process has taken the lock, which it does only if this one seemed dead: a process that
 *   was stopped for so long must not write any more
 * @param silence milliseconds after which a holder that shows no life is taken for dead
 * @throws BackendError PLINTH_DIRECTORY_LOCKED
 */
export async function lockDirectory(directory: string, onLost: () => void, silence = SILENCE): Promise<DirectoryLock> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const own = ownIdentity();
  for (;;) {
    const latest = latestEntry(directory);
    if (latest?.holder && (await isHeld(directory, latest, silence))) throw lockedError(directory, latest.holder);
    const turn = (latest?.turn ?? 0) + 1;
    if (addEntry(directory, turn, own)) return hold(directory, turn, onLost);
  }
}

function hold(directory: string, turn: number, onLost: () => void): DirectoryLock {
  removeEarlierEntries(directory, turn);
  let held = true;
  const giveUp = (): void => {
    held = false;
    clearInterval(beat);
  };
  const beat = setInterval(() => {
    if (touch(directory, turn)) return;
    giveUp();
    onLost();
  }, BEAT).unref();
  return {
    release: () => {
      if (!held) return;
      giveUp();
      if (existsSync(entryPath(directory, turn))) clearEntry(directory, turn);
    },
  };
}

/** Shows that the holder lives. @returns whether it still holds: false when it is superseded, or the directory deleted */
function touch(directory: string, turn: number): boolean {
  if (!existsSync(directory) || latestEntry(directory)?.turn !== turn) return false;
  utimesSync(entryPath(directory, turn), new Date(), new Date());
  return true;
}

async function isHeld(directory: string, entry: LockEntry, silence: number): Promise<boolean> {
  const state = entry.holder ? isAlive(entry.holder) : "dead";
  return state === "unknown" ? showsLife(directory, entry, silence) : state === "alive";
}

/** Compares the file's time only with itself: clocks of different machines differ. */
async function showsLife(directory: string, entry: LockEntry, silence: number): Promise<boolean> {
  for (const deadline = performance.now() + silence; performance.now() < deadline; ) {
    await delay(Math.min(BEAT / 10, silence / 4));
    const now = latestEntry(directory);
    if (now?.turn !== entry.turn || now.touched !== entry.touched) return now?.holder !== undefined;
  }
  return false;
}

function lockedError(directory: string, { pid, host }: ProcessIdentity): BackendError {
  const which = pid === process.pid ? "This process" : "Process";
  return new BackendError(CORE_ERRORS.directoryLocked, { details: `${which} ${pid} on ${host} has ${directory} open.` });
}
