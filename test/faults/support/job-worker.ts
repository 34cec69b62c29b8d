import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { createBackend } from "plinth";
import { longJob } from "./long-job.ts";

/**
 * Works the queue until it is ended: of the database whose URL is given, or of the data folder. Prints what it does.
 * With "busy" the job keeps the whole process busy, so that it answers to nobody.
 */
const [where = "", manner = ""] = process.argv.slice(2);
const backend = await createBackend({
  ...(where.startsWith("postgres") ? { databaseUrl: where } : { databaseUrl: false, dataDirectory: where }),
  project: false,
  masterKey: "m".repeat(32),
  jobs: { pollMs: 200, leaseMs: 1_000 },
});
const job = longJob(async ({ ms }, { id }) => {
  process.stdout.write(`begun ${id}\n`);
  if (manner === "busy") {
    const until = performance.now() + ms;
    while (performance.now() < until);
  } else await sleep(ms);
  return process.pid;
});
backend.jobs.register(job);
await backend.start();
process.stdout.write("ready\n");
setInterval(() => undefined, 60_000);
