import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NativeHost } from "../../src/projects/native/native-host.ts";
import type { ProjectWithKeys } from "../../src/projects/project.ts";
import { databaseIn, type NativeWorld, openNativeWorld, query, uniqueRef } from "./support/native-world.ts";

let world: NativeWorld;
let a: ProjectWithKeys & { readonly databaseUrl: string };
let b: typeof a;

beforeAll(async () => {
  world = await openNativeWorld();
  const create = async () => (await world.projects.create({ ref: uniqueRef() })) as typeof a;
  [a, b] = [await create(), await create()];
  for (const { ref } of [a, b]) {
    const owner = await world.projects.ownerDatabase(ref);
    await owner.script("create table notes (text text); alter table notes enable row level security; insert into notes values ('secret'); create schema plinth; create table plinth.migrations (name text)");
    await owner.release();
  }
});
afterAll(() => world.end());

/** @returns the SQLSTATE that the statement is refused with */
const refusal = (url: string, sql: string): Promise<string> => query(url, sql).then(() => "allowed", (error: { code: string }) => error.code);

describe("a project's login", () => {
  test("can't connect to another project's database", async () => {
    const name = decodeURIComponent(new URL(b.databaseUrl).pathname.slice(1));
    expect(await refusal(databaseIn(a.databaseUrl, name), "select 1")).toBe("42501");
    expect(await refusal(a.databaseUrl, "select 1")).toBe("allowed");
  });

  test("is nothing but a login", async () => {
    const [role] = await query(world.adminUrl, "select rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls from pg_roles where rolname = $1", [`plinth_${a.ref}`]);
    expect(role).toEqual({ rolsuper: false, rolinherit: false, rolcreaterole: false, rolcreatedb: false, rolcanlogin: true, rolreplication: false, rolbypassrls: false });
    const [password] = await query<{ rolpassword: string }>(world.adminUrl, "select rolpassword from pg_authid where rolname = $1", [`plinth_${a.ref}`]);
    expect(password?.rolpassword).toMatch(/^SCRAM-SHA-256\$4096:/);
    const owned = await query(databaseIn(world.adminUrl, `plinth_${a.ref}`), "select from pg_shdepend d join pg_roles r on r.oid = d.refobjid where r.rolname = $1 and d.deptype = 'o'", [`plinth_${a.ref}`]);
    expect(owned).toEqual([]);
  });

  test("may switch to the project's three roles and to no other", async () => {
    for (const role of ["anon", "authenticated", "service_role"]) expect(await refusal(a.databaseUrl, `set role ${role}`), role).toBe("allowed");
    const owner = decodeURIComponent(new URL(world.adminUrl).username);
    for (const role of [owner, "pg_read_all_data", "pg_execute_server_program", `"plinth_${b.ref}"`]) expect(await refusal(a.databaseUrl, `set role ${role}`), role).toBe("42501");
  });

  test.each([
    "select * from notes",
    "create table mine (id int)",
    "create schema mine",
    "create role mine",
    "create database mine",
    "alter table notes disable row level security",
    "select * from plinth.migrations",
    "set role service_role; select * from plinth.migrations",
    "set role service_role; create table mine (id int)",
    "set role authenticated; create or replace function auth.uid() returns uuid language sql as 'select null::uuid'",
    "set role service_role; set session_replication_role = replica",
    "set role service_role; copy (select 1) to program 'true'",
  ])("may not: %s", async (sql) => {
    expect(await refusal(a.databaseUrl, sql)).toBe("42501");
  });

  test("reads rows only as row level security lets it", async () => {
    expect(await query(a.databaseUrl.concat("?options=-crole%3Danon"), "select * from notes")).toEqual([]);
    expect(await query(a.databaseUrl.concat("?options=-crole%3Dservice_role"), "select * from notes")).toEqual([{ text: "secret" }]);
  });

  test.each(["session", "anon", "authenticated", "service_role"])("as %s, sees nothing in the catalogs of other databases, logins and what they do", async (role) => {
    const url = role === "session" ? a.databaseUrl : a.databaseUrl.concat(`?options=-crole%3D${role}`);
    for (const what of [
      "pg_database", "pg_roles", "pg_user", "pg_authid", "pg_auth_members", "pg_db_role_setting", "pg_shdescription", "pg_shdepend", "pg_tablespace", "pg_stat_activity", "pg_stat_database",
      "pg_stat_ssl", "pg_locks", "pg_replication_slots", "pg_prepared_xacts", "pg_hba_file_rules", "pg_file_settings",
    ]) expect(await refusal(url, `select * from ${what}`), what).toBe("42501");
    for (const call of ["pg_stat_get_activity(null)", "pg_lock_status()", "pg_stat_get_backend_idset()", "pg_stat_get_backend_activity(1)", "pg_ls_dir('.')"]) expect(await refusal(url, `select ${call}`), call).toBe("42501");
  });

  test("works with its own all the same", async () => {
    const url = a.databaseUrl.concat("?options=-crole%3Dauthenticated");
    const [row] = await query(url, "select current_database() is not null as place, current_user as who, pg_has_role('anon', 'usage') as may, has_table_privilege('notes', 'select') as reads, auth.uid() as uid, (select count(*) > 0 from information_schema.tables) as tables, current_setting('server_version_num')::int > 0 as version");
    expect(row).toEqual({ place: true, who: "authenticated", may: false, reads: true, uid: null, tables: true, version: true });
  });

  test("can't read the control plane", async () => {
    const metadata = databaseIn(a.databaseUrl, new URL(world.adminUrl).pathname.slice(1));
    expect(await refusal(metadata, "select * from plinth.projects")).toBe("42501");
    expect(await refusal(metadata, "set role service_role; select * from plinth.projects")).toBe("42501");
  });
});

test("an administrator who is no superuser makes projects all the same, whose catalogs stay as PostgreSQL has them", async () => {
  const admin = uniqueRef("admin");
  await query(world.adminUrl, `create role "${admin}" login createrole createdb password 'pw'; grant anon, authenticated, service_role to "${admin}" with admin option`);
  const projects = await world.another({ host: new NativeHost({ adminUrl: Object.assign(new URL(world.adminUrl), { username: admin, password: "pw" }).href }), drainMs: 0 });
  const { ref, databaseUrl } = await projects.create({ ref: uniqueRef() });
  expect(await refusal(databaseUrl as string, "select count(*) from pg_database")).toBe("allowed");
  const session = new pg.Client({ connectionString: databaseUrl as string });
  const ended = new Promise((resolve) => session.once("end", resolve));
  session.on("error", () => undefined);
  await session.connect();
  await projects.pause(ref);
  await ended;
  expect(await refusal(databaseUrl as string, "select 1")).toBe("28000");
  await projects.resume(ref);
  expect(await refusal(databaseUrl as string, "select 1")).toBe("allowed");
  await projects.delete(ref);
  await query(world.adminUrl, `drop owned by "${admin}"; drop role "${admin}"`);
});

test("a login is held to what the server was told for it", async () => {
  const host = new NativeHost({ adminUrl: world.adminUrl, loginLimits: { connections: 2, statementTimeoutMs: 200, idleInTransactionMs: 300 } });
  const projects = await world.another({ host });
  const { ref, databaseUrl } = await projects.create({ ref: uniqueRef() });
  const url = databaseUrl as string;
  expect(await refusal(url, "select pg_sleep(5)")).toBe("57014");
  expect(await query(url, "select current_setting('idle_in_transaction_session_timeout') as idle")).toEqual([{ idle: "300ms" }]);
  const held = [new pg.Client({ connectionString: url }), new pg.Client({ connectionString: url })];
  for (const client of held) await client.connect();
  expect(await refusal(url, "select 1")).toBe("53300");
  for (const client of held) await client.end();
  await projects.delete(ref);
});

test("a project that is paused lets nobody in, not with its own password", async () => {
  const { ref, databaseUrl } = await world.projects.create({ ref: uniqueRef() });
  const session = new pg.Client({ connectionString: databaseUrl as string });
  const ended = new Promise((resolve) => session.once("end", resolve));
  session.on("error", () => undefined);
  await session.connect();
  await (await world.another({ drainMs: 50 })).pause(ref);
  await ended;
  expect(await refusal(databaseUrl as string, "select 1")).toBe("28000");
  await world.projects.resume(ref);
  expect(await refusal(databaseUrl as string, "select 1")).toBe("allowed");
  await world.projects.delete(ref, { graceMs: 60_000 });
  expect(await refusal(databaseUrl as string, "select 1")).toBe("28000");
  await world.projects.restore(ref);
  expect(await refusal(databaseUrl as string, "select 1")).toBe("allowed");
});

test("nothing secret is stored in the clear", async () => {
  const [row] = await query(world.adminUrl, "select * from plinth.projects where ref = $1", [a.ref]);
  const password = new URL(a.databaseUrl).password;
  expect(JSON.stringify(row)).toContain(a.ref);
  for (const secret of [password, a.jwtSecret, a.anonKey, a.serviceRoleKey]) expect(JSON.stringify(row)).not.toContain(secret);
});

test("another master key is refused at the start", async () => {
  await expect(world.another({ masterKey: "the wrong passphrase, of a good length" })).rejects.toMatchObject({ code: "PLINTH_MASTER_KEY_INVALID", hint: expect.stringContaining("PLINTH_MASTER_KEY") });
});
