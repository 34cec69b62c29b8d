import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const MAIN = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));

/** Of the many processes that load the same sources, one has to compile them. */
const COMPILE_CACHE = path.join(tmpdir(), `plinth-${userInfo().username}`, "compiled-cli");

/** What of this process's environment would decide where a backend runs. */
const UNSET = { DATABASE_URL: undefined, TEST_DATABASE_URL: undefined, PLINTH_DATA: undefined, PLINTH_MASTER_KEY: undefined, PLINTH_JWT_SECRET: undefined };

export interface Surroundings {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly nodeFlags?: readonly string[];
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `plinth` process, killed at the end of the test if it is still there. */
export class Plinth {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  readonly ended: Promise<Ended>;

  constructor(args: readonly string[], { cwd, env, nodeFlags = [] }: Surroundings) {
    this.child = spawn(process.execPath, ["--conditions=plinth-source", ...nodeFlags, MAIN, ...args], { cwd, env: { ...process.env, ...UNSET, NODE_COMPILE_CACHE: COMPILE_CACHE, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    this.child.stdout!.on("data", (chunk) => (this.stdout += String(chunk)));
    this.child.stderr!.on("data", (chunk) => (this.stderr += String(chunk)));
    this.ended = once(this.child, "close").then(([code]) => ({ code: code as number | null, stdout: this.stdout, stderr: this.stderr }));
  }

  /** @returns the first line of its output; rejects with all it said where it ends before */
  firstLine(): Promise<string> {
    const line = once(createInterface(this.child.stdout!), "line").then(([text]) => String(text));
    const early = this.ended.then(({ code, stderr }) => Promise.reject(new Error(`plinth ended with ${code}: ${stderr}`)));
    early.catch(() => undefined);
    return Promise.race([line, early]);
  }

  /** @returns how it ended, and how long that took, in milliseconds */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Ended & { milliseconds: number }> {
    const start = performance.now();
    this.child.kill(signal);
    return { ...(await this.ended), milliseconds: performance.now() - start };
  }
}

export function startPlinth(args: readonly string[], surroundings: Surroundings): Plinth {
  const plinth = new Plinth(args, surroundings);
  onTestFinished(async () => {
    plinth.child.kill("SIGKILL");
    await plinth.ended;
  });
  return plinth;
}

export const runPlinth = (args: readonly string[], surroundings: Surroundings): Promise<Ended> => startPlinth(args, surroundings).ended;

/** What `plinth dev --json` prints. */
export interface Announcement {
  readonly url: string;
  readonly ref: string;
  readonly anonKey: string;
  readonly serviceRoleKey: string;
  readonly jwtSecret: string;
  readonly databaseUrl: string;
}

/** Starts `plinth dev --json` on free ports, and waits until it serves. */
export async function startDev(args: readonly string[], surroundings: Surroundings): Promise<Plinth & { announced: Announcement }> {
  const plinth = startPlinth(["dev", "--json", "--port", "0", ...args], surroundings);
  return Object.assign(plinth, { announced: JSON.parse(await plinth.firstLine()) as Announcement });
}
