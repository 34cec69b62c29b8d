import { describeDatabases } from "@plinth/testing/vitest";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DDL_NOTIFY_SETUP } from "../../src/schema-cache/ddl-notify.ts";
import { loadSchemaSnapshot } from "../../src/schema-cache/load-schema-snapshot.ts";
import { isPresent } from "../../src/schema-cache/version/schema-version.ts";
import type { SchemaVersion } from "../../src/schema-cache/version/schema-version.ts";
import { describeScratchDatabase, uniqueRole } from "./support/scratch-database.ts";
import type { ScratchDatabase } from "./support/scratch-database.ts";

const SCHEMA = `
  create schema api;
  create table api.things (id int primary key, name text);
  create view api.shown as select * from api.things;
  create function api.nothing() returns trigger language plpgsql as 'begin return null; end'`;

const CHANGES = [
  "create table api.more (id int)",
  "alter table api.more add column name text",
  "alter table api.more alter column name set default 'x'",
  "alter table api.more add constraint more_pkey primary key (id)",
  "comment on column api.more.name is 'x'",
  "create function api.f() returns int language sql as 'select 1'",
  "create or replace function api.f() returns int language sql stable as 'select 1'",
  "create type api.mood as enum ('ok')",
  "alter type api.mood add value 'sad'",
  "create domain api.label as text",
  "create or replace view api.shown as select id, name, 1 as one from api.things",
  "create trigger writes instead of insert on api.shown for each row execute function api.nothing()",
  "alter table api.more rename to less",
  "drop function api.f()",
  "drop table api.less",
  "create schema other",
];

const NO_CHANGES = [
  "select 1",
  "insert into api.things values (1, 'a')",
  "grant select on api.things to public",
  "create index on api.things (name)",
  "create policy p on api.things using (true)",
  "truncate api.things",
  "analyze api.things",
  "create temp table scratch (id int, name text)",
  "drop table scratch",
];

const versionSeenBy = async (database: ScratchDatabase, role: string): Promise<{ version: SchemaVersion; holds(): Promise<boolean> }> => {
  const query: ScratchDatabase["catalog"] = (statement) => database.readAs(role, "public", statement);
  const { version } = await loadSchemaSnapshot(query, { schemas: ["api"], extraSearchPath: [] });
  return { version, holds: () => isPresent(version, query) };
};

describeScratchDatabase("the version of a schema", (database) => {
  const [login, stranger, developer] = [uniqueRole("login"), uniqueRole("stranger"), uniqueRole("developer")];

  beforeAll(async () => {
    await database().script(`${SCHEMA}; create role ${login} login; create role ${stranger} login; create role ${developer}; grant usage, create on schema api to ${developer}`);
    await database().script(`${DDL_NOTIFY_SETUP}; revoke usage on schema plinth_public from public; grant usage on schema plinth_public to ${login}`);
  });
  afterAll(() => database().script([login, stranger, developer].map((role) => `drop owned by ${role} cascade; drop role ${role}`).join(";")));

  test("is told by the table of changes, and by the catalogs to whoever may not read it", async () => {
    expect((await versionSeenBy(database(), login)).version.source).toBe("changes");
    expect((await versionSeenBy(database(), stranger)).version.source).toBe("catalogs");
  });

  test.each(CHANGES)("is another after %s", async (sql) => {
    const seen = [await versionSeenBy(database(), login), await versionSeenBy(database(), stranger)];
    await database().script(sql);
    expect(await Promise.all(seen.map((each) => each.holds()))).toEqual([false, false]);
  });

  test.each(NO_CHANGES)("is the same after %s", async (sql) => {
    const seen = [await versionSeenBy(database(), login), await versionSeenBy(database(), stranger)];
    await database().script(sql);
    expect(await Promise.all(seen.map((each) => each.holds()))).toEqual([true, true]);
  });

  test("is another after what a savepoint took back in part", async () => {
    const seen = await versionSeenBy(database(), login);
    await database().script("begin; savepoint s; create table api.undone (id int); rollback to s; create table api.done (id int); commit");
    expect(await seen.holds()).toBe(false);
  });

  test("is the same after a transaction that was rolled back", async () => {
    const seen = await versionSeenBy(database(), login);
    await database().script("begin; create table api.undone (id int); rollback");
    expect(await seen.holds()).toBe(true);
  });

  test("follows those who have no rights in the schema plinth", async () => {
    const seen = await versionSeenBy(database(), login);
    await database().script(`set role ${developer}; create table api.theirs (id int); drop table api.theirs; reset role`);
    expect(await seen.holds()).toBe(false);
  });

  test("takes one row, however many changes there were", async () => {
    for (let i = 0; i < 5; i++) await database().script(`comment on schema api is '${i}'`);
    await database().script("begin; create table api.a (); create table api.b (); alter table api.a add x int; commit");
    const { rows } = await database().readAs(login, "public", { sql: "select count(*) from plinth_public.schema_changes", parameters: [] });
    expect(rows).toEqual([["1"]]);
  });

  test("is not taken from a table that nobody keeps", async () => {
    await database().script("alter event trigger plinth_ddl_command disable");
    const unkept = await versionSeenBy(database(), login);
    expect(unkept.version.source).toBe("catalogs");
    await database().script("alter event trigger plinth_ddl_command enable");
    const before = await versionSeenBy(database(), login);
    await database().script("alter event trigger plinth_ddl_command disable; create table api.unseen (id int); alter event trigger plinth_ddl_command enable");
    expect(await before.holds()).toBe(false);
  });

  test("that is read from a table that is dropped does not hold", async () => {
    const seen = await versionSeenBy(database(), login);
    await database().script("drop event trigger plinth_ddl_command; drop event trigger plinth_ddl_drop; drop schema plinth, plinth_public cascade");
    expect(await seen.holds()).toBe(false);
    expect((await versionSeenBy(database(), login)).version.source).toBe("catalogs");
  });
});

describeDatabases("changes of a schema at the same time", (databases) => {
  let clients: pg.Client[] = [];
  beforeAll(async () => {
    const { config } = await databases.create();
    clients = [1, 2, 3].map(() => new pg.Client({ ...config, statement_timeout: 5_000 }));
    for (const client of clients) await client.connect();
    await clients[0]?.query(`${SCHEMA}; ${DDL_NOTIFY_SETUP}`);
  });
  afterAll(() => Promise.all(clients.map((client) => client.end())));

  const query: ScratchDatabase["catalog"] = async ({ sql, parameters }) => {
    const { rows, command } = await (clients[2] as pg.Client).query({ text: sql, values: [...parameters], rowMode: "array", types: { getTypeParser: () => String } });
    return { rows: rows as string[][], command };
  };
  const present = async (): Promise<SchemaVersion> => (await loadSchemaSnapshot(query, { schemas: ["api"], extraSearchPath: [] })).version;

  test.each(["read committed", "repeatable read", "serializable"])("neither wait for each other nor go unseen, in whatever order they commit: %s", async (isolation) => {
    const [one, other] = clients as [pg.Client, pg.Client];
    const versions = [await present()];
    const unchanged = async (): Promise<boolean[]> => {
      const answers: boolean[] = [];
      for (const version of versions) answers.push(await isPresent(version, query));
      return answers;
    };
    for (const round of [1, 2, 3]) {
      // The embedded database runs one transaction after the other.
      const atOnce = databases.kind === "native";
      const begin = (client: pg.Client) => client.query(`begin isolation level ${isolation}; create table api.${client === one ? "one" : "other"} (id int)`);
      if (atOnce) for (const client of [one, other]) await begin(client);
      for (const client of round % 2 === 1 ? [other, one] : [one, other]) {
        if (!atOnce) await begin(client);
        await client.query("commit");
        expect(await unchanged()).toEqual(versions.map(() => false));
        versions.push(await present());
      }
      await one.query("drop table api.one, api.other");
      expect(await unchanged()).toEqual(versions.map(() => false));
      versions.push(await present());
    }
    expect(new Set(versions.map(({ value }) => value)).size).toBe(versions.length);
  });
});
