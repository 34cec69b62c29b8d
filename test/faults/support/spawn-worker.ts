import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import process from "node:process";
import { until } from "../../scenarios/support/until.ts";

export interface SpawnedWorker {
  readonly child: ChildProcess;
  /** Resolves when it has printed the text. */
  prints(text: string): Promise<void>;
  /** At once, with no word to anybody. */
  kill(): Promise<void>;
}

/** A process of its own that works the queue: see `job-worker.ts`. */
export async function spawnWorker(where: string, manner = ""): Promise<SpawnedWorker> {
  const script = path.join(import.meta.dirname, "job-worker.ts");
  const child = spawn(process.execPath, ["--conditions=plinth-source", script, where, manner], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  const prints = async (text: string): Promise<void> => void (await until(() => output.includes(text), 30_000));
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  await prints("ready").catch(async (error: unknown) => {
    await kill();
    throw error;
  });
  return { child, prints, kill };
}
