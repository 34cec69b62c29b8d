import process from "node:process";
import type { BackendConfig } from "../config/backend-config.ts";
import { type Finding, ok } from "./check.ts";
import { checkDataDirectory } from "./check-data-directory.ts";
import { checkEmbedded } from "./check-embedded.ts";
import { checkNode } from "./check-node.ts";
import { checkPort } from "./check-port.ts";
import { checkPostgres } from "./check-postgres.ts";

/** Everything that `createBackend()` and `plinth dev` would need with this configuration. */
export async function examine(config: BackendConfig, { host, port }: { host: string; port: number }): Promise<readonly Finding[]> {
  const adopted = config.project === false ? undefined : config.project.databaseUrl;
  return [
    checkNode(process.version),
    await checkDataDirectory(config.dataDirectory),
    ...(await checkDatabase(config)),
    ...(adopted === undefined ? [] : await checkPostgres(adopted)),
    masterKey(config),
    await checkPort(host, port),
  ];
}

async function checkDatabase(config: BackendConfig): Promise<readonly Finding[]> {
  return config.databaseUrl ? checkPostgres(config.databaseUrl) : [await checkEmbedded(config.dataDirectory)];
}

function masterKey({ masterKey: key, dataDirectory }: BackendConfig): Finding {
  return key === undefined
    ? ok("Master key", `kept in ${dataDirectory}/master.key (set PLINTH_MASTER_KEY to keep it elsewhere)`)
    : ok("Master key", "given");
}
