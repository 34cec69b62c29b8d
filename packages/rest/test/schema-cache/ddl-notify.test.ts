import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { DDL_NOTIFY_SETUP } from "../../src/schema-cache/ddl-notify.ts";
import { LiveSchemaCache } from "../../src/schema-cache/live-schema-cache.ts";
import { describeScratchDatabase, uniqueRole } from "./support/scratch-database.ts";

const SOON = { timeout: 10_000, interval: 20 };

describeScratchDatabase("notification of DDL", (database) => {
  const payloads: string[] = [];
  let unlisten: (() => Promise<void>) | undefined;

  /** What was notified by the time a later notification has come. */
  const notifiedBy = async (sql: string): Promise<readonly string[]> => {
    await database().script(`${sql}; notify pgrst, 'the end'`);
    await vi.waitFor(() => expect(payloads).toContain("the end"), SOON);
    return payloads.filter((payload) => payload !== "the end");
  };

  beforeAll(async () => {
    await database().script("create table big (id int)");
    // Twice: it can be run again.
    await database().script(DDL_NOTIFY_SETUP);
    await database().script(DDL_NOTIFY_SETUP);
    unlisten = await database().listen("pgrst", (payload) => payloads.push(payload));
  });
  afterAll(() => unlisten?.());
  beforeEach(() => void payloads.splice(0));

  test.each([
    "create table things (id int primary key)",
    "alter table things add column name text",
    "comment on column things.name is 'x'",
    "create function f() returns int language sql as 'select 1'",
    "create type mood as enum ('ok')",
    "create view v as select * from things",
    "create table copied as select 1 as x",
    "alter table things drop column name cascade",
    "drop function f()",
    "drop table things, copied cascade",
    "create schema s; drop schema s",
  ])("follows %s", async (sql) => {
    expect(await notifiedBy(sql)).toContain("reload schema");
  });

  test.each([
    "create temp table scratch (id serial primary key, name text default 'x'); create index on scratch (name); alter table scratch add column more int",
    "create temp view scratch_view as select 1 as x; drop view scratch_view; drop table scratch",
    "create table if not exists pg_temp.one (id int); drop table pg_temp.one",
    "create index on big (id); grant select on big to public; create policy p on big using (true); drop policy p on big; drop index big_id_idx",
  ])("is silent on %s", async (sql) => {
    expect(await notifiedBy(sql)).toEqual([]);
  });

  test("makes a live cache show a new table soon", async () => {
    const cache = new LiveSchemaCache(database(), { schemas: ["public"], extraSearchPath: [] });
    await cache.get();
    await database().script("create table fresh (id int)");
    await vi.waitFor(async () => expect((await cache.get()).tables.has("public\0fresh")).toBe(true), SOON);
    await cache.dispose();
  });

  test("is set up with nothing but a warning by whoever may not create event triggers", async () => {
    const owner = uniqueRole("owner");
    await database().script(`
      drop event trigger plinth_ddl_command; drop event trigger plinth_ddl_drop; drop schema plinth, plinth_public cascade;
      create role ${owner}; grant create on schema public to ${owner}; set role ${owner}`);
    await database().script(DDL_NOTIFY_SETUP);
    await database().script("reset role");
    const left = await database().catalog({ sql: "select count(*) from pg_event_trigger where evtname like 'plinth%'", parameters: [] });
    expect(left.rows).toEqual([["0"]]);
    await database().script(`revoke all on schema public from ${owner}; drop role ${owner}`);
  });
});
