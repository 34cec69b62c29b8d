import { createTestBackend, type TestBackend, nativeDatabases, type TestDatabase, urlOf } from "@plinth/testing";
import type { ProjectWithKeys } from "plinth";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

const server = inject("nativePostgresUrl");

/** What somebody could do who got hold of project a's database URL. */
describe.skipIf(server === undefined)("a project's own login", () => {
  let database: TestDatabase;
  let backend: TestBackend;
  let a: ProjectWithKeys;
  let b: ProjectWithKeys;

  beforeAll(async () => {
    database = await nativeDatabases(server ?? "").create();
    backend = await createTestBackend({ databaseUrl: urlOf(database), pool: { maxConnectionsPerProject: 2 } });
    a = await backend.projects.create({ ref: "login-a" });
    b = await backend.projects.create({ ref: "login-b" });
    for (const { ref } of [a, b]) {
      await backend.sql("create table public.secrets (id int, text text); create table public.closed (id int); revoke all on closed from anon, authenticated, service_role; insert into closed values (1)", ref);
    }
  });
  afterAll(async () => {
    for (const { ref } of (await backend.projects.list()).projects) await backend.projects.delete(ref);
    await backend.close();
    await database.drop();
  });

  const urlOfA = () => a.databaseUrl ?? "";
  const into = (name: string): string => {
    const url = new URL(urlOfA());
    url.pathname = `/${name}`;
    return url.href;
  };
  const nameIn = (url: string): string => new URL(url).pathname.slice(1);

  async function inA<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: urlOfA() });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  test("gets into no other database that is a project's", async () => {
    for (const name of [nameIn(b.databaseUrl ?? ""), nameIn(backend.project.databaseUrl ?? "")]) {
      await expect(new pg.Client({ connectionString: into(name) }).connect(), name).rejects.toMatchObject({ code: "42501" });
    }
  });

  test("nor does it with another's name and its own password", async () => {
    const url = new URL(b.databaseUrl ?? "");
    url.password = new URL(urlOfA()).password;
    await expect(new pg.Client({ connectionString: url.href }).connect()).rejects.toMatchObject({ code: "28P01" });
  });

  test.each(["postgres", "pg_read_all_data", "pg_read_server_files", "pg_execute_server_program", "pg_monitor", "pg_signal_backend"])("may not become %s", async (role) => {
    await inA(async (client) => {
      await expect(client.query(`set role ${role}`)).rejects.toMatchObject({ code: "42501" });
      await expect(client.query(`set session authorization ${role}`)).rejects.toMatchObject({ code: "42501" });
    });
  });

  test("may not become another project's login", async () => {
    const other = decodeURIComponent(new URL(b.databaseUrl ?? "").username);
    await inA((client) => expect(client.query(`set role ${pg.escapeIdentifier(other)}`)).rejects.toMatchObject({ code: "42501" }));
  });

  /** As the login itself, and as each role that it may switch to. */
  const FORBIDDEN = [
    "select * from pg_authid",
    "select * from pg_user_mapping",
    "select * from plinth.projects",
    "select * from plinth.migrations",
    "select * from closed",
    "create table public.mine (id int)",
    "create schema mine",
    "create extension dblink",
    "create role mine",
    "create database mine",
    "alter role postgres password 'x'",
    "alter system set log_statement = 'all'",
    "select pg_read_file('/etc/passwd')",
    "select pg_ls_dir('/')",
    "select lo_import('/etc/passwd')",
    "copy pg_class to program 'true'",
    "copy pg_class to '/tmp/plinth-copy'",
    "create function public.mine() returns int language sql as 'select 1'",
    "create or replace function auth.uid() returns uuid language sql as 'select null::uuid'",
    "drop event trigger plinth_ddl_command",
    "alter table secrets disable row level security",
    "grant service_role to anon",
  ];

  test.each(["session", "anon", "authenticated", "service_role"])("as %s, reads and changes nothing but the project's data", async (role) => {
    await inA(async (client) => {
      if (role !== "session") await client.query(`set role ${role}`);
      for (const statement of FORBIDDEN) {
        const refused = await client.query(statement).then(() => "done", (error: pg.DatabaseError) => error.code);
        expect(["42501", "42P01", "3F000", "2BP01", "0LP01"], `${role}: ${statement}`).toContain(refused);
      }
    });
  });

  test("sees no statement, and ends no session, of another project", async () => {
    const other = new pg.Client({ connectionString: b.databaseUrl ?? "" });
    await other.connect();
    await other.query("select 'mark-of-b'");
    await inA(async (client) => {
      await expect(client.query("select query from pg_stat_activity")).rejects.toMatchObject({ code: "42501" });
      const { processID } = other as pg.Client & { readonly processID: number };
      await expect(client.query("select pg_terminate_backend($1)", [processID])).rejects.toMatchObject({ code: "42501" });
      await expect(client.query("select pg_cancel_backend($1)", [processID])).rejects.toMatchObject({ code: "42501" });
    });
    await other.end();
  });
});
