import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativeDatabases } from "@plinth/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { migrate } from "../../src/migrations/migrate.ts";
import { readMigrations } from "../../src/migrations/read-migrations.ts";
import { openOwnerDatabase, type OwnerDatabaseLease } from "../../src/projects/open-owner-database.ts";

let owner: OwnerDatabaseLease;
let database: Awaited<ReturnType<ReturnType<typeof nativeDatabases>["create"]>>;
let directory: string;

beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), "plinth-migrations-"))));
afterAll(() => rm(directory, { recursive: true }));
beforeEach(async () => {
  database = await nativeDatabases(inject("nativePostgresUrl") as string).create();
  owner = await openOwnerDatabase({ config: database.config, release: async () => undefined });
});
afterEach(async () => {
  await owner.release();
  await database.drop();
});

const TODOS = { name: "0001_todos.sql", sql: "create table todos (id int primary key);\ninsert into todos values (1);" };
const TASKS = { name: "0002_tasks.sql", sql: "alter table todos add task text;" };
const outcomes = async (...files: Array<{ name: string; sql: string }>) => (await migrate(owner, files)).map((result) => `${result.name} ${result.outcome}`);
const applied = async () => (await owner.db.selectFrom("plinth.migrations").select("name").orderBy("name").execute()).map((row) => row["name"]);

test("each is applied once, in the order of the names", async () => {
  expect(await outcomes(TASKS, TODOS)).toEqual(["0001_todos.sql applied", "0002_tasks.sql applied"]);
  expect(await outcomes(TODOS, TASKS)).toEqual(["0001_todos.sql present", "0002_tasks.sql present"]);
  expect(await outcomes(TODOS, TASKS, { name: "0003.sql", sql: "" })).toEqual(["0001_todos.sql present", "0002_tasks.sql present", "0003.sql applied"]);
  expect(await owner.db.selectFrom("todos").selectAll().execute()).toEqual([{ id: 1, task: null }]);
});

test("one that fails is named with its line and SQLSTATE, keeps nothing, and can be put right", async () => {
  const broken = { name: "0002_broken.sql", sql: "create table kept (id int);\n-- é, 🐘\n\nselect '🐘', nothing from todos;\ncreate table never (id int);" };
  const failure = await migrate(owner, [TODOS, broken, { name: "0003.sql", sql: "select 1" }]).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "PLINTH_MIGRATION_FAILED", message: '0002_broken.sql:4: column "nothing" does not exist (SQLSTATE 42703)', details: { file: "0002_broken.sql", line: 4, sqlstate: "42703", text: "select '🐘', nothing from todos;" } });
  expect(await applied()).toEqual(["0001_todos.sql"]);
  await expect(owner.script("select * from kept")).rejects.toMatchObject({ code: "42P01" });
  expect(await outcomes(TODOS, { ...broken, sql: broken.sql.replace("nothing", "id") })).toEqual(["0001_todos.sql present", "0002_broken.sql applied"]);
});

test("one that fails while it runs has no line, but says what and where", async () => {
  const failure = await migrate(owner, [TODOS, { name: "0002.sql", sql: "insert into todos values (2);\ninsert into todos values (1);" }]).catch((error: unknown) => error);
  expect(failure).toMatchObject({ message: expect.stringMatching(/^0002\.sql: duplicate key .* \(SQLSTATE 23505\)$/), details: { detail: "Key (id)=(1) already exists." } });
  expect(await owner.db.selectFrom("todos").selectAll().execute()).toEqual([{ id: 1 }]);
});

test("one that has changed since is refused before anything is applied, or only reported", async () => {
  await migrate(owner, [TODOS]);
  const changed = { ...TODOS, sql: `${TODOS.sql}\n-- more` };
  await expect(migrate(owner, [changed, TASKS])).rejects.toMatchObject({ code: "PLINTH_MIGRATION_CHANGED", message: "Applied before and changed since: 0001_todos.sql" });
  expect(await applied()).toEqual(["0001_todos.sql"]);
  expect((await migrate(owner, [changed, TASKS], { onChanged: "report" })).map((result) => result.outcome)).toEqual(["changed", "applied"]);
  expect((await migrate(owner, [{ ...TODOS, sql: TODOS.sql.replaceAll("\n", "\r\n") }]))[0]?.outcome).toBe("present");
});

test("run by several at once each is applied once", async () => {
  const slow = { name: "0003.sql", sql: "select pg_sleep(0.1); insert into todos values (2);" };
  const others = await Promise.all([1, 2, 3].map(() => openOwnerDatabase({ config: database.config, release: async () => undefined })));
  const runs = await Promise.all(others.map((other) => migrate(other, [TODOS, slow])));
  await Promise.all(others.map((other) => other.release()));
  for (const [index] of [TODOS, slow].entries()) expect(runs.map((run) => run[index]?.outcome).toSorted()).toEqual(["applied", "present", "present"]);
  expect(await owner.db.selectFrom("todos").selectAll().execute()).toEqual([{ id: 1 }, { id: 2 }]);
});

test("what one does to its session is not the next one's", async () => {
  const dumped = { name: "0001.sql", sql: "select pg_catalog.set_config('search_path', '', false); create role if_left_behind_is_reset; set role if_left_behind_is_reset;" };
  try {
    expect(await outcomes(dumped, { name: "0002.sql", sql: "create table here (id int)" })).toEqual(["0001.sql applied", "0002.sql applied"]);
    expect(await owner.db.selectFrom("public.here").selectAll().execute()).toEqual([]);
  } finally {
    await owner.script("drop role if exists if_left_behind_is_reset");
  }
});

test("listeners for schema changes are told", async () => {
  const { default: pg } = await import("pg");
  const client = new pg.Client(database.config);
  await client.connect();
  await client.query("listen pgrst");
  const told = new Promise((resolve) => client.on("notification", ({ payload }) => resolve(payload)));
  await migrate(owner, [TODOS]);
  expect(await told).toBe("reload schema");
  await client.end();
});

test("a folder's SQL files are read in the order of their names", async () => {
  for (const [name, text] of [["b.sql", "select 2"], ["a.sql", "\uFEFFselect 1"], ["B.sql", "select 0"], ["notes.md", "no"], ["10.sql", "x"], ["9.sql", "y"]] as const) await writeFile(join(directory, name), text);
  expect(await readMigrations(directory)).toEqual([{ name: "10.sql", sql: "x" }, { name: "9.sql", sql: "y" }, { name: "B.sql", sql: "select 0" }, { name: "a.sql", sql: "select 1" }, { name: "b.sql", sql: "select 2" }]);
  await expect(readMigrations(join(directory, "none"))).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
});
