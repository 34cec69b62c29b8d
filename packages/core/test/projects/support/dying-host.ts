import type { DatabaseHost } from "../../../src/projects/database-host.ts";

/** The host with steps that kill this process at `moment`: "before STEP" or "after STEP". */
export function dyingHost<H extends DatabaseHost>(host: H, moment: string): H {
  const steps = host.steps.map((step) => ({
    name: step.name,
    run: async (target: Parameters<typeof step.run>[0]) => {
      if (moment === `before ${step.name}`) die();
      const place = await step.run(target);
      return moment === `after ${step.name}` ? die() : place;
    },
  }));
  return Object.assign(host, { steps });
}

function die(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("still alive");
}
