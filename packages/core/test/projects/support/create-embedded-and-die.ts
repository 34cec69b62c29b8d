import { openEmbeddedWorld } from "./embedded-world.ts";
import { dyingHost } from "./dying-host.ts";

/** `node create-embedded-and-die.ts DIRECTORY "before|after STEP"`: creates a project, and kills itself at that step. */
const [directory, moment] = process.argv.slice(2) as [string, string];

const { host, another } = await openEmbeddedWorld(directory);
await another({ host: dyingHost(host, moment) }).create({ ref: moment.replace(" ", "-") });
