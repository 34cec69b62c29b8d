import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type DirectoryLock, lockDirectory } from "../../src/database/embedded/lock/directory-lock.ts";
import { addEntry, latestEntry } from "../../src/database/embedded/lock/lock-files.ts";
import { ownIdentity, type ProcessIdentity } from "../../src/database/embedded/lock/process-identity.ts";

let directory: string;
const held: DirectoryLock[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "plinth-test-"));
});
afterEach(() => {
  for (const lock of held.splice(0)) lock.release();
  rmSync(directory, { recursive: true, force: true });
});

async function lock(onLost: () => void = () => undefined): Promise<DirectoryLock> {
  const taken = await lockDirectory(directory, onLost);
  held.push(taken);
  return taken;
}

function leaveEntry(turn: number, holder: Partial<ProcessIdentity>): void {
  writeFileSync(join(directory, `plinth.lock.${turn}`), JSON.stringify({ ...ownIdentity(), ...holder }));
}

async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => child.once("exit", resolve));
  return child.pid as number;
}

test("a lock is exclusive until it is given back", async () => {
  const first = await lock();
  await expect(lock()).rejects.toMatchObject({ code: "PLINTH_DIRECTORY_LOCKED" });
  first.release();
  first.release();
  await lock();
  await expect(lock()).rejects.toMatchObject({ code: "PLINTH_DIRECTORY_LOCKED" });
});

test("of many who find a dead holder, one takes its place", async () => {
  leaveEntry(7, { pid: await endedProcess() });
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => lock()));
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(readdirSync(directory)).toEqual(["plinth.lock.8"]);
});

test("a living process of the dead holder's number does not hold its lock", async () => {
  leaveEntry(1, { pid: process.pid, started: "1" });
  await lock();
});

test("who was too late does not win by a number that has been given before", () => {
  addEntry(directory, 2, ownIdentity());
  expect(addEntry(directory, 1, ownIdentity())).toBe(false);
  expect(readdirSync(directory)).toEqual(["plinth.lock.2"]);
});

test("a file that a crash left without content holds nothing", async () => {
  writeFileSync(join(directory, "plinth.lock.3"), "\0\0\0");
  await lock();
  expect(latestEntry(directory)).toMatchObject({ turn: 4, holder: { pid: process.pid } });
});

test("a holder elsewhere counts for as long as it shows signs of life", async () => {
  leaveEntry(1, { host: "elsewhere" });
  const alive = setInterval(() => utimesSync(join(directory, "plinth.lock.1"), new Date(), new Date()), 20);
  try {
    await expect(lockDirectory(directory, () => undefined, 400)).rejects.toMatchObject({ code: "PLINTH_DIRECTORY_LOCKED", details: expect.stringContaining("elsewhere") });
  } finally {
    clearInterval(alive);
  }
  held.push(await lockDirectory(directory, () => undefined, 400));
});

test("the file names the holder, and is for its user's eyes only", async () => {
  await lock();
  expect(JSON.parse(readFileSync(join(directory, "plinth.lock.1"), "utf8"))).toMatchObject({ pid: process.pid });
});

test("a holder that was taken for dead is told, and leaves the new one's lock alone", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    const onLost = vi.fn<() => void>();
    const lost = await lock(onLost);
    leaveEntry(2, { host: "elsewhere" });
    vi.advanceTimersByTime(5_000);
    expect(onLost).toHaveBeenCalledOnce();
    lost.release();
    expect(latestEntry(directory)).toMatchObject({ turn: 2, holder: { host: "elsewhere" } });
  } finally {
    vi.useRealTimers();
  }
});
