import process from "node:process";
import { createBackend } from "plinth";
import { shareTemplate } from "./share-template.ts";

/**
 * Opens the embedded backend in the folder that the command line names, prints the ids that it finds there as one line,
 * then writes rows over HTTP's own way, four at a time, and prints each id once it was acknowledged, until it is killed.
 */
const folder = process.argv[2] as string;
shareTemplate(folder);
const backend = await createBackend({ dataDirectory: folder, databaseUrl: false });
const project = await backend.projects.get("default");
const headers = { apikey: project.serviceRoleKey, "content-type": "application/json" };
const owner = await backend.ownerDatabase();
await owner.script("create table if not exists public.rows (id int primary key, text text); grant all on public.rows to service_role");
await owner.release();

const found = (await (await backend.fetch("http://backend/rest/v1/rows?select=id&order=id", { headers })).json()) as Array<{ id: number }>;
process.stdout.write(`${JSON.stringify(found.map(({ id }) => id))}\n`);

let next = (found.at(-1)?.id ?? 0) + 1;
async function writeOn(): Promise<never> {
  for (;;) {
    const id = next++;
    const response = await backend.fetch("http://backend/rest/v1/rows", { method: "POST", headers, body: JSON.stringify({ id, text: "x".repeat(id % 2_000) }) });
    if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
    process.stdout.write(`${id}\n`);
  }
}
await Promise.all([writeOn(), writeOn(), writeOn(), writeOn()]);
