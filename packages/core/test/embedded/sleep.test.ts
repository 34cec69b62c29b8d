import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { afterAll, expect, test } from "vitest";
import { type EmbeddedDatabase, openEmbeddedDatabase } from "@plinth/core";

const directory = mkdtempSync(join(tmpdir(), "plinth-sleep-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** PostgreSQL removes the file when it is closed in order. */
const runs = (): boolean => existsSync(join(directory, "cluster", "postmaster.pid"));

async function query(database: EmbeddedDatabase, sql: string): Promise<unknown[]> {
  const client = new pg.Client(database.clientConfig);
  await client.connect();
  try {
    return (await client.query<{ value: unknown }>(sql)).rows.map(({ value }) => value);
  } finally {
    await client.end();
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + 30_000; !condition(); await delay(20)) if (performance.now() > end) throw new Error("It didn't happen.");
}

test("a database that nobody uses sleeps, and has its data and settings when it is woken", async () => {
  const database = await openEmbeddedDatabase({ directory, sleepAfterMs: 50, settings: { search_path: `"$user", public, extensions` } });
  await query(database, "create table notes as select 'kept' as value");
  await until(() => !runs());
  const [woken, atTheSameTime] = await Promise.all([query(database, "select value from notes"), query(database, "select current_setting('search_path') as value")]);
  expect(woken).toEqual(["kept"]);
  expect(atTheSameTime).toEqual([`"$user", public, extensions`]);

  const client = new pg.Client(database.clientConfig);
  await client.connect();
  await delay(300);
  expect(runs(), "awake while somebody is connected").toBe(true);
  await client.end();
  await until(() => !runs());
  await expect(openEmbeddedDatabase({ directory })).rejects.toMatchObject({ code: "PLINTH_DIRECTORY_LOCKED" });
  await database.close();
  await expect(query(database, "select 1 as value")).rejects.toMatchObject({ code: "57P03" });
}, 120_000);

test("one in memory keeps its data while it sleeps", async () => {
  const database = await openEmbeddedDatabase({ directory: undefined, sleepAfterMs: 20 });
  await query(database, "create table notes as select 'kept' as value");
  await delay(1_500);
  expect(await query(database, "select value from notes")).toEqual(["kept"]);
  await database.close();
}, 120_000);

test("settings are as given, whatever is in them", async () => {
  const database = await openEmbeddedDatabase({ directory: undefined, settings: { application_name: `it's "quoted" = \\ and has spaces` } });
  expect(await query(database, "select current_setting('application_name') as value")).toEqual([`it's "quoted" = \\ and has spaces`]);
  await database.close();
}, 120_000);
