import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { openEmbeddedDatabase, type EmbeddedDatabase, type OpenEmbeddedDatabaseOptions } from "../../src/database/embedded/open-embedded-database.ts";

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "plinth-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function open(options: OpenEmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const database = await openEmbeddedDatabase(options);
  onTestFinished(() => database.close());
  return database;
}

async function query<T extends pg.QueryResultRow>(database: EmbeddedDatabase, sql: string): Promise<T[]> {
  const client = new pg.Client(database.clientConfig);
  client.on("error", () => undefined);
  await client.connect();
  const { rows } = await client.query<T>(sql);
  await client.end();
  return rows;
}

/** Another process with the directory open; its lines of output. */
function startHolder(directory: string): { process: ChildProcess; next(): Promise<string> } {
  const child = spawn(process.execPath, ["--conditions=plinth-source", new URL("./holder.ts", import.meta.url).pathname, directory], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface(child.stdout as NodeJS.ReadableStream)[Symbol.asyncIterator]();
  return { process: child, next: async () => String((await lines.next()).value) };
}

test("a directory keeps its data from one opening to the next", async () => {
  const directory = join(temporaryDirectory(), "project");
  const first = await open({ directory });
  await query(first, "create table kept as select 42 as answer");
  await first.close();
  expect(await query(await open({ directory }), "select answer from kept")).toEqual([{ answer: 42 }]);
});

test("a directory is opened once only, in one process", async () => {
  const directory = temporaryDirectory();
  const first = await open({ directory });
  await expect(openEmbeddedDatabase({ directory })).rejects.toMatchObject({
    code: "PLINTH_DIRECTORY_LOCKED",
    details: expect.stringMatching(new RegExp(`${process.pid}.*${directory}`)),
  });
  await first.close();
  await open({ directory });
});

test("of many who open a directory at once, one does", async () => {
  const directory = temporaryDirectory();
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => open({ directory })));
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("another process is refused, and killed in the midst of writing it leaves the directory free and all it committed in it", async () => {
  const directory = temporaryDirectory();
  const holder = startHolder(directory);
  expect(await holder.next()).toBe("1");
  await expect(openEmbeddedDatabase({ directory })).rejects.toMatchObject({ code: "PLINTH_DIRECTORY_LOCKED", details: expect.stringContaining(String(holder.process.pid)) });
  const second = startHolder(directory);
  expect(await second.next()).toMatch(new RegExp(`^failed PLINTH_DIRECTORY_LOCKED .*${holder.process.pid}.*${directory}`));

  let committed = 1;
  while (committed < 300) committed = Number(await holder.next());
  holder.process.kill("SIGKILL");
  await once(holder.process, "exit");

  const [row] = await query<{ count: number; last: number; good: boolean }>(
    await open({ directory }),
    "select count(*)::int as count, max(id) as last, bool_and(text = repeat(md5(id::text), 20)) as good from log",
  );
  expect(row).toMatchObject({ count: row?.last, good: true });
  expect(row?.last).toBeGreaterThanOrEqual(committed);
});

test("a template that was broken off in the making is none: nothing but whole ones have its name", async () => {
  const cacheDirectory = temporaryDirectory();
  const setup = ["create table from_template as select 'there' as state", "create role made_beforehand"];
  const databases = await Promise.all([1, 2].map(() => open({ directory: undefined, cacheDirectory, setup })));
  for (const database of databases) expect(await query(database, "select state from from_template")).toEqual([{ state: "there" }]);
  expect(readdirSync(cacheDirectory).filter((name) => name !== "compiled")).toEqual([expect.stringMatching(/^template-0\.5\.14-[0-9a-f]{12}$/)]);
}, 120_000);

test("a set-up that fails says so, and leaves no template", async () => {
  const cacheDirectory = temporaryDirectory();
  await expect(openEmbeddedDatabase({ directory: undefined, cacheDirectory, setup: ["selec"] })).rejects.toThrow('syntax error at or near "selec"');
  expect(readdirSync(cacheDirectory)).toEqual(["compiled"]);
}, 120_000);

test("with durability against power failures, PostgreSQL syncs its files", async () => {
  const database = await open({ directory: temporaryDirectory(), durability: "power" });
  await query(database, "create table synced as select 1 as one");
  expect(await query(database, "select current_setting('fsync') as fsync, current_setting('wal_sync_method') as method")).toEqual([{ fsync: "on", method: "fsync" }]);
  await query(database, "select pg_stat_force_next_flush()");
  const [{ syncs } = { syncs: 0 }] = await query<{ syncs: number }>(database, "select sum(fsyncs)::int as syncs from pg_stat_io where object = 'wal'");
  expect(syncs).toBeGreaterThan(0);
});

test("maintenance vacuums what has dead rows, and analyses it", async () => {
  const database = await open({ directory: undefined });
  await query(database, "create table churned as select i from generate_series(1, 2000) i; update churned set i = -i");
  await database.maintain();
  expect(await query(database, "select reltuples::int as rows, (select n_dead_tup::int from pg_stat_user_tables where relname = 'churned') as dead from pg_class where relname = 'churned'")).toEqual([
    { rows: 2000, dead: 0 },
  ]);
});

test("maintenance comes by itself when there is nothing else to do", async () => {
  const database = await open({ directory: undefined, maintenanceIntervalMs: 100 });
  await query(database, "create table churned as select i from generate_series(1, 2000) i");
  await expect.poll(() => query(database, "select reltuples::int as rows from pg_class where relname = 'churned'"), { timeout: 5_000 }).toEqual([{ rows: 2000 }]);
});

test("a process that does nothing more ends though its database is open, and leaves nothing of one in memory", async () => {
  const script = `
    const { openEmbeddedDatabase } = await import(${JSON.stringify(new URL("../../src/database/embedded/open-embedded-database.ts", import.meta.url).href)});
    const { default: pg } = await import("pg");
    const database = await openEmbeddedDatabase({ directory: undefined });
    const client = new pg.Client(database.clientConfig);
    await client.connect();
    console.log((await client.query("show data_directory")).rowCount);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"], cwd: new URL("../..", import.meta.url).pathname });
  onTestFinished(() => void child.kill("SIGKILL"));
  expect(await once(child, "exit")).toEqual([0, null]);
  const left = ["/dev/shm", tmpdir()].filter((parent) => existsSync(parent)).flatMap((parent) => readdirSync(parent).filter((name) => name.startsWith("plinth-memory-")).map((name) => join(parent, name)));
  const holders = left.map((directory) => readdirSync(directory).filter((name) => name.startsWith("plinth.lock.")));
  expect(JSON.stringify(holders)).not.toContain(`"pid":${child.pid},`);
});
