import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { BackendError, openEmbeddedDatabase } from "@plinth/core";
import pg from "pg";
import { type Finding, ok, problem } from "./check.ts";

const TITLE = "Embedded database";

/** Opens an embedded database for a moment: PGlite loads, runs, and nobody else holds the data folder. */
export async function checkEmbedded(dataDirectory: string): Promise<Finding> {
  const own = path.join(dataDirectory, "metadata");
  const temporary = existsSync(own) ? undefined : await mkdtemp(path.join(os.tmpdir(), "plinth-doctor-"));
  try {
    return ok(TITLE, await version(temporary ?? own));
  } catch (error) {
    const hint = error instanceof BackendError ? (error.hint ?? "") : "Reinstall the packages (npm install); if it stays, give DATABASE_URL of a PostgreSQL server.";
    return problem(TITLE, (error as Error).message, hint);
  } finally {
    if (temporary) await rm(temporary, { recursive: true, force: true });
  }
}

async function version(directory: string): Promise<string> {
  const database = await openEmbeddedDatabase({ directory });
  const client = new pg.Client(database.clientConfig);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string }>("select current_setting('server_version') as version");
    return `PGlite, PostgreSQL ${rows[0]?.version}`;
  } finally {
    await client.end().catch(() => undefined);
    await database.close();
  }
}
