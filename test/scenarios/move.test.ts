import { setTimeout as delay } from "node:timers/promises";
import { createTestBackend, nativeDatabases, type TestBackend, type TestDatabase, urlOf } from "@plinth/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { startStoppablePostgres, type StoppablePostgres } from "../faults/support/stoppable-postgres.ts";
import { describeDatabase } from "./support/describe-database.ts";
import { RICH_ROWS, RICH_SCHEMA } from "./support/rich-schema.ts";

const server = inject("nativePostgresUrl");

describe.runIf(server !== undefined)("a move to another server", () => {
  let one: TestDatabase;
  let two: StoppablePostgres;
  let backend: TestBackend;

  beforeAll(async () => {
    [one, two] = await Promise.all([nativeDatabases(server as string).create(), startStoppablePostgres()]);
    backend = await createTestBackend({
      databaseUrl: urlOf(one),
      clusters: [{ name: "two", databaseUrl: two.url }, { name: "twin", databaseUrl: urlOf(one) }],
      pool: { maxConnectionsPerProject: 3 },
      projects: { drainMs: 300 },
      onError: () => undefined,
    });
  }, 60_000);
  afterAll(async () => {
    for (const { ref } of (await backend.projects.list({ limit: 1_000 })).projects) await backend.projects.delete(ref);
    await backend.close();
    await two.remove();
    await one.drop();
  });

  const urls = { default: () => urlOf(one), two: () => two.url };

  /** Databases and logins that have the ref in their names. */
  async function left(cluster: keyof typeof urls, ref: string): Promise<readonly string[]> {
    const client = new pg.Client({ connectionString: urls[cluster]() });
    await client.connect();
    try {
      const { rows } = await client.query<{ name: string }>("select datname::text as name from pg_database where datname like $1 union select rolname::text || case when rolcanlogin then '' else ' (shut)' end from pg_roles where rolname like $1", [`%${ref}%`]);
      return rows.map(({ name }) => name).toSorted();
    } finally {
      await client.end();
    }
  }

  async function make(ref: string, sql: string) {
    const project = await backend.projects.create({ ref, cluster: "default" });
    await backend.sql(`create table public.notes (id int primary key, body text); ${sql}`, ref);
    return project;
  }

  const read = async (apikey: string, path = "notes?select=id,body&order=id") => {
    const response = await backend.fetch(`http://backend/rest/v1/${path}`, { headers: { apikey } });
    return { status: response.status, retryAfter: response.headers.get("retry-after"), body: (await response.json()) as unknown };
  };

  async function describeProject(ref: string) {
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

  test("carries everything over, and back", { timeout: 60_000 }, async () => {
    const { ref, anonKey, serviceRoleKey, jwtSecret } = await make("whole", `insert into notes values (1, 'one');${RICH_SCHEMA}${RICH_ROWS}`);
    const before = await describeProject(ref);
    expect(await backend.projects.move(ref, { cluster: "two" })).toMatchObject({ ref, cluster: "two", status: "active" });
    expect(await describeProject(ref)).toEqual(before);
    expect(await left("default", ref)).toEqual([]);
    expect(await left("two", ref)).toEqual([`plinth_${ref}`]);
    expect(await backend.projects.get(ref)).toMatchObject({ anonKey, serviceRoleKey, jwtSecret });
    expect(await read(serviceRoleKey)).toMatchObject({ status: 200, body: [{ id: 1, body: "one" }] });
    await backend.projects.move(ref, { cluster: "two" });
    await backend.projects.move(ref, { cluster: "default" });
    expect(await describeProject(ref)).toEqual(before);
    expect(await left("two", ref)).toEqual([]);
    expect((await backend.projects.audit({ ref })).entries.map(({ action }) => action)).toEqual(["project.moved", "project.move", "project.moved", "project.move", "project.create"]);
  });

  test("leaves a paused project paused, and a database behind where that is asked for", { timeout: 60_000 }, async () => {
    const { ref, anonKey } = await make("paused", "insert into notes values (1, 'one')");
    await backend.projects.pause(ref);
    expect(await backend.projects.move(ref, { cluster: "two", keepSource: true })).toMatchObject({ cluster: "two", status: "paused" });
    expect(await read(anonKey)).toMatchObject({ status: 503, body: { code: "PLINTH_PROJECT_PAUSED" } });
    expect(await left("default", ref)).toEqual([`plinth_${ref}`, `plinth_${ref} (shut)`]);
    expect(await left("two", ref)).toEqual([`plinth_${ref}`, `plinth_${ref} (shut)`]);
    await backend.projects.resume(ref);
    expect(await read(anonKey)).toMatchObject({ status: 200 });
    // What was kept is taken for what is left of an earlier attempt.
    await backend.projects.move(ref, { cluster: "default" });
    expect(await read(anonKey)).toMatchObject({ status: 200, body: [{ id: 1, body: "one" }] });
  });

  test("is refused where it can't be, and changes nothing", async () => {
    const { ref, anonKey } = await make("refused", "insert into notes values (1, 'one')");
    await expect(backend.projects.move("nobodys", { cluster: "two" })).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
    await expect(backend.projects.move(ref, { cluster: "mars" })).rejects.toMatchObject({ code: "PLINTH_PROJECT_PLACEMENT" });
    await expect(backend.projects.move(ref, { cluster: "twin" })).rejects.toMatchObject({ code: "PLINTH_PROJECT_PLACEMENT", message: expect.stringContaining("same server") });
    const { databaseUrl = "" } = await backend.projects.get(ref);
    await backend.projects.create({ ref: "adopted", databaseUrl });
    await expect(backend.projects.move("adopted", { cluster: "two" })).rejects.toMatchObject({ code: "PLINTH_PROJECT_STATE" });
    expect(await read(anonKey)).toMatchObject({ status: 200, body: [{ id: 1, body: "one" }] });
    expect(await backend.projects.get(ref)).toMatchObject({ cluster: "default", status: "active" });
  });

  test("that fails on the way leaves the project where it was, served", { timeout: 60_000 }, async () => {
    const { ref, anonKey } = await make("failing", "insert into notes values (1, 'one'); do $$ begin create role failing_reader; exception when duplicate_object then null; end $$; grant select on notes to failing_reader");
    await expect(backend.projects.move(ref, { cluster: "two" })).rejects.toMatchObject({ code: "PLINTH_TRANSFER_FAILED", message: expect.stringContaining("failing_reader"), hint: expect.stringContaining("CREATE ROLE") });
    expect(await backend.projects.get(ref)).toMatchObject({ cluster: "default", status: "active" });
    expect(await left("two", ref)).toEqual([]);
    expect(await read(anonKey)).toMatchObject({ status: 200, body: [{ id: 1, body: "one" }] });
    await backend.sql("drop owned by failing_reader; drop role failing_reader", ref);
    await backend.projects.move(ref, { cluster: "two" });
    expect(await read(anonKey)).toMatchObject({ status: 200, body: [{ id: 1, body: "one" }] });
  });

  test("loses nothing that was acknowledged, and keeps nobody else waiting", { timeout: 120_000 }, async () => {
    const { ref, serviceRoleKey } = await make("loaded", "create table public.bulk as select i as id, repeat(md5(i::text), 10) as text from generate_series(1, 60000) i");
    const neighbour = await make("neighbour", "insert into notes values (1, 'one')");
    const accepted: number[] = [];
    const refusals = new Map<string, number>();
    const neighbours: number[] = [];
    const load = { on: true };
    let next = 0;
    const writer = async (): Promise<void> => {
      while (load.on) {
        const id = ++next;
        const response = await backend.fetch("http://backend/rest/v1/notes", { method: "POST", headers: { apikey: serviceRoleKey, "content-type": "application/json" }, body: JSON.stringify({ id, body: `note ${id}` }) });
        if (response.status === 201) accepted.push(id);
        else {
          const { code } = (await response.json()) as { code: string };
          const told = `${response.status} ${code} ${response.headers.has("retry-after")}`;
          refusals.set(told, (refusals.get(told) ?? 0) + 1);
          await delay(20);
        }
      }
    };
    const reader = async (): Promise<void> => {
      while (load.on) {
        neighbours.push((await read(neighbour.anonKey)).status);
        await delay(10);
      }
    };
    const working = [writer(), writer(), writer(), reader()];
    await delay(300);
    await backend.projects.move(ref, { cluster: "two" });
    const duringMove = accepted.length;
    await delay(300);
    load.on = false;
    await Promise.all(working);
    expect(accepted.length).toBeGreaterThan(duringMove);
    expect(refusals.size).toBeGreaterThan(0);
    expect([...refusals.keys()].filter((told) => !/^503 PLINTH_(PROJECT_MOVING|DATABASE_UNAVAILABLE) true$/.test(told))).toEqual([]);
    expect([...refusals.keys()]).toContain("503 PLINTH_PROJECT_MOVING true");
    expect(new Set(neighbours)).toEqual(new Set([200]));
    const there = new Set((await backend.sql<{ id: number }>("select id from notes", ref)).map(({ id }) => id));
    expect(accepted.filter((id) => !there.has(id))).toEqual([]);
    expect(await backend.sql("select count(*)::int as count, md5(string_agg(text, '' order by id)) as md5 from bulk", ref)).toEqual([{ count: 60_000, md5: expect.any(String) }]);
  });

  test("leaves files where they are, and serves them on", { timeout: 60_000 }, async () => {
    const { ref, serviceRoleKey } = await make("filed", "insert into notes values (1, 'one')");
    const files = async () => (await backend.tenant(ref)).storage;
    await (await files()).createBucket("docs", { public: true });
    await (await files()).from("docs").upload("a.txt", "Hello");
    await (await backend.tenant(ref)).assets.publish({ files: [{ path: "index.html", content: "<h1>Home</h1>" }] });
    const get = async (address: string) => (await backend.fetch(`http://backend${address}`, { headers: { apikey: serviceRoleKey } })).text();
    for (const cluster of ["two", "default"] as const) {
      await backend.projects.move(ref, { cluster });
      expect(await get("/storage/v1/object/docs/a.txt")).toBe("Hello");
      expect(await get(`/assets/v1/${ref}/index.html`)).toBe("<h1>Home</h1>");
      await (await files()).from("docs").upload("b.txt", cluster, { upsert: true });
      expect(await (await files()).sweep({ grace: 0 })).toMatchObject({ rowsWithoutBytes: { count: 0 } });
    }
  });

  test("lets the owner's own sessions write nothing that would be left behind", { timeout: 60_000 }, async () => {
    const { ref } = await make("owned", "insert into notes values (1, 'one')");
    const owner = await backend.ownerDatabase(ref);
    const client = new pg.Client({ ...owner.config });
    client.on("error", () => undefined);
    await client.connect();
    await client.query("begin; insert into notes values (2, 'before')");
    const moving = backend.projects.move(ref, { cluster: "two" });
    await delay(1_500);
    await expect(backend.ownerDatabase(ref)).rejects.toMatchObject({ code: "PLINTH_PROJECT_MOVING" });
    await expect(backend.projects.export(ref)).rejects.toMatchObject({ code: "PLINTH_PROJECT_STATE" });
    await client.query("commit");
    let id = 2;
    let answered = 2;
    // Until the database goes from under it.
    const writing = (async () => {
      for (;;) {
        await client.query("insert into notes values ($1, 'amid')", [++id]);
        answered = id;
      }
    })().catch(() => undefined);
    await moving;
    await writing;
    await client.end().catch(() => undefined);
    await owner.release().catch(() => undefined);
    const ids = (await backend.sql<{ id: number }>("select id from notes order by id", ref)).map((row) => row.id);
    expect(ids).toEqual(Array.from({ length: answered }, (_, at) => at + 1));
  });

  test("asked for twice at the same time is made once, and waited for by who wants something else", { timeout: 60_000 }, async () => {
    const { ref, anonKey } = await make("twice", "insert into notes values (1, 'one')");
    const both = await Promise.all([backend.projects.move(ref, { cluster: "two" }), backend.projects.move(ref, { cluster: "two" }), backend.projects.update(ref, { name: "Moved" })]);
    expect(both.map(({ cluster }) => cluster)).toContain("two");
    expect(await backend.projects.get(ref)).toMatchObject({ cluster: "two", status: "active", name: "Moved" });
    expect((await backend.projects.audit({ ref })).entries.filter(({ action }) => action === "project.moved")).toHaveLength(1);
    await Promise.all([backend.projects.move(ref, { cluster: "default" }), backend.projects.move(ref, { cluster: "two" })]);
    expect((await backend.projects.get(ref)).status).toBe("active");
    expect(await read(anonKey)).toMatchObject({ status: 200, body: [{ id: 1, body: "one" }] });
    await Promise.all([backend.projects.move(ref, { cluster: "default" }), backend.projects.delete(ref)].map((work) => work.catch((error: { code: string }) => expect(error.code).toBe("PLINTH_PROJECT_NOT_FOUND"))));
    expect([...(await left("default", ref)), ...(await left("two", ref))]).toEqual([]);
  });

  test("takes the default project out of the backend's own database, and leaves the others' secrets there", { timeout: 60_000 }, async () => {
    const { ref, serviceRoleKey } = backend.project;
    await backend.sql("create table public.notes (id int primary key, body text); insert into notes values (1, 'home')");
    const exported = Buffer.from(await new Response((await backend.projects.export(ref)) as ReadableStream<Uint8Array>).arrayBuffer());
    const imported = await backend.projects.import([exported] as unknown as AsyncIterable<Uint8Array>, { ref: "from-home" });
    expect(await backend.sql("select n.nspname::text || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname ~ '^(plinth|graphile)' and c.relkind = 'r' and n.nspname <> 'plinth_public'", imported.ref)).toEqual([]);
    for (const [cluster, database] of [["two", "plinth_default"], ["default", expect.stringMatching(/^plinth_default-/)]] as const) {
      await backend.projects.move(ref, { cluster });
      expect(await backend.sql("select current_database()::text as database, to_regclass('plinth.projects') as projects")).toEqual([{ database, projects: null }]);
      expect(await read(serviceRoleKey)).toMatchObject({ status: 200, body: [{ id: 1, body: "home" }] });
    }
    expect((await backend.projects.list()).projects.length).toBeGreaterThan(1);
  });

  test("to a server that goes away amid it is taken back", { timeout: 120_000 }, async () => {
    const { ref, anonKey } = await make("crashing", "insert into notes values (1, 'one'); create table public.bulk as select i as id, repeat(md5(i::text), 20) as text from generate_series(1, 100000) i");
    const moving = backend.projects.move(ref, { cluster: "two" }).then(() => undefined, (error: { code: string }) => error.code);
    await expect.poll(async () => (await backend.projects.get(ref)).status, { interval: 10 }).toBe("moving");
    await delay(700);
    await two.crash();
    try {
      expect(await moving).toMatch(/PLINTH_(DATABASE_UNAVAILABLE|TRANSFER_FAILED)/);
      // What is left on a server that is away can't be dropped now: the project is not served from a guess.
      expect(await read(anonKey)).toMatchObject({ status: 503 });
    } finally {
      await two.start();
    }
    expect(await backend.projects.sweepDeleted()).toMatchObject({ finished: [ref], failed: [] });
    expect(await backend.projects.get(ref)).toMatchObject({ cluster: "default", status: "active" });
    expect(await read(anonKey)).toMatchObject({ status: 200, body: [{ id: 1, body: "one" }] });
    expect(await left("two", ref)).toEqual([]);
  });
});
