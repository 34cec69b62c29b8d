import { rmSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { projectFolder, write } from "./support/project-folder.ts";
import { type Announcement, runPlinth, startDev } from "./support/run-plinth.ts";

const TODOS = "create table public.todos (id int primary key, title text not null);";

async function rest({ url, serviceRoleKey }: Announcement, path: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}/rest/v1/${path}`, { ...init, headers: { apikey: serviceRoleKey, "content-type": "application/json" } });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

async function query(databaseUrl: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test("serves the folder's migrations; says one line; ends when told; goes on with the same data", { timeout: 120_000 }, async () => {
  const cwd = projectFolder({ "migrations/0002_rows.sql": "insert into todos values (1, 'first');", "migrations/0001_todos.sql": TODOS });
  const first = await startDev([], { cwd });
  const { announced } = first;
  expect(Object.keys(announced)).toEqual(["url", "ref", "anonKey", "serviceRoleKey", "jwtSecret", "databaseUrl"]);
  expect(announced.ref).toBe("default");
  expect(await rest(announced, "todos")).toEqual({ status: 200, body: [{ id: 1, title: "first" }] });
  expect((await fetch(`${announced.url}/rest/v1/todos`, { headers: { apikey: announced.serviceRoleKey, cookie: `session=${"x".repeat(40_000)}` } })).status).toBe(200);

  // The owner's way in: it may do what no key may, and what it makes is served.
  expect(await query(announced.databaseUrl, "select current_user as who")).toEqual([{ who: "postgres" }]);
  await query(announced.databaseUrl, "create table public.by_owner as select 7 as n");
  expect(await rest(announced, "by_owner")).toEqual({ status: 200, body: [{ n: 7 }] });

  const second = await runPlinth(["dev", "--port", "0", "--json"], { cwd });
  expect(second).toMatchObject({ code: 1, stdout: "" });
  expect(second.stderr).toMatch(/^plinth: Another process is using this data folder\. \(PLINTH_DIRECTORY_LOCKED\)\n {2}Process \d+ on .+ has .+ open\.\n {2}Stop the other process, or give this one a data folder of its own/);

  expect((await rest(announced, "todos", { method: "POST", body: '{"id": 2, "title": "second"}' })).status).toBe(201);
  const { code, stdout, stderr, milliseconds } = await first.stop("SIGTERM");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout.split("\n")).toEqual([JSON.stringify(announced), ""]);
  expect(milliseconds).toBeLessThan(3_000);
  await expect(fetch(announced.url)).rejects.toThrow();

  const third = await startDev([], { cwd });
  expect(third.announced).toMatchObject({ anonKey: expect.any(String), jwtSecret: announced.jwtSecret });
  expect((await rest(third.announced, "todos?order=id")).body).toEqual([{ id: 1, title: "first" }, { id: 2, title: "second" }]);
  expect((await third.stop("SIGINT")).code).toBe(0);
});

test("applies what is added to the folder while it runs, and lives on when that fails", { timeout: 120_000 }, async () => {
  const cwd = projectFolder({ "db/0001_todos.sql": TODOS });
  const plinth = await startDev(["--migrations", "db"], { cwd });
  write(cwd, "db/0002_more.sql", "alter table todos add column done boolean default false; insert into todos values (1, 'x')");
  await expect.poll(() => plinth.stderr, { timeout: 20_000 }).toContain("Applied 0002_more.sql\n");
  expect((await rest(plinth.announced, "todos")).body).toEqual([{ id: 1, title: "x", done: false }]);
  write(cwd, "db/0003_wrong.sql", "select 1;\nselect nothing_of_the_kind;");
  await expect.poll(() => plinth.stderr, { timeout: 20_000 }).toContain('plinth: 0003_wrong.sql:2: column "nothing_of_the_kind" does not exist (SQLSTATE 42703) (PLINTH_MIGRATION_FAILED)\n  > select nothing_of_the_kind;');
  write(cwd, "db/0003_wrong.sql", "create table late (id int);");
  await expect.poll(() => plinth.stderr, { timeout: 20_000 }).toContain("Applied 0003_wrong.sql\n");
  expect(await rest(plinth.announced, "late")).toEqual({ status: 200, body: [] });
  write(cwd, "db/0001_todos.sql", `${TODOS} -- changed`);
  await expect.poll(() => plinth.stderr, { timeout: 20_000 }).toContain("plinth: Applied before and changed since: 0001_todos.sql (PLINTH_MIGRATION_CHANGED)\n  Restore the file");
  expect((await rest(plinth.announced, "todos")).status).toBe(200);
  expect(plinth.stdout.split("\n")).toHaveLength(2);
  await plinth.stop();

  // Nor does it start with them.
  expect(await runPlinth(["dev", "--port", "0", "--migrations", "db"], { cwd })).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("changed since: 0001_todos.sql") });
  write(cwd, "db/0001_todos.sql", TODOS);
  write(cwd, "db/0004_wrong.sql", "create table t (id int);\n\ninsert into t values ('x');");
  const failed = await runPlinth(["dev", "--port", "0", "--migrations", "db"], { cwd });
  expect(failed).toMatchObject({ code: 1, stdout: "" });
  expect(failed.stderr).toMatch(/^plinth: 0004_wrong\.sql:3: invalid input syntax for type integer: "x" \(SQLSTATE 22P02\)/);
});

test("a request under way and a session of psql don't keep it from ending", { timeout: 120_000 }, async () => {
  const cwd = projectFolder({ "migrations/1.sql": "create function public.nap(seconds int) returns void language sql as 'select pg_sleep(seconds)';" });
  const plinth = await startDev([], { cwd });
  const client = new pg.Client({ connectionString: plinth.announced.databaseUrl });
  client.on("error", () => undefined);
  await client.connect();
  onTestFinished(() => client.end().catch(() => undefined));
  await rest(plinth.announced, "rpc/nap?seconds=0");
  const request = rest(plinth.announced, "rpc/nap?seconds=60").catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const statement = client.query("select pg_sleep(60)").catch((error: unknown) => error);
  const { code, milliseconds } = await plinth.stop("SIGINT");
  expect(code).toBe(0);
  expect(milliseconds).toBeLessThan(5_000);
  expect(await request).toBeInstanceOf(Error);
  expect(await statement).toBeInstanceOf(Error);
});

test("a port that is taken", { timeout: 60_000 }, async () => {
  const cwd = projectFolder();
  const taken = net.createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void taken.close());
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as net.AddressInfo;
  expect(await runPlinth(["dev", "--port", `${port}`], { cwd })).toEqual({
    code: 1,
    stdout: "",
    stderr: `plinth: port ${port} on 127.0.0.1 is in use already: stop what listens there, or choose another with --port (0 takes a free one).\n`,
  });
  expect(await runPlinth(["dev", "--port", "0", "--db-port", `${port}`], { cwd })).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(`port ${port} on 127.0.0.1 is in use already: stop what listens there, or choose another with --db-port`) });
});

test("a data folder that can't be made", async () => {
  const cwd = projectFolder({ "file": "" });
  rmSync(path.join(cwd, ".plinth"), { recursive: true });
  const ended = await runPlinth(["dev", "--data", "file/data"], { cwd });
  expect(ended).toMatchObject({ code: 1, stdout: "" });
  expect(ended.stderr).toContain("ENOTDIR");
});
