import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import pg from "pg";
import { openEmbeddedDatabase, type EmbeddedDatabase } from "../../src/database/embedded/open-embedded-database.ts";
import { connect, createPool, payloadsOf } from "./open-clients.ts";

let database: EmbeddedDatabase;
const ENDLESS = "select count(*) from generate_series(1, 1000000000000) i";

beforeAll(async () => {
  database = await openEmbeddedDatabase({ directory: undefined, statementTimeoutMs: 1_500, idleInTransactionTimeoutMs: 300 });
  const client = new pg.Client(database.clientConfig);
  await client.connect();
  await client.query("create table kept (id int primary key)");
  await client.end();
}, 120_000);
afterAll(() => database.close());

test("a statement that runs too long ends with 57014; the others' connections end, and what was committed is there", async () => {
  const [runaway, waiting] = [await connect(database), await connect(database)];
  const pool = createPool(database, 2);
  await pool.query("insert into kept values (1)");
  await runaway.query("begin; insert into kept values (2)");
  const [own, others] = await Promise.allSettled([runaway.query(ENDLESS), waiting.query("select 1")]);
  expect(own).toMatchObject({ reason: { code: "57014", message: "canceling statement due to statement timeout" } });
  expect(others).toMatchObject({ reason: { code: "57P01" } });
  // An idle connection of the pool was ended as well; the pool makes another.
  expect((await pool.query("select id from kept")).rows).toEqual([{ id: 1 }]);
});

test("a client's own statement_timeout counts", async () => {
  const hasty = await connect(database, { statement_timeout: 100 });
  const started = performance.now();
  await expect(hasty.query(ENDLESS)).rejects.toMatchObject({ code: "57014" });
  expect(performance.now() - started).toBeLessThan(1_400);
});

test("a transaction that keeps others waiting while it does nothing is ended", async () => {
  const [idle, waiting] = [await connect(database), await connect(database)];
  let reason: unknown;
  idle.on("error", (error) => (reason ??= error));
  await idle.query("begin; insert into kept values (3)");
  expect((await waiting.query("select count(*)::int as count from kept where id = 3")).rows).toEqual([{ count: 0 }]);
  expect(reason).toMatchObject({ code: "25P03" });
});

test("a transaction that nobody waits for may take its time", async () => {
  const idle = await connect(database);
  await idle.query("begin");
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect((await idle.query("commit")).command).toBe("COMMIT");
});

test("cancel ends what is running, by a restart", async () => {
  const client = await connect(database);
  const result = expect(client.query(ENDLESS)).rejects.toMatchObject({ code: "57014", message: "canceling statement due to user request" });
  await new Promise((resolve) => setTimeout(resolve, 50));
  database.cancel(client);
  await result;
  expect((await createPool(database, 1).query("select 1 as one")).rows).toEqual([{ one: 1 }]);
});

test("cancel ends what only waits for its turn without a restart", async () => {
  const [holding, waiting] = [await connect(database), await connect(database)];
  await holding.query("begin");
  const result = expect(waiting.query("select 1")).rejects.toMatchObject({ code: "57014" });
  await new Promise((resolve) => setTimeout(resolve, 20));
  database.cancel(waiting);
  await result;
  expect((await holding.query("commit")).command).toBe("COMMIT");
  expect((await waiting.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
});

test("cancel does nothing to a client that waits for nothing", async () => {
  const client = await connect(database);
  database.cancel(client);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
});

test("pg's own CancelRequest needs the client's secret", async () => {
  const victim = await connect(database);
  const { processID, secretKey } = victim as unknown as { processID: number; secretKey: number };
  const cancelWith = (key: number): void => {
    const stream = (database.clientConfig.stream as () => Duplex)();
    const packet = Buffer.alloc(16);
    [16, 80_877_102, processID, key].forEach((value, i) => packet.writeInt32BE(value, 4 * i));
    stream.resume().write(packet);
  };
  await connect(database).then((holding) => holding.query("begin"));
  let settled = false;
  const waiting = victim.query("select 1").finally(() => (settled = true));
  const result = expect(waiting).rejects.toMatchObject({ code: "57014" });
  cancelWith((secretKey + 1) % 2 ** 31);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(settled).toBe(false);
  cancelWith(secretKey);
  await result;
});

test("restart closes all connections with 57P01; new ones work, listening too", async () => {
  const client = await connect(database);
  let reason: unknown;
  client.on("error", (error) => (reason ??= error));
  await database.restart();
  expect(reason).toMatchObject({ code: "57P01" });
  await expect(client.query("select 1")).rejects.toThrow();
  const after = await connect(database);
  const heard = payloadsOf(after);
  await after.query("listen again");
  await after.query("notify again, 'heard'");
  expect(heard).toEqual(["heard"]);
});

test("a backend that ends itself takes its clients' connections along; the next one finds it recovered", async () => {
  const directory = mkdtempSync(join(tmpdir(), "plinth-test-"));
  const other = await openEmbeddedDatabase({ directory });
  try {
    const [writing, idle] = [await connect(other), await connect(other)];
    let reason: unknown;
    idle.on("error", (error) => (reason ??= error));
    await writing.query("create table kept as select 1 as id");
    // Without its folder PostgreSQL can't begin the next segment of its log, and panics.
    const log = join(directory, "cluster", "pg_wal");
    renameSync(log, `${log}.away`);
    await expect(writing.query("create table large as select repeat(i::text, 100) from generate_series(1, 50000) i")).rejects.toThrow();
    await expect.poll(() => reason).toMatchObject({ code: "57P02" });
    renameSync(`${log}.away`, log);
    expect((await (await connect(other)).query("select id, to_regclass('large') as large from kept")).rows).toEqual([{ id: 1, large: null }]);
  } finally {
    await other.close();
    rmSync(directory, { recursive: true, force: true });
  }
});

test("a closed database refuses clients, and leaves its last ones with 57P01", async () => {
  const other = await openEmbeddedDatabase({ directory: undefined });
  const client = new pg.Client(other.clientConfig);
  let reason: unknown;
  client.on("error", (error) => (reason ??= error));
  await client.connect();
  await other.close();
  expect(reason).toMatchObject({ code: "57P01" });
  await expect(new pg.Client(other.clientConfig).connect()).rejects.toMatchObject({ code: "57P03" });
  await other.close();
});
