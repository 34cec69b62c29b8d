import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../../scenarios/support/until.ts";
import type { Errand, Told } from "./errand.ts";

/** A process that waits for its errand. */
interface Waiting {
  readonly child: ChildProcess;
  readonly told: Told[];
  readonly complaints: string[];
}

/** Sends processes on errands and kills them amid these. The next one is always loaded meanwhile. */
export class ErrandRunner {
  #next: Waiting | undefined;

  /**
   * @param afterMs from when it begins with what it is to be killed in
   * @returns all that it told
   */
  async killAmid(errand: Errand, afterMs: number): Promise<readonly Told[]> {
    const waiting = this.#next ?? start();
    this.#next = undefined;
    const { child, told, complaints } = waiting;
    try {
      await until(() => says(waiting, "ready"), 60_000);
      child.stdin?.write(`${JSON.stringify(errand)}\n`);
      await until(() => says(waiting, "go"), 60_000).catch((error: unknown) => Promise.reject(new Error(`${String(error)} ${JSON.stringify(told)} ${complaints.join("")}`)));
      await sleep(afterMs);
      if (child.exitCode !== null) throw new Error(`It ended by itself: ${complaints.join("")}`);
    } finally {
      await kill(child);
    }
    // Not before: it would take the processor from the one that is to be killed.
    this.#next = start();
    return told;
  }

  async end(): Promise<void> {
    if (this.#next) await kill(this.#next.child);
  }
}

const says = ({ child, told }: Waiting, what: "ready" | "go"): boolean => {
  if (child.exitCode !== null) throw new Error("It ended by itself.");
  return told.some((each) => what in each);
};

function start(): Waiting {
  const script = path.join(import.meta.dirname, "errand-worker.ts");
  const child = spawn(process.execPath, ["--conditions=plinth-source", script], { stdio: ["pipe", "pipe", "pipe"] });
  const waiting: Waiting = { child, told: [], complaints: [] };
  createInterface({ input: child.stdout }).on("line", (line) => {
    // The last one may be cut off.
    if (line.endsWith("}")) waiting.told.push(JSON.parse(line) as Told);
  });
  child.stderr.on("data", (chunk) => waiting.complaints.push(String(chunk)));
  child.stdin.on("error", () => undefined);
  return waiting;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "close");
  child.kill("SIGKILL");
  await ended;
}
