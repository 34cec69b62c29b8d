import { readFileSync } from "node:fs";
import http from "node:http";
import { parseArgs } from "node:util";
import { toNodeHandler } from "@plinth/node";
import { createBackend } from "plinth";
import { loadFixtures } from "./load-fixtures.ts";
import { optionsOfPostgrest, type PostgrestConfig } from "./postgrest-options.ts";

// Serves a database as PostgREST would with a configuration of its own, for running its specification against Plinth:
//   node --conditions=plinth-source scripts/conformance/serve.ts --config FILE.json --database-url URL [--port 3999]
// or an embedded one that psql fills from PostgREST's fixtures, and that is to be had as its owner at the URL that is printed:
//   node --conditions=plinth-source scripts/conformance/serve.ts --config FILE.json --fixtures test/spec/fixtures/load.sql [--port 3999]
const { values } = parseArgs({
  options: { config: { type: "string" }, "database-url": { type: "string" }, fixtures: { type: "string" }, port: { type: "string", default: "3999" } },
});
const { config: file, "database-url": databaseUrl, fixtures } = values;
if (!file || (databaseUrl === undefined) === (fixtures === undefined)) throw new Error("--config FILE.json and one of --database-url URL, --fixtures FILE.sql are needed");

const config = JSON.parse(readFileSync(file, "utf8")) as PostgrestConfig;
const backend = await createBackend(optionsOfPostgrest(config, databaseUrl));
const owner = fixtures === undefined ? undefined : await loadFixtures(backend, fixtures);
if (owner) console.log(`owner's URL: ${owner.url}`);
const server = http.createServer(toNodeHandler(backend));
server.listen(Number(values.port), "127.0.0.1", () => console.log(`listening on ${values.port}`));
process.once("SIGTERM", () => {
  server.closeAllConnections();
  server.close();
  const closing = owner ? owner.close() : Promise.resolve();
  void closing.then(() => backend.close()).then(() => process.exit(0));
});
