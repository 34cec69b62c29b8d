import { setTimeout as sleep } from "node:timers/promises";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OpenBackend, openNativeOrEmbedded } from "./support/open-backend.ts";
import { until } from "./support/until.ts";

const IDLE_MS = 40;

describeDatabases("a schema that changes while its project is idle", (databases) => {
  let open: OpenBackend;
  let backend: TestBackend;
  beforeAll(async () => {
    open = await openNativeOrEmbedded(databases, { pool: { maxConnectionsPerProject: 3, idleTimeoutMs: IDLE_MS }, sql: "create table things (id int primary key, name text); insert into things values (1, 'a')" });
    backend = open.backend;
  });
  afterAll(() => open.close());

  const ask = async (path: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> => {
    const headers = { ...backend.headersFor("service"), "content-type": "application/json", prefer: "return=representation" };
    const response = await backend.fetch(`http://backend/rest/v1/${path}`, { ...init, headers });
    return { status: response.status, body: await response.json() };
  };
  const connections = async (): Promise<number> => {
    const [row] = await backend.sql<{ count: string }>("select count(*) from pg_stat_activity where datname = current_database() and application_name = 'plinth'");
    return Number(row?.count);
  };
  /** Until requests have no connection. The embedded database doesn't tell of its clients. */
  const idle = async (): Promise<void> => {
    if (databases.kind === "native") await until(async () => (await connections()) === 0);
    else await sleep(IDLE_MS * 3);
  };

  test("shows a new table to the very next request, which finds no connection", async () => {
    expect(await ask("things")).toEqual({ status: 200, body: [{ id: 1, name: "a" }] });
    await idle();
    await backend.sql("create table fresh (id int); insert into fresh values (7)");
    expect(await ask("fresh")).toEqual({ status: 200, body: [{ id: 7 }] });
  });

  test("writes by the new schema alone", async () => {
    await ask("things");
    await idle();
    await backend.sql("alter table things rename column name to label");
    expect(await ask("things?columns=id,label", { method: "POST", body: '{"id": 2, "label": "b"}' })).toEqual({ status: 201, body: [{ id: 2, label: "b" }] });
    await idle();
    await backend.sql("alter table things add column rank int default 3");
    expect(await ask("things?id=eq.2", { method: "PATCH", body: '{"rank": 4}' })).toEqual({ status: 200, body: [{ id: 2, label: "b", rank: 4 }] });
  });

  test("has forgotten what was dropped", async () => {
    await ask("fresh");
    await idle();
    await backend.sql("drop table fresh");
    expect(await ask("fresh")).toMatchObject({ status: 404, body: { code: "PGRST205" } });
  });

  test("is looked at once for all who ask at the same time", async () => {
    await idle();
    await backend.sql("create table crowd (id int)");
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask("crowd")));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  describe("and while it is in use", () => {
    test("shows a new table at once", async () => {
      for (let i = 0; i < 5; i++) {
        await ask("things");
        await backend.sql(`create table busy_${i} (id int)`);
        expect(await ask(`busy_${i}`)).toEqual({ status: 200, body: [] });
        await sleep(IDLE_MS / 2);
      }
    });
  });
});
