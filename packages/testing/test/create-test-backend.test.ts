import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { createClient } from "@supabase/supabase-js";
import { createTestBackend } from "@plinth/testing";
import { expect, test } from "vitest";

const NOTES = `
  create table notes (id int generated always as identity primary key, owner uuid not null default auth.uid(), text text not null);
  alter table notes enable row level security;
  create policy own on notes to authenticated using (owner = auth.uid());`;

const ANN = { sub: "00000000-0000-4000-8000-00000000000a" };
const BEN = { sub: "00000000-0000-4000-8000-00000000000b" };

test("a test gets a whole backend, and each its own", async () => {
  await using backend = await createTestBackend({ sql: NOTES });
  await using other = await createTestBackend({ sql: NOTES });
  const as = (user: typeof ANN) => createClient("http://backend", backend.anonKey, { accessToken: async () => backend.tokenFor(user), global: { fetch: backend.fetch } });
  expect((await as(ANN).from("notes").insert({ text: "hello" })).error).toBeNull();
  expect((await as(ANN).from("notes").select("text")).data).toEqual([{ text: "hello" }]);
  expect((await as(BEN).from("notes").select("text")).data).toEqual([]);

  const read = async (headers: Readonly<Record<string, string>>) => {
    const response = await backend.fetch("http://backend/rest/v1/notes?select=text", { headers });
    return { status: response.status, body: await response.json() };
  };
  expect(await read(backend.headersFor("service"))).toEqual({ status: 200, body: [{ text: "hello" }] });
  expect(await read(backend.headersFor("anon"))).toEqual({ status: 200, body: [] });
  expect(await read(backend.headersFor(ANN))).toEqual({ status: 200, body: [{ text: "hello" }] });
  expect(await read(other.headersFor("service"))).toMatchObject({ status: 401 });
  expect(await read(other.headersFor(ANN))).toMatchObject({ status: 401 });
});

test("SQL is run as the owner, in the project that is named", async () => {
  await using backend = await createTestBackend({ sql: "create table public.a (n int); insert into a values (1), (2)" });
  expect(await backend.sql("select n from a order by n")).toEqual([{ n: 1 }, { n: 2 }]);
  expect(await backend.sql("select n from a; select n from a")).toEqual([]);
  await expect(backend.sql("insert into a values (3); select 1 / 0")).rejects.toMatchObject({ code: "22012" });
  expect(await backend.sql<{ n: number }>("select count(*)::int as n from a")).toEqual([{ n: 2 }]);
  await backend.projects.create({ ref: "acme" });
  expect(await backend.sql("select to_regclass('public.a') as a", "acme")).toEqual([{ a: null }]);
});

test("a failing set-up leaves nothing running", async () => {
  await expect(createTestBackend({ sql: "nonsense" })).rejects.toMatchObject({ code: "42601" });
});

test("migrations come before SQL", async () => {
  const migrations = await mkdtemp(path.join(tmpdir(), "plinth-migrations-"));
  await writeFile(path.join(migrations, "0001_notes.sql"), NOTES);
  await using backend = await createTestBackend({ migrations, sql: "insert into notes (owner, text) values (gen_random_uuid(), 'hello')" });
  await rm(migrations, { recursive: true });
  expect(await backend.sql("select text from notes")).toEqual([{ text: "hello" }]);
});

const IN_ANOTHER_RUNNER = `
  import assert from "node:assert/strict";
  import test from "node:test";
  import { createTestBackend } from "@plinth/testing";
  test("serves", async () => {
    await using backend = await createTestBackend({ sql: "create table public.t (n int)" });
    const response = await backend.fetch("http://backend/rest/v1/t", { headers: backend.headersFor("service") });
    assert.equal(response.status, 200);
    assert.equal(backend.project.databaseUrl, undefined);
    assert.notEqual(backend.jwtSecret, process.env.PLINTH_JWT_SECRET);
  });`;

test("works in any runner, whatever the environment says, and lets the process end", async () => {
  const env = { ...process.env, DATABASE_URL: "postgres://nobody@127.0.0.1:1/nowhere", PLINTH_JWT_SECRET: "an environment's secret of some length" };
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=plinth-source", "--input-type=module", "-e", IN_ANOTHER_RUNNER], { cwd: import.meta.dirname, env, timeout: 25_000 });
  expect(stdout).toMatch(/^# pass 1$|ℹ pass 1/m);
});
