import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

  test("can't read the control plane", async () => {
    const metadata = databaseIn(a.databaseUrl, new URL(world.adminUrl).pathname.slice(1));
    expect(await refusal(metadata, "select * from plinth.projects")).toBe("42501");
    expect(await refusal(metadata, "set role service_role; select * from plinth.projects")).toBe("42501");
  });
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
