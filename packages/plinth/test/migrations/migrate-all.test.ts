import { createTestBackend, type TestBackend, urlOf } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import type { AllMigrated, MigrationFile, ProjectMigration } from "plinth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NATIVE_UNLESS_LONG } from "../../../../test/support/native-unless-long.ts";

const TODOS: MigrationFile = { name: "0001_todos.sql", sql: "create table todos (id int primary key);" };
const TASKS: MigrationFile = { name: "0002_tasks.sql", sql: "alter table todos add task text;" };
/** Fails where there is a row that it can't do with. */
const NO_SEVEN: MigrationFile = { name: "0003_no_seven.sql", sql: "create table after_tasks (id int);\nalter table todos add check (id <> 7);" };

const outcomes = ({ projects }: AllMigrated) => Object.fromEntries(projects.map(({ ref, outcome }) => [ref, outcome]));

describeDatabases("migrations of all projects", (databases) => {
  let backend: TestBackend;
  let drop: () => Promise<void>;
  const applied = async (ref: string) => (await backend.sql<{ name: string }>("select name from plinth.migrations order by name", ref)).map(({ name }) => name);
  const exists = async (ref: string, table: string) => (await backend.sql<{ there: boolean }>(`select to_regclass('${table}') is not null as there`, ref))[0]?.there;

  beforeAll(async () => {
    const database = databases.kind === "native" ? await databases.create() : undefined;
    backend = await createTestBackend({ ...(database ? { databaseUrl: urlOf(database) } : {}), project: { ref: "first" } });
    for (const ref of ["one", "two"]) await backend.projects.create({ ref });
    drop = async () => {
      for (const { ref } of (await backend.projects.list()).projects) await backend.projects.delete(ref, { graceMs: 0 });
      await backend.close();
    };
  });
  afterAll(() => drop());

  test("a dry run says what would be applied to which, and writes nothing", async () => {
    const run = await backend.migrateAll([TASKS, TODOS], { dryRun: true });
    expect(run).toMatchObject({ run: undefined, resumed: false, interrupted: false, files: ["0001_todos.sql", "0002_tasks.sql"], counts: { pending: 3, migrated: 0 } });
    expect(run.projects.map(({ ref, outcome, files }) => ({ ref, outcome, files }))).toEqual(["first", "one", "two"].map((ref) => ({ ref, outcome: "pending", files: ["0001_todos.sql", "0002_tasks.sql"] })));
    expect(await exists("one", "plinth.migrations")).toBe(false);
  });

  test("each project has the files that it lacks, with progress told", async () => {
    await backend.sql(TODOS.sql, "two");
    const heard: string[] = [];
    await backend.migrateAll([TODOS], { refs: ["one"] });
    const run = await backend.migrateAll([TODOS], { refs: ["one", "first"], onProgress: ({ done, total, project }) => heard.push(`${done}/${total} ${project.ref} ${project.outcome}`) });
    expect(outcomes(run)).toEqual({ first: "migrated", one: "current" });
    expect(heard).toEqual(["1/2 one current", "2/2 first migrated"]);
    expect(await applied("one")).toEqual(["0001_todos.sql"]);
  });

  test("one on which a file fails is left out from then on, served as it was, and doesn't stop the others", async () => {
    const told: ProjectMigration[] = [];
    const run = await backend.migrateAll([TODOS, TASKS], { onFailure: (project) => void told.push(project) });
    // The table was made by hand there.
    expect(outcomes(run)).toEqual({ first: "migrated", one: "migrated", two: "failed" });
    expect(told).toMatchObject([{ ref: "two", outcome: "failed", files: [], reason: '0001_todos.sql: relation "todos" already exists (SQLSTATE 42P07)' }]);
    expect(await (await backend.tenant("two")).catalog({ sql: "select count(*)::int as n from pg_tables where tablename = 'todos'", parameters: [] })).toMatchObject({ rows: [["1"]] });

    await backend.sql("drop table todos", "two");
    const later = await backend.migrateAll([TODOS, TASKS]);
    expect(later.projects).toMatchObject([{ outcome: "current" }, { outcome: "current" }, { ref: "two", outcome: "quarantined", reason: expect.stringMatching(/^0001_todos\.sql: relation .*\(\d{4}-/) }]);
    expect((await backend.projects.audit({ ref: "two", limit: 1 })).entries).toMatchObject([{ action: "project.quarantine", after: { migration: "0001_todos.sql", sqlstate: "42P07" } }]);

    expect(outcomes(await backend.migrateAll([TODOS, TASKS], { retryQuarantined: true }))).toEqual({ first: "current", one: "current", two: "migrated" });
    expect(await applied("two")).toEqual(["0001_todos.sql", "0002_tasks.sql"]);
    expect((await backend.projects.audit({ ref: "two", limit: 2 })).entries.map(({ action }) => action)).toEqual(["project.migrate", "project.release"]);
  });

  test("a quarantine is lifted by hand as well", async () => {
    await backend.sql("insert into todos values (7)", "one");
    const files = [TODOS, TASKS, NO_SEVEN];
    expect(outcomes(await backend.migrateAll(files))).toEqual({ first: "migrated", one: "failed", two: "migrated" });
    expect(await exists("one", "after_tasks")).toBe(false);
    expect(await backend.releaseQuarantine("one", "ann")).toBe(true);
    expect(await backend.releaseQuarantine("one")).toBe(false);
    await expect(backend.releaseQuarantine("nobody")).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
    expect((await backend.projects.audit({ ref: "one", limit: 1 })).entries).toMatchObject([{ action: "project.release", actor: "ann" }]);
    await backend.sql("delete from todos", "one");
    expect(outcomes(await backend.migrateAll(files))).toEqual({ first: "current", one: "migrated", two: "current" });
  });

  test("a trial shows what would fail, and leaves nothing", async () => {
    const next = { name: "0004.sql", sql: "create table tried (id int); insert into todos values (1);" };
    await backend.sql("insert into todos values (1)", "two");
    const commits = { name: "0005.sql", sql: "create table kept (id int);\n-- commit\ncommit;" };
    const trial = await backend.migrateAll([TODOS, TASKS, NO_SEVEN, next], { dryRun: "try" });
    expect(outcomes(trial)).toEqual({ first: "pending", one: "pending", two: "failed" });
    expect(trial.projects[2]?.reason).toMatch(/^0004\.sql: duplicate key .*\(SQLSTATE 23505\)$/);
    expect(outcomes(await backend.migrateAll([commits], { dryRun: "try", refs: ["one"] }))).toEqual({ one: "failed" });
    for (const table of ["tried", "kept"]) expect(await exists("one", table)).toBe(false);
    // It was no failure of the project's, which nothing was done to.
    expect(outcomes(await backend.migrateAll([TODOS, TASKS, NO_SEVEN]))).toEqual({ first: "current", one: "current", two: "current" });
  });

  test("files that have changed since are refused project by project, and nobody is quarantined for it", async () => {
    const changed = { ...TASKS, sql: `${TASKS.sql} -- more` };
    const run = await backend.migrateAll([TODOS, changed]);
    expect(run.counts).toMatchObject({ changed: 3 });
    expect(run.projects[0]?.reason).toBe("Applied before and changed since: 0002_tasks.sql");
    expect(outcomes(await backend.migrateAll([TODOS, TASKS]))).toEqual({ first: "current", one: "current", two: "current" });
  });

  test("paused ones are migrated, deleted ones and those that the filter leaves out are not", async () => {
    await backend.projects.create({ ref: "paused" });
    await backend.projects.pause("paused");
    await backend.projects.create({ ref: "deleted" });
    await backend.projects.delete("deleted", { graceMs: 60_000 });
    const run = await backend.migrateAll([TODOS], { filter: ({ ref }) => ref !== "first" });
    expect(run.projects.map(({ ref, outcome, reason = "" }) => [ref, outcome, reason])).toEqual([
      ["deleted", "skipped", "it is deleted"],
      ["one", "current", ""],
      ["paused", "migrated", ""],
      ["two", "current", ""],
    ]);
    await expect(backend.migrateAll([TODOS], { refs: ["one", "nobody"] })).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND", details: 'No project "nobody".' });
  });

  test("two runs at once share the work, and both tell all of it", async () => {
    const slow = { name: "0006_slow.sql", sql: "select pg_sleep(0.1); create table slow (id int);" };
    const refs = ["first", "one", "two", "paused"];
    const runs = await Promise.all([1, 2].map(() => backend.migrateAll([slow], { refs, concurrency: 2 })));
    for (const run of runs) expect(outcomes(run)).toEqual({ first: "migrated", one: "migrated", two: "migrated", paused: "migrated" });
    expect(runs[0]?.run).toBe(runs[1]?.run);
    const { entries } = await backend.projects.audit({ limit: 1_000 });
    expect(entries.filter(({ action, after }) => action === "project.migrate" && JSON.stringify(after).includes("0006_slow.sql"))).toHaveLength(4);
  });

  test("a run that is ended early is gone on with", async () => {
    const later = { name: "0007.sql", sql: "create table seven (id int)" };
    const ending = new AbortController();
    const first = await backend.migrateAll([later], { concurrency: 1, signal: ending.signal, onProgress: ({ project }) => project.outcome === "migrated" && ending.abort() });
    expect(first).toMatchObject({ interrupted: true, resumed: false });
    const done = first.projects.filter(({ outcome }) => outcome === "migrated");
    expect(done).toHaveLength(1);
    const second = await backend.migrateAll([later]);
    expect(second).toMatchObject({ run: first.run, resumed: true, interrupted: false, counts: { migrated: 4, skipped: 1 } });
    expect(await backend.migrateAll([later])).toMatchObject({ resumed: false, counts: { migrated: 0, current: 4 } });
  });

  test("no more are taken once so many have failed", async () => {
    const broken = { name: "0008.sql", sql: "select nothing" };
    const run = await backend.migrateAll([broken], { concurrency: 1, maxFailures: 2 });
    expect(run).toMatchObject({ interrupted: true, counts: { failed: 2 } });
    for (const { ref } of run.projects.filter(({ outcome }) => outcome === "failed")) await backend.releaseQuarantine(ref);
  });

  test("what the metadata believes is looked into where it is asked for", async () => {
    await backend.projects.create({ ref: "fresh" });
    await backend.migrateAll([TODOS], { refs: ["fresh"] });
    await backend.sql("delete from plinth.migrations; drop table todos", "fresh");
    expect(outcomes(await backend.migrateAll([TODOS], { refs: ["fresh"] }))).toEqual({ fresh: "current" });
    expect(outcomes(await backend.migrateAll([TODOS], { refs: ["fresh"], verify: true }))).toEqual({ fresh: "migrated" });
  });

  test("a lock that requests hold is waited for, and its project comes later rather than into quarantine", async () => {
    await backend.sql("create table held (id int)", "one");
    const owner = await backend.ownerDatabase("one");
    const file = { name: "0009.sql", sql: "alter table held add n int" };
    // On an embedded database a transaction keeps the whole of it: what waits for it waits without a time-out.
    const holding = owner.db.transaction().execute(async (transaction) => {
      await transaction.selectFrom("held").selectAll().execute();
      await new Promise((resolve) => setTimeout(resolve, 400));
    });
    const run = await backend.migrateAll([file], { refs: ["one"], lockTimeoutMs: 50 });
    await holding;
    await owner.release();
    expect(outcomes(run)).toEqual({ one: "migrated" });
  });
}, NATIVE_UNLESS_LONG);

describe("without a folder", () => {
  test("it is said what to give", async () => {
    await using backend = await createTestBackend({ project: { ref: "first" } });
    await expect(backend.migrateAll()).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID", hint: expect.stringContaining("projectMigrations") });
    await expect(backend.migrateAll("/nowhere")).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID", message: "The migrations folder can't be read: /nowhere" });
  });
});
