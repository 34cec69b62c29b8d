import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { toNodeHandler } from "@plinth/node";
import { createBackend } from "plinth";

// A published site through the node adapter, its files on disk. Takes the folder of the site and one for data, prints its URL:
// at the host bench.sites.test it is the site's own.
const [site, data] = process.argv.slice(2);

const backend = await createBackend({ dataDirectory: path.join(data!, "data"), databaseUrl: false, masterKey: "the master key of a benchmark, of no use elsewhere", project: { ref: "bench" }, domains: { assets: "sites.test" } });
await (await backend.tenant()).assets.publish({ folder: site! });
const server = http.createServer(toNodeHandler(backend));
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
