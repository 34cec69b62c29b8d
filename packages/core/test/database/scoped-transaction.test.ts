import { describeDatabases } from "@plinth/testing/vitest";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cancelNative } from "../../src/database/cancel-native.ts";
import type { DatabasePool } from "../../src/database/pool.ts";
import { RoutingPool } from "../../src/database/routing/routing-pool.ts";
import { DEFAULT_ROLES, type Project } from "../../src/projects/project.ts";
import { DatabaseTenant } from "../../src/tenant/database-tenant.ts";
import type { Scope } from "../../src/tenant/scope.ts";

const project: Project = { uid: "00000000-0000-4000-8000-000000000001", ref: "test", name: "test", status: "active", roles: DEFAULT_ROLES, adopted: false, settings: {}, cluster: "default", createdAt: new Date(0) };
const ann: Scope = { role: "scope_user", claims: { sub: "ann" } };
const bob: Scope = { role: "scope_user", claims: { sub: "bob" } };
const owners = (rows: ReadonlyArray<ReadonlyArray<string | null>>) => rows.map(([owner]) => owner);

const SETUP = `
  do $$ begin create role scope_user nologin; exception when duplicate_object then null; end $$;
  create table note (id int generated always as identity primary key, owner text not null, body text unique deferrable initially deferred);
  insert into note (owner, body) values ('ann', 'a1'), ('bob', 'b1');
  alter table note enable row level security;
  create policy own on note using (owner = current_setting('request.jwt.claims', true)::json ->> 'sub');
  grant select, insert, update, delete on note to scope_user;`;

describeDatabases("scoped transactions", (databases) => {
  let tenant: DatabaseTenant;
  let pool: DatabasePool;
  beforeAll(async () => {
    const { config } = await databases.create();
    const admin = new pg.Client(config);
    await admin.connect();
    await admin.query(SETUP);
    await admin.end();
    const routing = new RoutingPool({ maxConnections: 4, maxConnectionsPerTenant: 2, idleTimeoutMs: 5_000, acquireTimeoutMs: 5_000 });
    pool = routing.route({ id: "test", cluster: "test", kind: databases.kind, open: async () => ({ config, cancel: cancelNative, release: async () => undefined }) });
    tenant = new DatabaseTenant(project, pool);
  });
  afterAll(() => tenant.close());

  const select = { sql: "select owner from note order by id", parameters: [] };
  const insert = (owner: string, body: string) => ({ sql: "insert into note (owner, body) values ($1, $2) returning id::text", parameters: [owner, body] });
  const count = async (scope: Scope) => (await tenant.execute(scope, [{ sql: "select count(*)::text from note", parameters: [] }]))[0]?.rows[0]?.[0];

  test("each sees their own rows, in turn on the same connections", async () => {
    for (let i = 0; i < 5; i++) {
      expect(owners((await tenant.execute(ann, [select]))[0]!.rows)).toEqual(["ann"]);
      expect(owners((await tenant.execute(bob, [select]))[0]!.rows)).toEqual(["bob"]);
    }
  });

  test("role and claims are gone after the flight", async () => {
    await tenant.execute(ann, [select]);
    const state = await pool.withClient((client) => client.query("select current_user = session_user as own, current_setting('request.jwt.claims', true) as claims"));
    expect(state.rows[0].own).toBe(true);
    expect(state.rows[0].claims ?? "").toBe("");
  });

  test("an error leaves the connection usable and the statement preparable", async () => {
    const broken = { sql: "select 1 / $1::int", parameters: ["0"] };
    for (let i = 0; i < 3; i++) await expect(tenant.execute(ann, [broken])).rejects.toMatchObject({ code: "22012" });
    await expect(tenant.execute(ann, [{ sql: "selec", parameters: [] }])).rejects.toMatchObject({ code: "42601" });
    expect((await tenant.execute(ann, [{ ...broken, parameters: ["1"] }]))[0]!.rows).toEqual([["1"]]);
  });

  test("a role that may not be had is refused", async () => {
    await expect(tenant.execute({ role: "no_such_role" }, [select])).rejects.toMatchObject({ code: "22023" });
  });

  test("statements of one flight stand or fall together", async () => {
    await expect(tenant.execute(ann, [insert("ann", "lost"), { sql: "select 1/0", parameters: [] }])).rejects.toMatchObject({ code: "22012" });
    expect(await count(ann)).toBe("1");
  });

  test("endings: rolled back on purpose, by decision, or by a throwing decision", async () => {
    await tenant.execute(ann, [insert("ann", "x1")], "rollback");
    await tenant.execute(ann, [insert("ann", "x2")], () => "rollback");
    const thrown = tenant.execute(ann, [insert("ann", "x3")], () => {
      throw new Error("no");
    });
    await expect(thrown).rejects.toThrow("no");
    expect(await count(ann)).toBe("1");
    await tenant.execute(ann, [insert("ann", "kept")], (results) => (results[0]!.rows.length === 1 ? "commit" : "rollback"));
    expect(await count(ann)).toBe("2");
  });

  test("deferred constraints speak before a rollback on purpose", async () => {
    await expect(tenant.execute(ann, [insert("ann", "kept")], "rollback")).rejects.toMatchObject({ code: "23505" });
    expect(await count(ann)).toBe("2");
  });

  test("read-only scopes can't write", async () => {
    await expect(tenant.execute({ ...ann, readOnly: true }, [insert("ann", "y")])).rejects.toMatchObject({ code: "25006" });
  });

  test("isolation and settings are the transaction's", async () => {
    const scope: Scope = { ...ann, isolation: "serializable", settings: [["app.colour", "green"]] };
    const [result] = await tenant.execute(scope, [{ sql: "select current_setting('transaction_isolation'), current_setting('app.colour')", parameters: [] }]);
    expect(result!.rows).toEqual([["serializable", "green"]]);
  });

  test("more statements than are kept prepared still run, again and again", async () => {
    const statement = (i: number) => ({ sql: `select ${i}::text`, parameters: [] });
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 450; i++) expect((await tenant.execute(ann, [statement(i)]))[0]!.rows).toEqual([[String(i)]]);
    }
    const prepared = await pool.withClient((client) => client.query("select count(*)::int as n from pg_prepared_statements"));
    expect(prepared.rows[0].n).toBeLessThan(410);
  });

  test("Kysely runs in the scope, commits, and rolls back what throws", async () => {
    interface Db { note: { id: number; owner: string; body: string } }
    const seen = await tenant.transaction<Db, string[]>(bob, async (db) => {
      await db.insertInto("note").values({ owner: "bob", body: "k1" } as never).execute();
      return (await db.selectFrom("note").select("owner").execute()).map((row) => row.owner);
    });
    expect(seen).toEqual(["bob", "bob"]);
    const failing = tenant.transaction<Db>(bob, async (db) => {
      await db.deleteFrom("note").execute();
      await sql`select 1/0`.execute(db);
    });
    await expect(failing).rejects.toMatchObject({ code: "22012" });
    expect(await count(bob)).toBe("2");
    expect(await tenant.transaction<Db, number>(ann, async (db) => (await db.selectFrom("note").select("id").where("owner", "=", "bob").execute()).length)).toBe(0);
  });

  test("NOTIFY reaches a listener, until it stops", async () => {
    const heard: string[] = [];
    const stop = await tenant.listen("news", (payload) => heard.push(payload));
    await tenant.execute(ann, [{ sql: "select pg_notify('news', 'one')", parameters: [] }]);
    await expect.poll(() => heard).toEqual(["one"]);
    await stop();
  });

  test("twenty at once on two connections each get their own answer", async () => {
    const results = await Promise.all(Array.from({ length: 20 }, (_, i) => tenant.execute(i % 2 ? ann : bob, [select, { sql: "select $1::text", parameters: [String(i)] }])));
    results.forEach((result, i) => {
      expect(new Set(owners(result[0]!.rows))).toEqual(new Set([i % 2 ? "ann" : "bob"]));
      expect(result[1]!.rows).toEqual([[String(i)]]);
    });
  });

  if (databases.kind === "native") {
    test("an aborted request's statement is cancelled, and the connection lives on", async () => {
      const controller = new AbortController();
      const started = performance.now();
      const sleeping = tenant.execute({ ...ann, signal: controller.signal }, [{ sql: "select pg_sleep(20)", parameters: [] }]);
      setTimeout(() => controller.abort(), 100);
      await expect(sleeping).rejects.toMatchObject({ code: "PLINTH_REQUEST_ABORTED" });
      expect(performance.now() - started).toBeLessThan(5_000);
      expect(await count(ann)).toBe("2");
    });

    test("connections that the server ended are replaced", async () => {
      await tenant.execute(ann, [select]);
      await expect(
        pool.withClient(async (client) => {
          await client.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
          await client.query("select pg_terminate_backend(pg_backend_pid())");
        }),
      ).rejects.toMatchObject({ code: "PLINTH_DATABASE_UNAVAILABLE" });
      expect(owners((await tenant.execute({ ...bob, readOnly: true }, [select]))[0]!.rows)).toEqual(["bob", "bob"]);
    });
  }
});
