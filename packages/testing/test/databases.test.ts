import { describeDatabases } from "@plinth/testing/vitest";
import pg from "pg";
import { expect, test } from "vitest";

describeDatabases("a test's database", (database) => {
  test("is empty, its own, and gone after drop", async () => {
    const [one, other] = [await database.create(), await database.create()];
    const client = new pg.Client({ ...one.config });
    client.on("error", () => {});
    await client.connect();
    await client.query("create table things (id int)");
    const tables = "select count(*)::int as n from pg_tables where schemaname = 'public'";
    expect((await client.query(tables)).rows).toEqual([{ n: 1 }]);

    const elsewhere = new pg.Client({ ...other.config });
    await elsewhere.connect();
    expect((await elsewhere.query(tables)).rows).toEqual([{ n: 0 }]);
    expect((await elsewhere.query("select rolsuper from pg_roles where rolname = current_user")).rows).toEqual([{ rolsuper: true }]);
    await elsewhere.end();

    await one.drop();
    await expect(new pg.Client({ ...one.config }).connect()).rejects.toThrow();
  });
});
