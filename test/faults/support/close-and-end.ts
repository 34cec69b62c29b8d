import process from "node:process";
import { createTestBackend } from "@plinth/testing";

/** Closes a backend while requests are under way, and leaves it to the process to end. */
const backend = await createTestBackend({ sql: "create function nap() returns void language sql as 'select pg_sleep(0.1)'" });
const requests = Array.from({ length: 5 }, () => backend.fetch("http://backend/rest/v1/rpc/nap", { method: "POST", headers: backend.headersFor("service") }));
await new Promise((resolve) => setTimeout(resolve, 150));
const closing = backend.close();
process.stdout.write(`${(await Promise.all(requests)).map(({ status }) => status).join(" ")}\n`);
await closing;
process.stdout.write("closed\n");
