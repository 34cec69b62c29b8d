import { randomBytes } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gunzipSync } from "node:zlib";
import type { TestBackend } from "@plinth/testing";
import { createTestBackend, nativeDatabases, type TestDatabases } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import pg from "pg";
import { type Backend, signToken } from "plinth";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type DatabaseDescription, describeDatabase } from "./support/describe-database.ts";
import { openNativeOrEmbedded } from "./support/open-backend.ts";
import { RICH_ROWS, RICH_SCHEMA } from "./support/rich-schema.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

const PASSPHRASE = "a passphrase for these tests";

const refOf = (name: string): string => `${name}-${randomBytes(4).toString("hex")}`;

async function describeProject(backend: Backend, ref: string): Promise<DatabaseDescription> {
  const owner = await backend.ownerDatabase(ref);
  const client = new pg.Client({ ...owner.config });
  await client.connect();
  try {
    return await describeDatabase(client);
  } finally {
    await client.end();
    await owner.release();
  }
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** In buffers, without what nobody has any more. */
function heldBytes(): number {
  collectGarbage();
  // What the first has found is freed by a thread of its own, which the second waits for.
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** In pieces, as they come from a disk or a network. */
async function* pieces(bytes: Buffer, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

const rowsOf = async (backend: Backend, apikey: string, path: string, token = apikey): Promise<unknown> => {
  const response = await backend.fetch(`http://backend/rest/v1/${path}`, { headers: { apikey, authorization: `Bearer ${token}` } });
  return { status: response.status, body: (await response.json()) as unknown };
};

async function openBackend(databases: TestDatabases): Promise<{ backend: TestBackend; close(): Promise<void> }> {
  return openNativeOrEmbedded(databases, { projects: { drainMs: 200 } });
}

describeDatabases("an export", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ backend, close } = await openBackend(databases));
  });
  afterAll(() => close());

  test("has the whole of a database, which an import makes again", { timeout: 120_000 }, async () => {
    const ref = refOf("rich");
    await backend.projects.create({ ref, name: "A rich one", settings: { rest: { maxRows: 7 } }, jwtAudience: "people" });
    await backend.sql(RICH_SCHEMA + RICH_ROWS, ref);
    const before = await describeProject(backend, ref);
    const file = await readAll(await backend.projects.export(ref));
    expect(await describeProject(backend, ref)).toEqual(before);
    const copy = refOf("copy");
    const imported = await backend.projects.import(pieces(file), { ref: copy });
    expect(imported).toMatchObject({ ref: copy, name: copy, status: "active", settings: { rest: { maxRows: 7 } }, adopted: false });
    expect(await describeProject(backend, copy)).toEqual(before);
    // Another database, not the same one under two names.
    await backend.sql("delete from app.notes", copy);
    expect(await describeProject(backend, ref)).toEqual(before);
  });

  test("without data makes an empty project that has its migrations behind it", { timeout: 60_000 }, async () => {
    const ref = refOf("schema");
    await backend.projects.create({ ref });
    await backend.migrate(new URL("./support/migrations", import.meta.url).pathname, ref);
    await backend.sql("insert into notes (body) values ('one')", ref);
    const file = await readAll(await backend.projects.export(ref, { data: false }));
    const { ref: copy, serviceRoleKey } = await backend.projects.import(pieces(file), { ref: refOf("copy") });
    expect(await rowsOf(backend, serviceRoleKey, "notes")).toEqual({ status: 200, body: [] });
    expect(await backend.migrate(new URL("./support/migrations", import.meta.url).pathname, copy)).toEqual([]);
    await backend.sql("insert into notes (body) values ('first')", copy);
    expect(await backend.sql("select id from notes", copy)).toEqual([{ id: 1 }]);
  });

  test("carries keys under a passphrase alone, and gives them back to the same ref", { timeout: 60_000 }, async () => {
    const ref = refOf("keys");
    const { anonKey, jwtSecret } = await backend.projects.create({ ref });
    await backend.sql("create table public.things (name text); insert into things values ('a')", ref);
    const opaque = await backend.projects.keys(ref).create({ kind: "secret", name: "nightly" });
    await backend.projects.keys(ref).createSigningKey();
    const signing = await backend.projects.keys(ref).rotateSigningKey({ until: null });
    const token = await backend.projects.keys(ref).signToken({ role: "authenticated", sub: "00000000-0000-4000-8000-000000000001" });
    await expect(backend.projects.export(ref, { keys: true })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
    await expect(backend.projects.export(ref, { passphrase: "too short" })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
    const file = await readAll(await backend.projects.export(ref, { passphrase: PASSPHRASE }));
    const clear = gunzipSync(file).toString("latin1");
    for (const secret of [jwtSecret, anonKey, opaque.key, opaque.hint]) expect(clear).not.toContain(secret);
    expect(gunzipSync(await readAll(await backend.projects.export(ref))).toString("latin1")).not.toContain('"kind":"keys"');

    await backend.projects.delete(ref);
    expect(await backend.projects.import(pieces(file), { passphrase: PASSPHRASE })).toMatchObject({ ref, anonKey, jwtSecret });
    expect((await backend.projects.keys(ref).listSigningKeys()).map(({ kid, status }) => [kid, status])).toEqual([[signing.kid, "current"]]);
    for (const [apikey, bearer] of [[anonKey, anonKey], [opaque.key, opaque.key], [anonKey, token]] as const) {
      expect(await rowsOf(backend, apikey, "things", bearer)).toEqual({ status: 200, body: [{ name: "a" }] });
    }
  });

  test("makes new keys under another ref, and takes over the secret when it is asked to", { timeout: 60_000 }, async () => {
    const ref = refOf("first");
    const { jwtSecret, anonKey } = await backend.projects.create({ ref });
    await backend.sql("create table public.things (name text); insert into things values ('a')", ref);
    await backend.projects.keys(ref).create({ kind: "secret", name: "nightly" });
    const sealed = await (await backend.tenant(ref)).secrets.seal("a second factor", "test");
    const file = await readAll(await backend.projects.export(ref, { passphrase: PASSPHRASE }));
    const another = await backend.projects.import(pieces(file), { ref: refOf("another"), passphrase: PASSPHRASE });
    expect(another.jwtSecret).not.toBe(jwtSecret);
    expect(await rowsOf(backend, another.anonKey, "things", anonKey)).toMatchObject({ status: 401 });
    expect(await backend.projects.keys(another.ref).list()).toEqual([]);
    // What is sealed in the data comes with the data.
    expect(await (await backend.tenant(another.ref)).secrets.open(sealed, "test")).toBe("a second factor");
    const { ref: locked } = await backend.projects.import(pieces(file), { ref: refOf("locked") });
    await expect((await backend.tenant(locked)).secrets.open(sealed, "test")).rejects.toMatchObject({ code: "PLINTH_SECRET_UNREADABLE" });
    const asked = await backend.projects.import(pieces(file), { ref: refOf("asked"), passphrase: PASSPHRASE, keys: true });
    expect(asked.jwtSecret).toBe(jwtSecret);
    const user = signToken({ role: "authenticated" }, jwtSecret);
    expect(await rowsOf(backend, asked.anonKey, "things", user)).toMatchObject({ status: 200 });
    await expect(backend.projects.import(pieces(file), { ref: refOf("none"), keys: true })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
  });

  test("is of one moment, and of a project that is there and whole", async () => {
    await expect(backend.projects.export("nobodys")).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
    const ref = refOf("busy");
    const { serviceRoleKey } = await backend.projects.create({ ref });
    await backend.sql("create table public.a (id int); create table public.b (id int)", ref);
    const writing = { on: true };
    const writer = (async () => {
      for (let id = 0; writing.on; id++) await backend.sql(`insert into a values (${id}); insert into b values (${id})`, ref);
    })();
    const file = await readAll(await backend.projects.export(ref));
    writing.on = false;
    await writer;
    const { ref: copy } = await backend.projects.import(pieces(file), { ref: refOf("copy") });
    expect(await backend.sql("select (select count(*) from a) = (select count(*) from b) as same", copy)).toEqual([{ same: true }]);
    expect(await rowsOf(backend, serviceRoleKey, "a?select=id&limit=1")).toMatchObject({ status: 200 });
  });

  test("that nobody reads to its end lets go of the database", async () => {
    const ref = refOf("left");
    await backend.projects.create({ ref });
    await backend.sql("create table public.long as select md5(i::text || random()) as text from generate_series(1, 200000) i", ref);
    const stream = await backend.projects.export(ref);
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    await expect.poll(() => backend.sql("select count(*)::int as count from pg_stat_activity where application_name = 'plinth transfer' and datname = current_database()", ref), { timeout: 10_000 }).toEqual([{ count: 0 }]);
    await backend.sql("drop table long", ref);
    await backend.projects.delete(ref);
  });

  test("says what can't be carried over", async () => {
    const ref = refOf("large");
    await backend.projects.create({ ref });
    await backend.sql("select lo_from_bytea(0, 'abc')", ref);
    await expect(backend.projects.export(ref)).rejects.toMatchObject({ code: "PLINTH_TRANSFER_FAILED", message: expect.stringContaining("1 large objects") });
  });

  test("of many rows is written and read in little memory", { timeout: 120_000 }, async () => {
    const [rows, limit] = databases.kind === "native" ? [200_000, 36] : [100_000, 64];
    const ref = refOf("rows");
    await backend.projects.create({ ref });
    await backend.sql(`create table public.rows (id int primary key, text text); insert into rows select i, repeat(md5(i::text), 8) from generate_series(1, ${rows}) i`, ref);
    const before = heldBytes();
    let most = 0;
    async function* watched(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      let chunks = 0;
      for await (const chunk of stream) {
        if (++chunks % 20 === 0) most = Math.max(most, heldBytes() - before);
        yield chunk;
      }
      expect(chunks).toBeGreaterThan(40);
    }
    // From one into the other: the file is nowhere as a whole.
    const { ref: copy } = await backend.projects.import(watched(await backend.projects.export(ref)), { ref: refOf("copy") });
    // Of 54 MB of rows. An embedded database doesn't wait for who reads: all of its 27 MB may be on their way, twice.
    expect(most).toBeLessThan(limit * 1024 * 1024);
    const sum = "select count(*)::int as count, md5(string_agg(text, '' order by id)) as md5 from rows";
    expect(await backend.sql(sum, copy)).toEqual(await backend.sql(sum, ref));
  });
}, NATIVE_UNLESS_LONG);

// Three quarters of a minute: what an export has in it, and what an import makes of it, is tested natively above.
describe.runIf(inject("nativePostgresUrl") !== undefined && process.env["PLINTH_TEST_LONG"] !== undefined)("between servers and embedded databases an export", () => {
  test("goes from a server to an embedded database and back", { timeout: 180_000 }, async () => {
    const here = await openBackend(nativeDatabases(inject("nativePostgresUrl") ?? ""));
    const there = await createTestBackend();
    try {
      await here.backend.projects.create({ ref: "rich" });
      await here.backend.sql(RICH_SCHEMA + RICH_ROWS, "rich");
      const before = await describeProject(here.backend, "rich");
      await there.projects.import(await here.backend.projects.export("rich", { passphrase: PASSPHRASE }), { passphrase: PASSPHRASE });
      const away = await describeProject(there, "rich");
      expect({ ...away, rules: [], operators: [] }).toEqual({ ...before, rules: [], operators: [] });
      expect((await there.projects.get("rich")).jwtSecret).toBe((await here.backend.projects.get("rich")).jwtSecret);
      const { ref: back } = await here.backend.projects.import(await there.projects.export("rich"), { ref: "back" });
      expect(await describeProject(here.backend, back)).toEqual(before);
    } finally {
      await there.close();
      await here.close();
    }
  });
});
