import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import process from "node:process";
import { toNodeHandler } from "@plinth/node";
import { createBackend } from "plinth";
import { shareTemplate } from "./share-template.ts";

/**
 * Serves a backend whose files are in the folder that the command line names, on the database that it names, or embedded in
 * the folder, until it is killed. Prints where, and the service role's key, as one line of JSON.
 */
const [folder, databaseUrl] = process.argv.slice(2) as [string, string | undefined];
if (databaseUrl === undefined) shareTemplate(folder);
const store = { kind: "filesystem" as const, directory: path.join(folder, "files") };
const backend = await createBackend({ dataDirectory: folder, databaseUrl: databaseUrl ?? false, masterKey: "of nobody but this test, 32 characters", storage: { store } });
const { serviceRoleKey } = await backend.projects.get("default");
const server = createServer(toNodeHandler(backend));
server.listen(0, "127.0.0.1", () => process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, serviceRoleKey })}\n`));
