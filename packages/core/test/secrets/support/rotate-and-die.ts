import process from "node:process";
import { rotateMasterKey } from "../../../src/secrets/rotate-master-key.ts";
import { NEW_KEY, OLD_KEY, openSealedWorld } from "./sealed-world.ts";

/** `node rotate-and-die.ts URL COUNT`: rotates the master key, and kills itself after that many secrets. */
const [connectionString, count] = process.argv.slice(2) as [string, string];

const world = await openSealedWorld({ connectionString }, OLD_KEY);
let left = Number(count);
await rotateMasterKey(
  { ...world, actor: "test" },
  {
    newMasterKey: NEW_KEY,
    batchSize: 1,
    onProgress: () => {
      if (--left === 0) process.kill(process.pid, "SIGKILL");
    },
  },
);
await world.metadata.close();
