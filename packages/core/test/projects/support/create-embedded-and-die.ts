import { openEmbeddedWorld } from "./embedded-world.ts";

/** `node create-embedded-and-die.ts DIRECTORY "before|after STEP"`: creates a project, and kills itself at that step. */
const [directory, moment] = process.argv.slice(2) as [string, string];
const die = (): never => {
  process.kill(process.pid, "SIGKILL");
  throw new Error("still alive");
};

const { host, another } = await openEmbeddedWorld(directory);
const steps = host.steps.map((step) => ({
  name: step.name,
  run: async (target: Parameters<typeof step.run>[0]) => {
    if (moment === `before ${step.name}`) die();
    const place = await step.run(target);
    return moment === `after ${step.name}` ? die() : place;
  },
}));
await another({ host: Object.assign(host, { steps }) }).create({ ref: moment.replace(" ", "-") });
