import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openNativeOrEmbedded } from "./support/open-backend.ts";

const SQL = `
  create table numbers (id int primary key, parent int references numbers, note text);
  insert into numbers select n, nullif(n / 2, 0), 'number ' || n from generate_series(1, 20000) n;
  grant select, insert, update on numbers to anon, service_role;
  create function note_request() returns void language plpgsql as $$ begin
    perform set_config('response.headers', format('[{"X-Before": "%s"}]', 1 + coalesce(nullif(current_setting('request.calls', true), '')::int, 0)), true);
    perform set_config('request.calls', '1', true);
  end $$;
  create function all_numbers() returns setof numbers language sql stable as 'select * from numbers';`;

const TOO_COSTLY = { code: "PLINTH_READ_TOO_COSTLY", details: null, hint: "Ask for less: give a limit, or filter by an indexed column.", message: "This read would cost more than is allowed." };

describeDatabases("the cost guard", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { rest: { maxCost: 100, planEnabled: true, preRequest: "public.note_request" }, sql: SQL }));
    await backend.sql("analyze numbers");
  });
  afterAll(() => close());

  const ask = (path: string, init: { method?: string; headers?: Record<string, string>; body?: string; who?: "anon" | "service" } = {}): Promise<Response> =>
    backend.fetch(`http://backend/rest/v1/${path}`, { ...init, headers: { ...backend.headersFor(init.who ?? "anon"), ...init.headers } });

  test.for(["numbers", "numbers?note=eq.number%205", "numbers?select=id&order=note&limit=1", "numbers?select=id,numbers(id)&limit=1000", "numbers?offset=19000&limit=5"])("refuses %s", async (path) => {
    const response = await ask(path);
    expect(response.status).toBe(400);
    expect(response.headers.get("proxy-status")).toBe("PostgREST; error=PLINTH_READ_TOO_COSTLY");
    expect(await response.json()).toEqual(TOO_COSTLY);
  });

  test("answers what costs little, as it would without", async () => {
    const one = await ask("numbers?id=eq.7&select=id,up:parent(id)", { headers: { accept: "application/vnd.pgrst.object+json" } });
    expect(one.headers.get("x-before")).toBe("1");
    expect(await one.json()).toEqual({ id: 7, up: { id: 3 } });
    const some = await ask("numbers?limit=2&select=id", { headers: { prefer: "count=planned" } });
    expect(some.headers.get("content-range")).toMatch(/^0-1\/(19|20)\d{3}$/);
    expect(await some.json()).toEqual([{ id: 1 }, { id: 2 }]);
    expect((await ask("numbers?id=eq.7", { headers: { accept: "application/vnd.pgrst.object+json" } })).status).toBe(200);
    expect(await (await ask("numbers?id=eq.0", { headers: { accept: "application/vnd.pgrst.object+json" } })).json()).toMatchObject({ code: "PGRST116" });
    expect(await (await ask("numbers?id=eq.x")).json()).toMatchObject({ code: "22P02" });
  });

  test("counts what counting costs, and of HEAD what HEAD does", async () => {
    expect((await ask("numbers", { method: "HEAD" })).status).toBe(400);
    expect(await (await ask("numbers?limit=2", { headers: { prefer: "count=exact" } })).json()).toEqual(TOO_COSTLY);
  });

  test("lets the service role read anything, and is not asked of writes, functions and plans that run nothing", async () => {
    expect(((await (await ask("numbers?select=id", { who: "service" })).json()) as unknown[]).length).toBe(20_000);
    expect(((await (await ask("rpc/all_numbers?select=id")).json()) as unknown[]).length).toBe(20_000);
    expect((await ask("numbers?note=eq.number%205", { method: "PATCH", headers: { "content-type": "application/json" }, body: '{"note":"number 5"}' })).status).toBe(204);
    expect((await ask("numbers", { headers: { accept: "application/vnd.pgrst.plan+text" } })).status).toBe(200);
    expect(await (await ask("numbers", { headers: { accept: "application/vnd.pgrst.plan+json; options=analyze" } })).json()).toEqual(TOO_COSTLY);
    expect((await ask("numbers?id=eq.1", { headers: { accept: "application/vnd.pgrst.plan+json; options=analyze" } })).status).toBe(200);
  });

  test("is a project's own, role by role", async () => {
    await backend.projects.update("default", { settings: { rest: { maxCost: { service_role: 100 } } } });
    expect((await ask("numbers")).status).toBe(200);
    expect((await ask("numbers", { who: "service" })).status).toBe(400);
  });
});
