import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openNativeOrEmbedded } from "../scenarios/support/open-backend.ts";

const ANN = { sub: "00000000-0000-4000-8000-00000000000a", role: "authenticated" };

/** Functions as a careless owner might write them. Each tries to be more than its caller, or to leave something behind. */
const FUNCTIONS = `
  create table public.vault (id int, text text);
  insert into vault values (1, 'mark-of-the-vault');
  revoke all on vault from anon, authenticated;
  create function become(who text) returns text language plpgsql as $$ begin perform set_config('role', who, false); return current_user; end $$;
  create function become_session(who text) returns text language plpgsql as $$ begin perform set_config('session_authorization', who, false); return current_user; end $$;
  create function run(statement text) returns text language plpgsql as $$ begin execute statement; return current_user; end $$;
  create function peek() returns setof vault language sql as 'select * from vault';
  create function state() returns json language sql as $$ select json_build_object(
    'user', current_user, 'role', current_setting('role'), 'claims', current_setting('request.jwt.claims', true),
    'headers', current_setting('request.headers', true), 'path', current_setting('search_path'), 'app', current_setting('app.settings.mark', true),
    'own', current_setting('my.mark', true), 'zone', current_setting('timezone'), 'read_only', current_setting('transaction_read_only')) $$;
  create function leave(name text, value text) returns void language plpgsql as $$ begin perform set_config(name, value, true); end $$;`;

describeDatabases("sessions", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  beforeAll(async () => {
    // One connection, so that every request follows the one before on it.
    ({ backend, close } = await openNativeOrEmbedded(databases, { pool: { maxConnectionsPerProject: 1 }, sql: FUNCTIONS }));
  });
  afterAll(() => close());

  async function call(name: string, argument: object, who: Parameters<TestBackend["headersFor"]>[0] = "anon", more: Readonly<Record<string, string>> = {}) {
    const headers = { ...backend.headersFor(who), "content-type": "application/json", ...more };
    const response = await backend.fetch(`http://backend/rest/v1/rpc/${name}`, { method: "POST", headers, body: JSON.stringify(argument) });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : (JSON.parse(text) as unknown), text };
  }

  async function vault(): Promise<string | undefined> {
    return (await backend.sql<{ text: string }>("select text from vault"))[0]?.text;
  }

  test.each(["postgres", "service_role", "authenticated", "authenticator", "plinth_default", "pg_read_all_data"])("SET ROLE %s does not open the vault to the next request", async (who) => {
    await call("become", { who });
    expect((await call("peek", {})).status).toBe(401);
    expect((await call("state", {})).body).toMatchObject({ user: "anon", role: "anon" });
  });

  test("a superuser's role is not to be had by SET ROLE", async () => {
    for (const who of ["postgres", "pg_read_all_data"]) expect(await call("become", { who })).toMatchObject({ status: 401, body: { code: "42501" } });
  });

  /** Natively the session's user is fixed by its login. */
  if (databases.kind === "native") {
    test.each(["set session authorization postgres", "set local session authorization postgres"])("%s is refused", async (statement) => {
      expect(await call("run", { statement })).toMatchObject({ status: 401, body: { code: "42501" } });
      expect(await call("run", { statement: `${statement}; update vault set text = 'taken'` })).toMatchObject({ status: 401 });
    });

    test("set_config of the session's user is refused", async () => {
      expect(await call("become_session", { who: "postgres" })).toMatchObject({ status: 401, body: { code: "42501" } });
    });
  }

  test.each(["reset session authorization", "set session authorization default", "reset role", "set local session authorization default"])("%s makes no superuser of a caller", async (statement) => {
    const { text } = await call("run", { statement });
    expect(text).not.toBe('"postgres"');
    await call("run", { statement: `${statement}; update public.vault set text = 'taken'` });
    expect(await vault()).toBe("mark-of-the-vault");
    expect((await call("state", {})).body).toMatchObject({ user: "anon" });
    expect((await call("peek", {})).status).toBe(401);
  });

  test("a request leaves nothing of itself on its connection", async () => {
    await call("state", {}, ANN, { "x-mark": "mark-of-ann", prefer: "timezone=Asia/Tokyo", cookie: "mark=mark-of-ann" });
    for (const [name, value] of [["my.mark", "left"], ["app.settings.mark", "left"], ["search_path", "pg_temp"], ["request.jwt.claims", '{"role":"service_role"}']]) await call("leave", { name, value }, ANN);
    const { body, text } = await call("state", {});
    expect(text).not.toContain(ANN.sub);
    expect(text).not.toContain("mark-of-ann");
    expect(text).not.toContain("left");
    expect(body).toMatchObject({ user: "anon", role: "anon", claims: expect.stringContaining('"role":"anon"') as string });
    expect((body as { zone: string }).zone).not.toBe("Asia/Tokyo");
    expect((body as { path: string }).path).toBe('"public", "public", "extensions"');
  });

  test("a request that fails leaves nothing either", async () => {
    await call("run", { statement: "set local my.mark = 'left'; select 1 / 0" }, ANN);
    const { text } = await call("state", {});
    expect(text).not.toContain("left");
    expect(text).not.toContain(ANN.sub);
  });

  test("a transaction in process leaves nothing, thrown out of or not", async () => {
    const tenant = await backend.tenant();
    for (const fails of [false, true]) {
      await tenant
        .transaction({ role: "service_role", claims: ANN, settings: [["my.mark", "left"]] }, async (db) => {
          await db.selectFrom("vault").selectAll().execute();
          if (fails) throw new Error("no");
        })
        .catch(() => undefined);
      const { text } = await call("state", {});
      expect(text).not.toContain("left");
      expect(text).not.toContain(ANN.sub);
      expect((await call("peek", {})).status).toBe(401);
    }
  });

  test("what a session keeps on purpose is nobody else's right", async () => {
    await call("run", { statement: "set session my.mark = 'kept'" }, ANN);
    expect((await call("peek", {})).status).toBe(401);
    await call("run", { statement: "create temporary table books (id int)" });
    await call("run", { statement: "set session search_path = pg_temp" });
    expect((await call("state", {})).body).toMatchObject({ user: "anon", path: '"public", "public", "extensions"' });
  });

  test.each(["set role service_role", "reset session authorization", "set session authorization default", "set session search_path = pg_temp"])("%s in a function changes nothing for the owner's connection", async (statement) => {
    await call("run", { statement });
    await backend.sql("create table made (id int)");
    expect(await backend.sql("select schemaname as schema from pg_tables where tablename = 'made'")).toEqual([{ schema: "public" }]);
    await backend.sql("drop table made");
  });

  if (databases.kind === "embedded") {
    /** The embedded database's sessions all begin as its superuser, and go back there if a function lets its caller say so. */
    test("whoever is superuser of an embedded database has that database, and nothing beyond", async () => {
      await backend.sql("create function read(statement text) returns text language plpgsql as $$ declare found text; begin set local session authorization postgres; execute statement into found; return found; end $$");
      await backend.projects.create({ ref: "neighbour" });
      await backend.sql("create table public.neighbours (mark text); insert into neighbours values ('mark-of-the-neighbour')", "neighbour");
      const read = async (statement: string) => (await call("read", { statement })).text;
      await expect.poll(() => read("select 1"), { timeout: 5_000 }).toBe('"1"');
      expect(await read("select current_user")).toBe('"postgres"');
      expect(await read("select string_agg(datname, ',' order by datname) from pg_database where datname not like 'template%'")).toBe('"postgres"');
      expect(await read("select to_regclass('public.neighbours')::text")).toBe("null");
      expect(await read("select to_regclass('plinth.projects')::text")).toBe("null");
      expect(await read(`select pg_read_file('${process.execPath}')`)).toContain('"58P01"');
      expect(await read(`select string_agg(name, ',') from pg_ls_dir('${process.cwd()}') name`)).toContain('"58P01"');
      expect(await read("select string_agg(name, ',') from pg_ls_dir('/dev/shm') name")).not.toContain("plinth-memory-");
      expect((await call("peek", {})).status).toBe(401);
    });
  }
});
