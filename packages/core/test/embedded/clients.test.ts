import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEmbeddedDatabase, type EmbeddedDatabase } from "../../src/database/embedded/open-embedded-database.ts";
import { breakOff, connect, createPool, payloadsOf, roundTrip } from "./open-clients.ts";

let database: EmbeddedDatabase;

beforeAll(async () => {
  database = await openEmbeddedDatabase({ directory: undefined });
  const client = await connectForSetup();
  await client.query("create table account (id int primary key, balance int); insert into account values (1, 0)");
  await client.end();
}, 120_000);
afterAll(() => database.close());

async function connectForSetup(): Promise<pg.Client> {
  const client = new pg.Client(database.clientConfig);
  await client.connect();
  return client;
}

test("many clients at once each get their own answers", async () => {
  const pool = createPool(database, 8);
  const answers = await Promise.all(Array.from({ length: 400 }, async (_, i) => (await pool.query("select $1::int as i, repeat('x', $1) as text", [i])).rows[0]));
  answers.forEach((row, i) => expect(row).toEqual({ i, text: "x".repeat(i) }));
});

test("transactions of different clients don't mix: none of 60 increments is lost", async () => {
  const pool = createPool(database, 6);
  const increment = async (): Promise<void> => {
    const client = await pool.connect();
    await client.query("begin");
    const { rows } = await client.query("select balance from account where id = 1");
    await client.query("update account set balance = $1 where id = 1", [rows[0].balance + 1]);
    await client.query("commit");
    client.release();
  };
  await Promise.all(Array.from({ length: 60 }, increment));
  expect((await pool.query("select balance from account")).rows).toEqual([{ balance: 60 }]);
});

test("a client gets its turn between the transactions of a busy one", async () => {
  const [busy, other] = [await connect(database), await connect(database)];
  let transactions = 0;
  const waiting = new AbortController();
  const work = (async () => {
    for (; !waiting.signal.aborted; transactions++) for (const sql of ["begin", "select 1", "commit"]) await busy.query(sql);
  })();
  for (let i = 0; i < 20; i++) await other.query("select 1");
  waiting.abort();
  await work;
  expect(transactions).toBeLessThan(60);
});

test("an error is the client's alone, with its SQLSTATE, and a failed transaction goes on as PostgreSQL's does", async () => {
  const [client, other] = [await connect(database), await connect(database)];
  await client.query("begin");
  await expect(client.query("select 1 / $1::int", [0])).rejects.toMatchObject({ code: "22012", severity: "ERROR" });
  await expect(client.query("select 1")).rejects.toMatchObject({ code: "25P02" });
  expect((await client.query("commit")).command).toBe("ROLLBACK");
  expect((await other.query("select 2 as two")).rows).toEqual([{ two: 2 }]);
});

test("prepared statements of the same name are each client's own", async () => {
  const [a, b] = [await connect(database), await connect(database)];
  expect((await a.query({ name: "same", text: "select 'a' as from, $1::int as n", values: [1] })).rows).toEqual([{ from: "a", n: 1 }]);
  expect((await b.query({ name: "same", text: "select 'b' as from, $1::text as t", values: ["x"] })).rows).toEqual([{ from: "b", t: "x" }]);
  expect((await a.query({ name: "same", text: "select 'a' as from, $1::int as n", values: [2] })).rows).toEqual([{ from: "a", n: 2 }]);
});

test("statement names that are alike in their first 63 bytes are kept apart", async () => {
  const client = await connect(database);
  const name = "n".repeat(60);
  for (const ending of ["aaaa", "aaab", "aaaa", "aaab"]) {
    expect((await client.query({ name: name.slice(0, 59) + ending, text: `select '${ending}' as ending`, values: [] })).rows).toEqual([{ ending }]);
  }
});

test.each([["goodbye", (client: { end(): Promise<void> }) => client.end()], ["a broken connection", breakOff]] as const)(
  "after %s the client's statements are deallocated and its transaction is rolled back",
  async (_name, leave) => {
    const [leaving, watching] = [await connect(database), await connect(database)];
    await leaving.query({ name: "left behind", text: "select 1", values: [] });
    await leaving.query("begin; create table left_behind (id int)");
    await leave(leaving as never);
    expect((await watching.query("select to_regclass('left_behind') as table, (select count(*)::int from pg_prepared_statements) as statements")).rows).toEqual([
      { table: null, statements: 0 },
    ]);
  },
);

test("what a client asked for before it broke off is not run afterwards", async () => {
  const [holding, leaving] = [await connect(database), await connect(database)];
  await holding.query("begin");
  const waiting = leaving.query("create table too_late (id int)").catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await breakOff(leaving);
  await waiting;
  await holding.query("commit");
  expect((await holding.query("select to_regclass('too_late') as table")).rows).toEqual([{ table: null }]);
});

test("NOTIFY reaches every client that listens, idle ones and the sender too, and no other", async () => {
  const [a, b, deaf] = [await connect(database), await connect(database), await connect(database)];
  const heard = [a, b, deaf].map(payloadsOf);
  await a.query("listen news");
  await b.query({ text: 'LISTEN "news"', values: [], name: "l" });
  await deaf.query("select 'listen news' -- listen news");
  await b.query("notify news, 'first'");
  await deaf.query("select pg_notify('news', 'second')");
  await roundTrip(a, b);
  expect(heard).toEqual([["first", "second"], ["first", "second"], []]);
});

test("the sender's own notification comes before its query ends, and names the sender", async () => {
  const client = await connect(database);
  const heard: number[] = [];
  client.on("notification", ({ processId }) => heard.push(processId));
  await client.query("listen own");
  await client.query("notify own");
  expect(heard).toEqual([(client as unknown as { processID: number }).processID]);
});

test("one client's UNLISTEN, DISCARD ALL or end leaves the others listening", async () => {
  const [staying, unlistening, discarding, leaving] = [await connect(database), await connect(database), await connect(database), await connect(database)];
  for (const client of [staying, unlistening, discarding, leaving]) await client.query("listen shared");
  const heard = [staying, unlistening, discarding].map(payloadsOf);
  await leaving.end();
  await staying.query("notify shared, '1'");
  await unlistening.query("unlisten *");
  await staying.query("notify shared, '2'");
  await discarding.query("discard all");
  await staying.query("notify shared, '3'");
  await roundTrip(unlistening, discarding);
  expect(heard).toEqual([["1", "2", "3"], ["1"], ["1", "2"]]);
  await staying.query("unlisten shared");
  expect((await staying.query("select pg_listening_channels()")).rows).toEqual([]);
});

test("LISTEN takes effect with its transaction, and not when that is rolled back", async () => {
  const client = await connect(database);
  const heard = payloadsOf(client);
  await client.query("begin; listen undone");
  await client.query("rollback");
  await client.query("notify undone, 'no'");
  await client.query("begin; listen done");
  await client.query("commit");
  await client.query("notify done, 'yes'");
  expect(heard).toEqual(["yes"]);
});

test("an answer of many megabytes is whole", async () => {
  const client = await connect(database);
  await client.query("listen meanwhile");
  const { rows } = await client.query("select i, repeat(chr(65 + i % 26), 1 + i * 37 % 5000) as text from generate_series(1, 3000) i");
  expect(rows).toHaveLength(3000);
  for (const { i, text } of rows) expect(text).toBe(String.fromCharCode(65 + (i % 26)).repeat(1 + ((i * 37) % 5000)));
  const [long] = (await client.query("select repeat('é', 3000000) as text")).rows;
  expect(long.text).toBe("é".repeat(3_000_000));
});

test("a statement of several megabytes arrives whole", async () => {
  const client = await connect(database);
  const text = "ü".repeat(2_000_000);
  expect((await client.query("select length($1) as length, md5($1) = md5(repeat('ü', 2000000)) as same", [text])).rows).toEqual([{ length: 2_000_000, same: true }]);
});

test("COPY FROM STDIN is refused; the text alone in a string is not", async () => {
  const client = await connect(database);
  await expect(client.query("copy account from stdin")).rejects.toMatchObject({ code: "0A000" });
  expect((await client.query("select 'copy account from stdin' as text")).rows).toEqual([{ text: "copy account from stdin" }]);
});

test("a function that calls itself without end fails alone", async () => {
  const client = await connect(database);
  await client.query("create function deeper(i int) returns int language plpgsql as $$ begin return deeper(i + 1); end $$");
  await expect(client.query("select deeper(1)")).rejects.toMatchObject({ code: "54001" });
  await roundTrip(client);
});

test.each([
  ["a regular expression", "select 'a' ~ $1", "(a)".repeat(300_000), "2201B"],
  ["JSON", "select $1::json", "[".repeat(200_000), "22P02"],
  ["jsonb", "select $1::jsonb", "[".repeat(200_000), "22P02"],
  ["a text search", "select $1::tsquery", "(".repeat(200_000), "54001"],
])("%s without end is an error, not the end of the database", async (_what, sql, value, code) => {
  const client = await connect(database);
  await expect(client.query(sql, [value])).rejects.toMatchObject({ code });
  await roundTrip(client);
});

test("clients are told the settings that they need to know", async () => {
  const client = await connect(database);
  const settings = (await client.query("select current_setting('server_encoding') as encoding, current_setting('TimeZone') as zone, current_setting('server_version_num')::int >= 150000 as recent")).rows[0];
  expect(settings).toEqual({ encoding: "UTF8", zone: "UTC", recent: true });
});

test.each(["vector", "pg_trgm", "pgcrypto", "uuid-ossp", "citext", "unaccent", "btree_gin", "btree_gist", "file_fdw", "fuzzystrmatch", "hstore", "isn", "ltree"])("the extension %s can be created", async (name) => {
  const client = await connect(database);
  await client.query(`create extension "${name}"`);
  expect((await client.query("select extname from pg_extension where extname = $1", [name])).rows).toEqual([{ extname: name }]);
});
