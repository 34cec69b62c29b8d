import { readFileSync } from "node:fs";
import http from "node:http";
import { parseArgs } from "node:util";
import { toNodeHandler } from "@plinth/node";
import { createBackend } from "plinth";
import { optionsOfPostgrest, type PostgrestConfig } from "./postgrest-options.ts";

// Serves a database as PostgREST would with a configuration of its own, for running its specification against Plinth:
//   node --conditions=plinth-source scripts/conformance/serve.ts --config FILE.json --database-url URL [--port 3999]
const { values } = parseArgs({ options: { config: { type: "string" }, "database-url": { type: "string" }, port: { type: "string", default: "3999" } } });
if (!values.config || !values["database-url"]) throw new Error("--config FILE.json and --database-url URL are needed");

const config = JSON.parse(readFileSync(values.config, "utf8")) as PostgrestConfig;
const backend = await createBackend(optionsOfPostgrest(config, values["database-url"]));
const server = http.createServer(toNodeHandler(backend));
server.listen(Number(values.port), "127.0.0.1", () => console.log(`listening on ${values.port}`));
process.once("SIGTERM", () => {
  server.closeAllConnections();
  server.close();
  void backend.close().then(() => process.exit(0));
});
