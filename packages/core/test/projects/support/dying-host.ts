import type { DatabaseHost } from "../../../src/projects/database-host.ts";
import { hostWith } from "./host-with.ts";

/** The host with work that kills this process at `moment`: "before WORK" or "after WORK", WORK being a step, "shut", "reopen" or "drop". */
export function dyingHost(host: DatabaseHost, moment: string): DatabaseHost {
  const mortal = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    if (moment === `before ${name}`) die();
    const result = await work();
    return moment === `after ${name}` ? die() : result;
  };
  return hostWith(host, {
    steps: host.steps.map((step) => ({ name: step.name, run: (target) => mortal(step.name, () => step.run(target)) })),
    shut: (location, drainMs) => mortal("shut", () => host.shut(location, drainMs)),
    reopen: (location) => mortal("reopen", () => host.reopen(location)),
    drop: (location) => mortal("drop", () => host.drop(location)),
  });
}

function die(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("still alive");
}
