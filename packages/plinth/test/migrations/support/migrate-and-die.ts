import process from "node:process";
import { createBackend } from "plinth";

/**
 * `node migrate-and-die.ts DATABASE_URL MASTER_KEY FOLDER COUNT`: migrates all projects, and is killed when so many are
 * done, with others half way.
 */
const [databaseUrl, masterKey, folder, count] = process.argv.slice(2) as [string, string, string, string];

const backend = await createBackend({ databaseUrl, masterKey, project: false });
await backend.migrateAll(folder, {
  concurrency: 2,
  onProgress: ({ done }) => {
    if (done >= Number(count)) process.kill(process.pid, "SIGKILL");
  },
});
