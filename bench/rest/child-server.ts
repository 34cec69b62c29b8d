import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface ChildServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts one of this folder's servers in a process of its own; it prints its URL when it listens. */
export async function startServer(file: string, args: readonly string[]): Promise<ChildServer> {
  const script = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, ["--conditions=plinth-source", script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const [line] = await Promise.race([once(createInterface(child.stdout), "line") as Promise<[string]>, exited.then(() => [undefined])]);
  if (line === undefined) throw new Error(`${file} ended before it listened.`);
  return {
    url: `${line}/rest/v1`,
    stop: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
