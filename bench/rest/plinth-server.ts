import http from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { toNodeHandler } from "@plinth/node";
import { createBackend } from "plinth";
import { JWT_SECRET } from "./settings.ts";

// Plinth through the node adapter, on the same database (`--url`) or on an embedded one that it loads itself (`--sql`).
const { values: options } = parseArgs({ options: { url: { type: "string" }, migrations: { type: "string" }, pool: { type: "string", default: "10" } } });

const backend = await createBackend({
  inMemory: true,
  databaseUrl: false,
  requireApiKey: false,
  project: { jwtSecret: JWT_SECRET, ...(options.url === undefined ? {} : { databaseUrl: options.url }) },
  ...(options.migrations === undefined ? {} : { migrations: options.migrations }),
  pool: { maxConnectionsPerProject: Number(options.pool) },
  rest: { extraSearchPath: ["app"] },
});
const server = http.createServer(toNodeHandler(backend));
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
