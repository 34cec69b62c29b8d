import { createTestBackend, type TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openNativeOrEmbedded } from "./support/open-backend.ts";
import { ANN, BEN, LIBRARY_SCHEMA, libraryData } from "./support/library.ts";

/** The tables as a host would declare them to Kysely. */
interface Library {
  notes: { id: number; owner: string; text: string };
  vault: { id: number; text: string };
}

describeDatabases("in process", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { sql: LIBRARY_SCHEMA }));
  });
  afterAll(() => close());
  beforeEach(() => backend.sql(libraryData("mark")));

  test("a transaction is its user's", async () => {
    const tenant = await backend.tenant();
    const read = (claims: { sub: string }) => tenant.transaction<Library>({ role: "authenticated", claims }, (db) => db.selectFrom("notes").select("id").execute());
    expect(await read(ANN)).toEqual([{ id: 1 }]);
    expect(await read(BEN)).toEqual([{ id: 2 }]);
  });

  test("commits when the work resolves, and takes all back when it throws", async () => {
    const tenant = await backend.tenant();
    const write = (text: string, after: () => void) =>
      tenant.transaction<Library>({ role: "authenticated", claims: ANN }, async (db) => {
        const [row] = await db.insertInto("notes").values({ text } as Library["notes"]).returning(["owner", "text"]).execute();
        after();
        return row;
      });
    expect(await write("kept", () => {})).toEqual({ owner: ANN.sub, text: "kept" });
    const failure = new Error("no");
    await expect(write("lost", () => { throw failure; })).rejects.toBe(failure);
    expect(await backend.sql("select text from notes where id > 2")).toEqual([{ text: "kept" }]);
  });

  test("what the role may not is refused with PostgreSQL's own error", async () => {
    const tenant = await backend.tenant();
    const vault = tenant.transaction<Library>({ role: "anon" }, (db) => db.selectFrom("vault").selectAll().execute());
    await expect(vault).rejects.toMatchObject({ code: "42501" });
    const asNobody = () => tenant.transaction<Library>({ role: "postgres" }, (db) => db.selectFrom("vault").selectAll().execute());
    const notes = () => tenant.transaction<Library>({ role: "service_role" }, (db) => db.selectFrom("notes").select("id").limit(1).execute());
    // The connection of one that could not be begun is as good as new for the next.
    for (let round = 0; round < 20; round++) {
      await expect(asNobody()).rejects.toMatchObject({ code: "42501" });
      expect(await notes()).toHaveLength(1);
    }
  });

  test("reading only is reading only", async () => {
    const tenant = await backend.tenant();
    const write = tenant.transaction<Library>({ role: "service_role", readOnly: true }, (db) => db.deleteFrom("notes").execute());
    await expect(write).rejects.toMatchObject({ code: "25006" });
  });

  test("sees what is written over HTTP, and the other way round", async () => {
    const tenant = await backend.tenant();
    await tenant.transaction<Library>({ role: "authenticated", claims: ANN }, (db) => db.updateTable("notes").set({ text: "changed" }).where("id", "=", 1).execute());
    const response = await backend.fetch("http://backend/rest/v1/notes?select=text", { headers: backend.headersFor(ANN) });
    expect(await response.json()).toEqual([{ text: "changed" }]);
  });

  test("requests know of a change to the schema as soon as the database has told of it", async () => {
    const get = async (path: string) => {
      const response = await backend.fetch(`http://backend/rest/v1/${path}`, { headers: backend.headersFor("service") });
      return { status: response.status, body: await response.json() };
    };
    expect(await get("late")).toMatchObject({ status: 404, body: { code: "PGRST205" } });
    await backend.sql("create table public.late (id int); insert into late values (1)");
    await soon(() => get("late"), { status: 200, body: [{ id: 1 }] });
    await backend.sql("alter table late add column more text default 'm'; create function late_call() returns int language sql as 'select 7'");
    await soon(() => get("late?more=eq.m"), { status: 200, body: [{ id: 1, more: "m" }] });
    await soon(() => get("rpc/late_call"), { status: 200, body: 7 });
    await backend.sql("drop function late_call(); drop table late");
  });
});

/** A second, on a machine that has nothing else to do. */
async function soon(ask: () => Promise<unknown>, expected: unknown): Promise<void> {
  await expect.poll(ask, { timeout: 5_000, interval: 20 }).toEqual(expected);
}

test("many backends in one process share nothing", async () => {
  const backends = await Promise.all([1, 2, 3].map((n) => createTestBackend({ sql: `create table public.numbers (n int); insert into numbers values (${n})` })));
  const read = async (at: TestBackend, as: TestBackend) => {
    const response = await at.fetch("http://backend/rest/v1/numbers", { headers: as.headersFor("service") });
    return response.status === 200 ? response.json() : response.status;
  };
  const seen = await Promise.all(backends.map((at) => Promise.all(backends.map((as) => read(at, as)))));
  expect(seen).toEqual([[[{ n: 1 }], 401, 401], [401, [{ n: 2 }], 401], [401, 401, [{ n: 3 }]]]);
  await Promise.all(backends.map((backend) => backend.close()));
});
