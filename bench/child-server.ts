import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface ChildServer {
  /** What it has printed: where it listens. */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a server in a process of its own; it prints its URL when it listens. */
export async function startServer(script: URL, args: readonly string[]): Promise<ChildServer> {
  const child = spawn(process.execPath, ["--conditions=plinth-source", fileURLToPath(script), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const [line] = await Promise.race([once(createInterface(child.stdout), "line") as Promise<[string]>, exited.then(() => [undefined])]);
  if (line === undefined) throw new Error(`${script.pathname} ended before it listened.`);
  return {
    url: line,
    pid: child.pid!,
    stop: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
