import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { startPrivatePostgres } from "@plinth/testing";
import pg from "pg";

/** A PostgreSQL of one's own, to be stopped and started again. */
export interface StoppablePostgres {
  /** Superuser's. */
  readonly url: string;
  /** At once, as in a crash: clients are told nothing. */
  crash(): Promise<void>;
  /** As an administrator does it: clients are told 57P01. */
  shutDown(): Promise<void>;
  start(): Promise<void>;
  /** Stops it answering, without ending it. @returns lets it go on */
  freeze(): () => void;
  /** Ends it for good, and removes its files. */
  remove(): Promise<void>;
}

/** On the binaries that the other tests' server was found with; never that server itself. */
export async function startStoppablePostgres(): Promise<StoppablePostgres> {
  const { url, stop } = await startPrivatePostgres();
  const folder = await dataFolder(url);
  const command = await commandOf(postmaster(folder));
  let again: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const pid = postmaster(folder);
    process.kill(pid, signal);
    while (isThere(pid)) await delay(10);
  };
  return {
    url,
    crash: async () => {
      // Tests' servers commit without waiting for the disk: what was acknowledged must be there afterwards all the same.
      await query(url, "checkpoint");
      await end("SIGQUIT");
    },
    shutDown: () => end("SIGINT"),
    start: async () => {
      const { uid, gid } = statSync(folder);
      again = spawn(command[0] as string, command.slice(1), { cwd: folder, stdio: "ignore", ...(process.getuid?.() === 0 ? { uid, gid } : {}) });
      await untilReady(url);
    },
    freeze: () => {
      const pids = [postmaster(folder), ...childrenOf(postmaster(folder))];
      for (const pid of pids) process.kill(pid, "SIGSTOP");
      return () => pids.forEach((pid) => process.kill(pid, "SIGCONT"));
    },
    remove: async () => {
      if (again && again.exitCode === null) await end("SIGQUIT");
      await stop();
    },
  };
}

async function dataFolder(url: string): Promise<string> {
  const [row] = (await query(url, "show data_directory")) as Array<{ data_directory: string }>;
  return row?.data_directory ?? "";
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const postmaster = (folder: string): number => Number(readFileSync(path.join(folder, "postmaster.pid"), "utf8").split("\n")[0]);

async function commandOf(pid: number): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)("ps", ["-ww", "-o", "args=", "-p", String(pid)]);
  return stdout.trim().split(/\s+/);
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(/\s+/).filter(Boolean).map(Number);
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilReady(url: string): Promise<void> {
  for (const deadline = Date.now() + 20_000; ; await delay(30)) {
    try {
      return void (await query(url, "select 1"));
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
