import { createBackend } from "plinth";
import { createTestBackend, type TestBackend } from "@plinth/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { startStoppablePostgres, type StoppablePostgres } from "./support/stoppable-postgres.ts";

test("a server that isn't there is said so at the start", async () => {
  const opening = createBackend({ databaseUrl: "postgres://me:secret@127.0.0.1:9/db", masterKey: "m".repeat(32) });
  await expect(opening).rejects.toMatchObject({ code: "PLINTH_DATABASE_UNAVAILABLE", message: "The project's database can't be reached right now.", cause: { code: "ECONNREFUSED" } });
});

describe.runIf(inject("nativePostgresUrl") !== undefined)("a server that goes away", () => {
  let server: StoppablePostgres;
  let backend: TestBackend;
  const errors: unknown[] = [];
  beforeAll(async () => {
    server = await startStoppablePostgres();
    backend = await createTestBackend({
      databaseUrl: server.url,
      pool: { maxConnectionsPerProject: 4, acquireTimeoutMs: 1_000 },
      onError: (error) => void errors.push(error),
      sql: "create table things (id int primary key); insert into things values (1)",
    });
  });
  afterAll(async () => {
    await backend.close();
    await server.remove();
  });

  const ask = async (method = "GET", body?: string) => {
    const response = await backend.fetch("http://backend/rest/v1/things", { method, headers: { ...backend.headersFor("service"), "content-type": "application/json" }, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    return { status: response.status, retryAfter: response.headers.get("retry-after"), type: response.headers.get("content-type"), body: text === "" ? undefined : JSON.parse(text) };
  };
  const many = (count: number) => Promise.all(Array.from({ length: count }, () => ask()));
  const DOWN = { status: 503, retryAfter: "1", type: "application/json; charset=utf-8", body: { code: "PGRST000", message: "Database connection error.", details: null, hint: null } };

  async function asAdmin(sql: string): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  const connections = async (): Promise<number> => {
    const [row] = (await asAdmin("select count(*)::int as count from pg_stat_activity where application_name = 'plinth' and datname = 'postgres'")) as Array<{ count: number }>;
    return row?.count ?? -1;
  };

  /** Who failed to connect doesn't try again at once. */
  const AFTER_A_PAUSE = { timeout: 5_000 };

  test.each(["crash", "shutDown"] as const)("%s: 503 with Retry-After while it is away, and all well when it is back", async (how) => {
    expect(new Set((await many(12)).map(({ status }) => status))).toEqual(new Set([200]));
    await server[how]();
    expect(await ask()).toEqual(DOWN);
    for (const answer of await many(12)) expect(answer).toEqual(DOWN);
    expect(await ask("POST", '{"id": 2}')).toEqual(DOWN);
    expect(await ask("PATCH", "{}")).toMatchObject({ status: 503 });
    expect(errors.length).toBeGreaterThan(10);
    await server.start();
    await expect.poll(() => ask(), AFTER_A_PAUSE).toMatchObject({ status: 200, body: [{ id: 1 }] });
    expect(new Set((await many(12)).map(({ status }) => status))).toEqual(new Set([200]));
    await expect.poll(connections, { timeout: 12_000 }).toBeLessThanOrEqual(4);
  });

  test("a backend that was asked nothing before its server went away", async () => {
    await asAdmin("create database unasked");
    await using unasked = await createTestBackend({ databaseUrl: server.url.replace(/postgres$/, "unasked"), onError: () => {} });
    const first = async () => {
      const response = await unasked.fetch("http://backend/rest/v1/things", { headers: unasked.headersFor("service") });
      return { status: response.status, retryAfter: response.headers.get("retry-after"), code: ((await response.json()) as { code?: string }).code };
    };
    await server.crash();
    expect(await first()).toEqual({ status: 503, retryAfter: "1", code: "PGRST000" });
    await server.start();
    await unasked.tenant();
    await server.crash();
    // The longer it has been away, the later it is tried again.
    expect(await first()).toEqual({ status: 503, retryAfter: expect.stringMatching(/^[12]$/), code: "PGRST002" });
    await server.start();
    await expect.poll(first, AFTER_A_PAUSE).toMatchObject({ status: 404, code: "PGRST205" });
  });

  test("requests amid which it crashes are told so, or have succeeded", async () => {
    await ask();
    const slow = backend.fetch("http://backend/rest/v1/things?id=eq.1", { headers: backend.headersFor("service") });
    const [, ...answers] = await Promise.all([server.crash(), ...Array.from({ length: 20 }, () => ask())]);
    for (const { status, retryAfter } of answers) expect([200, 503].includes(status) && (status === 200 || retryAfter === "1")).toBe(true);
    expect([200, 503]).toContain((await slow).status);
    await server.start();
    await expect.poll(async () => (await ask()).status, AFTER_A_PAUSE).toBe(200);
  });

  test("changes to the schema are seen again after it was away", async () => {
    await expect.poll(async () => (await ask()).status, AFTER_A_PAUSE).toBe(200);
    await asAdmin("create table public.after_all as select 7 as n; grant select on public.after_all to service_role");
    const after = async () => (await backend.fetch("http://backend/rest/v1/after_all", { headers: backend.headersFor("service") })).status;
    await expect.poll(after, { timeout: 15_000 }).toBe(200);
  });

  test("one that doesn't answer costs a request its time to wait, not more", async () => {
    expect(await ask()).toMatchObject({ status: 200 });
    const thaw = server.freeze();
    try {
      const held = ask();
      await new Promise((resolve) => setTimeout(resolve, 50));
      const start = performance.now();
      expect(await ask()).toMatchObject({ status: 504, retryAfter: "1", body: { code: "PGRST003", message: "Timed out acquiring connection from connection pool." } });
      expect(performance.now() - start).toBeLessThan(3_000);
      thaw();
      expect((await held).status).toBe(200);
    } finally {
      thaw();
    }
  });
});
