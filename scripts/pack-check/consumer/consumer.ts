import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { createBackend, signToken } from "plinth";

const backend = await createBackend({ inMemory: true, migrations: "migrations" });
const project = await backend.projects.get("default");
const client = (token: string) => createClient("http://backend", project.anonKey, { accessToken: async () => token, global: { fetch: backend.fetch } });

const ann = await client(signToken({ sub: "ann", role: "authenticated" }, project.jwtSecret)).from("todos").select("task");
assert.deepEqual(ann.data, [{ task: "water the plants" }]);

const nobody = await client(project.anonKey).from("todos").select("task");
assert.deepEqual(nobody.data, []);

const tenant = await backend.tenant();
const rows = await tenant.transaction({ role: "authenticated", claims: { sub: "ben" } }, (db) => db.selectFrom("todos").select("task").execute());
assert.deepEqual(rows, [{ task: "feed the cat" }]);

await backend.close();
