import { createTestBackend, type TestBackend } from "@plinth/testing";
import type { ProjectWithKeys } from "plinth";
import { afterAll, beforeAll, expect, test } from "vitest";

let backend: TestBackend;
let acme: ProjectWithKeys;
let beta: ProjectWithKeys;

beforeAll(async () => {
  backend = await createTestBackend();
  acme = await backend.projects.create({ ref: "acme" });
  beta = await backend.projects.create({ ref: "beta" });
  for (const { ref } of [acme, beta]) await backend.sql(`create table public.${ref}s (apikey text); insert into ${ref}s values ('x')`, ref);
});
afterAll(() => backend.close());

async function ask(path: string, headers: Record<string, string> = {}): Promise<readonly [status: number, code: string]> {
  const response = await backend.fetch(`http://backend/rest/v1/${path}`, { headers });
  return [response.status, ((await response.json()) as { code?: string }).code ?? ""];
}
const socket = { connection: "upgrade", upgrade: "WebSocket" };

test("where a WebSocket is asked for, the key may be a parameter, and is held to as in the header", async () => {
  // REST has no sockets: that it takes the key for a filter it can't read shows that the key was let through.
  expect(await ask(`acmes?apikey=${acme.anonKey}`, socket)).toEqual([400, "PGRST100"]);
  expect(await ask(`acmes?apikey=${encodeURIComponent(acme.anonKey)}&apikey=${beta.anonKey}`, socket)).toEqual([400, "PGRST100"]);
  expect(await ask(`betas?apikey=${acme.anonKey}x`, socket)).toEqual([401, "PGRST301"]);
  expect(await ask("acmes?apikey=", socket)).toEqual([401, "PGRST301"]);
});

test("the header goes before the parameter", async () => {
  expect(await ask(`betas?select=apikey&not_apikey=${acme.anonKey}`, { ...socket, apikey: beta.anonKey })).toEqual([400, "PGRST100"]);
  expect(await ask(`acmes?apikey=${acme.anonKey}`, { ...socket, apikey: "none" })).toEqual([401, "PGRST301"]);
});

test("anywhere else a parameter is no key, but the service's", async () => {
  expect(await ask(`acmes?apikey=${acme.anonKey}`)).toEqual([401, "PGRST302"]);
  expect(await ask("acmes?apikey=eq.x", { apikey: acme.anonKey })).toEqual([200, ""]);
  expect(await ask(`acmes?apikey=${acme.anonKey}`, { upgrade: "h2c" })).toEqual([401, "PGRST302"]);
});
