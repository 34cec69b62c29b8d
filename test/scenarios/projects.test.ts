import type { TestBackend, TestDatabase } from "@plinth/testing";
import { createTestBackend, nativeDatabases, urlOf } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { signToken } from "plinth";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { openNativeOrEmbedded } from "./support/open-backend.ts";

const server = inject("nativePostgresUrl");

async function read(backend: TestBackend, apikey: string, path = "things?select=name", token = apikey) {
  const response = await backend.fetch(`http://backend/rest/v1/${path}`, { headers: { apikey, authorization: `Bearer ${token}` } });
  const body = (await response.json()) as unknown;
  return { status: response.status, body };
}

const things = (name: string): string => `create table public.things (name text); insert into things values ('${name}')`;

describeDatabases("projects", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases));
  });
  afterAll(() => close());

  test("are made while others are served, and used by their keys", async () => {
    await backend.sql(things("default"));
    const [one, two] = await Promise.all(["one", "two"].map((ref) => backend.projects.create({ ref, name: `Project ${ref}` })));
    if (!one || !two) throw new Error("not made");
    await Promise.all([one, two].map(({ ref }) => backend.sql(things(ref), ref)));
    expect(await read(backend, one.anonKey)).toEqual({ status: 200, body: [{ name: "one" }] });
    expect(await read(backend, two.anonKey)).toEqual({ status: 200, body: [{ name: "two" }] });
    expect(await read(backend, backend.anonKey)).toEqual({ status: 200, body: [{ name: "default" }] });
    expect((await backend.projects.list()).projects.map(({ ref, name, status }) => ({ ref, name, status })).toSorted((x, y) => x.ref.localeCompare(y.ref))).toEqual([
      { ref: "default", name: "default", status: "active" },
      { ref: "one", name: "Project one", status: "active" },
      { ref: "two", name: "Project two", status: "active" },
    ]);
    await expect(backend.projects.create({ ref: "one" })).rejects.toMatchObject({ code: "PLINTH_PROJECT_EXISTS" });
    const again = await backend.projects.get("one");
    expect(again).toMatchObject({ anonKey: one.anonKey, serviceRoleKey: one.serviceRoleKey, jwtSecret: one.jwtSecret });
  });

  test("are deleted while they are served", async () => {
    const doomed = await backend.projects.create({ ref: "doomed" });
    await backend.sql(things("doomed"), "doomed");
    expect(await read(backend, doomed.anonKey)).toMatchObject({ status: 200 });
    const deleted = new AbortController();
    const asking = Array.from({ length: 4 }, async () => {
      const statuses: number[] = [];
      while (!deleted.signal.aborted) statuses.push((await read(backend, doomed.anonKey)).status);
      return statuses;
    });
    await backend.projects.delete("doomed");
    deleted.abort();
    // Rows, or a refusal that says so: never an error of the server's own.
    expect([200, 401, 503, 504]).toEqual(expect.arrayContaining([...new Set((await Promise.all(asking)).flat())]));
    expect(await read(backend, doomed.anonKey)).toMatchObject({ status: 401, body: { code: "PGRST301" } });
    await expect(backend.tenant("doomed")).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
    expect((await backend.projects.list()).projects.map(({ ref }) => ref)).not.toContain("doomed");
    await backend.projects.delete("doomed");
  });

  test("of the same name have nothing of the one before, and refuse its keys", async () => {
    const before = await backend.projects.create({ ref: "again" });
    await backend.sql(things("before"), "again");
    expect(await read(backend, before.anonKey)).toMatchObject({ status: 200 });
    await backend.projects.delete("again");
    const after = await backend.projects.create({ ref: "again" });
    expect(await read(backend, before.serviceRoleKey)).toMatchObject({ status: 401, body: { code: "PGRST301" } });
    expect(await read(backend, after.serviceRoleKey)).toMatchObject({ status: 404, body: { code: "PGRST205" } });
  });
});

describe.skipIf(server === undefined)("a database that was there before (native)", () => {
  const secret = "the secret that the database's users have always had";
  let theirs: TestDatabase;
  let home: TestDatabase;
  let backend: TestBackend;
  let login: string;

  beforeAll(async () => {
    const databases = nativeDatabases(server ?? "");
    [theirs, home] = await Promise.all([databases.create(), databases.create()]);
    backend = await createTestBackend({ databaseUrl: urlOf(home), pool: { maxConnectionsPerProject: 2 } });
    login = `adopted_${theirs.config.database?.slice(-8)}`;
    await asOwner(`${things("theirs")};
      create schema auth; create function auth.uid() returns uuid language sql stable as $$ select (current_setting('request.jwt.claims', true)::json ->> 'sub')::uuid $$;
      grant usage on schema public, auth to anon, authenticated; grant select on things to authenticated;
      create role ${login} login noinherit password 'adopted'; grant anon, authenticated, service_role to ${login};`);
  });
  afterAll(async () => {
    for (const { ref } of (await backend.projects.list()).projects) await backend.projects.delete(ref);
    await backend.close();
    await asOwner(`drop owned by ${login}; drop role ${login}`);
    await theirs.drop();
    await home.drop();
  });

  async function asOwner(sql: string): Promise<pg.QueryResult> {
    const client = new pg.Client({ ...theirs.config });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  }

  const inventory = async () => (await asOwner("select (select count(*) from pg_class)::int as relations, (select count(*) from pg_proc)::int as functions, (select count(*) from pg_namespace)::int as schemas, (select count(*) from pg_event_trigger)::int as triggers")).rows;

  test("is adopted as it is, served, and left as it was", async () => {
    const before = await inventory();
    const url = new URL(urlOf(theirs));
    url.username = login;
    url.password = "adopted";
    const adopted = await backend.projects.create({ ref: "adopted", databaseUrl: url.href, jwtSecret: secret });
    const user = signToken({ role: "authenticated", sub: "00000000-0000-4000-8000-00000000000a" }, secret);
    expect(await read(backend, adopted.anonKey, "things?select=name", user)).toEqual({ status: 200, body: [{ name: "theirs" }] });
    expect(await read(backend, adopted.anonKey)).toMatchObject({ status: 401, body: { code: "42501" } });
    expect(await read(backend, backend.anonKey, "things", user)).toMatchObject({ status: 401 });
    await backend.projects.delete("adopted");
    expect(await inventory()).toEqual(before);
    expect((await asOwner("select name from things")).rows).toEqual([{ name: "theirs" }]);
  });

  test("is refused to a login that may not be its roles", async () => {
    const url = new URL(urlOf(theirs));
    url.password = "wrong";
    await expect(backend.projects.create({ ref: "refused", databaseUrl: url.href })).rejects.toMatchObject({ code: "PLINTH_ADOPTION_REFUSED" });
    expect((await backend.projects.list()).projects.map(({ ref }) => ref)).not.toContain("refused");
  });
});
