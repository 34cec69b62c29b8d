import process from "node:process";
import { createBackend } from "plinth";

/** `node rotate-and-die.ts FOLDER COUNT`: rotates the master key of a data folder, and kills itself after that many secrets. */
const [dataDirectory, count] = process.argv.slice(2) as [string, string];

const backend = await createBackend({ dataDirectory, databaseUrl: false });
let left = Number(count);
await backend.rotateMasterKey({
  batchSize: 1,
  onProgress: () => {
    if (--left === 0) process.kill(process.pid, "SIGKILL");
  },
});
await backend.close();
