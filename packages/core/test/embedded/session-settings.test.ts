import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEmbeddedDatabase, type EmbeddedDatabase } from "../../src/database/embedded/open-embedded-database.ts";
import { cStrings, encodeMessage } from "../../src/database/embedded/wire/encode-message.ts";
import { BACKEND } from "../../src/database/embedded/wire/message-type.ts";
import { SessionSettings } from "../../src/database/embedded/worker/session-settings.ts";
import { breakOff, connect } from "./open-clients.ts";

const SETUP =
  "create role guest; create role login; grant guest to login; create schema app; create function public.careless(statement text) returns void language plpgsql as $$ begin execute statement; end $$";

let database: EmbeddedDatabase;

beforeAll(async () => {
  // The path that sessions begin with, to which they are to be taken back, is not PostgreSQL's own.
  database = await openEmbeddedDatabase({ directory: undefined, idleInTransactionTimeoutMs: 1_000, settings: { search_path: "app, public" } });
  const client = new pg.Client(database.clientConfig);
  await client.connect();
  await client.query(SETUP);
  await client.end();
}, 120_000);
afterAll(() => database.close());

const AS_OPENED = { session: "postgres", user: "postgres", path: "app, public" };

async function state(client: pg.Client): Promise<unknown> {
  return (await client.query("select session_user as session, current_user as user, current_setting('search_path') as path")).rows[0];
}

/** A transaction as a request's: what it sets is to end with it. */
async function request(client: pg.Client, statement: string): Promise<void> {
  await client.query("begin; set local session authorization login; set local role guest");
  await client.query("select set_config('search_path', 'public', true), careless($1)", [statement]);
  await client.query("commit");
}

/** Values of the setting that the client is told from now on. */
function told(client: pg.Client, setting: string): string[] {
  const values: string[] = [];
  (client as unknown as { connection: NodeJS.EventEmitter }).connection.on("parameterStatus", (message: { parameterName: string; parameterValue: string }) => {
    if (message.parameterName === setting) values.push(message.parameterValue);
  });
  return values;
}

test.each(["set role guest", "set session authorization login", "reset session authorization", "set session authorization default", "set session search_path = pg_temp", "set search_path = ''", "select set_config('role', 'guest', false), set_config('search_path', 'pg_temp', false)"])(
  "after a function ran %s, the next client's session is as it was opened, and its transactions leave nothing",
  async (statement) => {
    const [careless, other] = [await connect(database), await connect(database)];
    await request(careless, statement);
    expect(await state(other)).toEqual(AS_OPENED);
    await request(other, "select 1");
    expect(await state(other)).toEqual(AS_OPENED);
    await request(careless, statement);
    await other.query("create table made (id int)");
    expect((await other.query("select relnamespace::regnamespace::text as schema from pg_class where relname = 'made'")).rows).toEqual([{ schema: "app" }]);
    await other.query("drop table made");
  },
);

test("a client that is alone keeps what it has set until another one comes, and is told when it is undone", async () => {
  const [alone, other] = [await connect(database), await connect(database)];
  await alone.query("set role guest");
  await alone.query("set search_path = pg_temp");
  expect(await state(alone)).toEqual({ session: "postgres", user: "guest", path: "pg_temp" });
  const [superuser, path] = [told(alone, "is_superuser"), told(alone, "search_path")];
  expect(await state(other)).toEqual(AS_OPENED);
  expect(await state(alone)).toEqual(AS_OPENED);
  expect([superuser, path]).toEqual([["on"], ["app, public"]]);
});

test("nothing is undone within a transaction, which keeps its settings while others wait", async () => {
  const [owner, other] = [await connect(database), await connect(database)];
  await owner.query("begin; set role guest");
  const waiting = state(other);
  await owner.query("set local search_path = pg_temp");
  expect(await state(owner)).toEqual({ session: "postgres", user: "guest", path: "pg_temp" });
  await owner.query("commit");
  expect(await waiting).toEqual(AS_OPENED);
});

test.each([["within a transaction", "begin; set role guest; set search_path = pg_temp"], ["after one", "set role guest"]])("what a client that broke off %s had set is undone", async (_when, statements) => {
  const [leaving, other] = [await connect(database), await connect(database)];
  await leaving.query(statements);
  await breakOff(leaving);
  expect(await state(other)).toEqual(AS_OPENED);
  await request(other, "select 1");
  expect(await state(other)).toEqual(AS_OPENED);
});

test("a path longer than any buffer reaches its client whole, and is undone for the next", async () => {
  const [careless, other] = [await connect(database), await connect(database)];
  const paths = told(careless, "search_path");
  const long = Array.from({ length: 40_000 }, (_, i) => `s${i}`).join(", ");
  await careless.query("select set_config('search_path', $1, false)", [long]);
  expect(paths).toEqual([long]);
  expect(await state(other)).toEqual(AS_OPENED);
});

const report = (name: string, value: string): Buffer => encodeMessage(BACKEND.parameterStatus, cStrings(name, value));

test("only what differs when the transaction is over is a change", () => {
  const settings = new SessionSettings([report("session_authorization", "postgres"), report("is_superuser", "on"), report("search_path", "public")]);
  for (const [name, value] of [["is_superuser", "off"], ["session_authorization", "login"], ["search_path", "x"], ["TimeZone", "Asia/Tokyo"]] as const) settings.report(report(name, value));
  for (const [name, value] of [["is_superuser", "on"], ["session_authorization", "postgres"], ["search_path", "public"]] as const) settings.report(report(name, value));
  settings.settle(1);
  expect(settings.changedByOther(2)).toBe(0);
  settings.report(report("search_path", "x"));
  settings.settle(1);
  expect([settings.changedByOther(1), settings.changedByOther(2)]).toEqual([0, 1]);
  settings.report(report("search_path", "public"));
  settings.settle(2);
  expect(settings.changedByOther(1)).toBe(0);
});
