import { existsSync } from "node:fs";
import path from "node:path";
import { BackendError, type EmbeddedOpener } from "@plinth/core";
import pg from "pg";
import { createEmbeddedOpeners } from "../backend/embedded-openers.ts";
import { createServices, setupOf } from "../backend/services.ts";
import type { BackendConfig } from "../config/backend-config.ts";
import { type Finding, ok, problem } from "./check.ts";

const TITLE = "Embedded database";
const REINSTALL = "Reinstall the packages (npm install); if it stays, give DATABASE_URL of a PostgreSQL server.";

/**
 * Opens an embedded database for a moment: PGlite loads, runs, and nobody else holds the data folder. The control
 * plane's where there is one, else one that is kept nowhere.
 */
export async function checkEmbedded(config: BackendConfig): Promise<Finding> {
  const own = path.join(config.dataDirectory, "control", "metadata");
  try {
    return ok(TITLE, await version(createEmbeddedOpeners(config, setupOf(createServices(config))).metadata, existsSync(own) ? own : undefined));
  } catch (error) {
    if (error instanceof BackendError) return problem(TITLE, `${error.message}${typeof error.details === "string" ? ` ${error.details}` : ""}`, error.hint ?? REINSTALL);
    return problem(TITLE, (error as Error).message, REINSTALL);
  }
}

async function version(open: EmbeddedOpener, directory: string | undefined): Promise<string> {
  const database = await open(directory);
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
