import { nativeDatabases } from "@plinth/testing";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { openMetadata } from "../../src/metadata/metadata.ts";
import type { MetadataTables } from "../../src/metadata/metadata-tables.ts";
import { migrateMetadata } from "../../src/metadata/migrate-metadata.ts";
import { METADATA_MIGRATIONS } from "../../src/metadata/migrations/metadata-migrations.ts";
import { createKeyRing, type KeyRing } from "../../src/secrets/key-ring.ts";
import { MASTER_KEY } from "./support/native-world.ts";

let database: Awaited<ReturnType<ReturnType<typeof nativeDatabases>["create"]>>;
let keyRing: KeyRing;
beforeEach(async () => {
  database = await nativeDatabases(inject("nativePostgresUrl") as string).create();
  keyRing = await createKeyRing({ masterKey: MASTER_KEY });
});
afterEach(() => database.drop());

const NEXT = { id: METADATA_MIGRATIONS.length + 1, name: "next", sql: "alter table plinth.projects add colour text" };

test("any number of processes may make the schema at once", async () => {
  const opened = await Promise.all(Array.from({ length: 6 }, () => openMetadata({ config: database.config }, keyRing)));
  expect(await opened[0]?.db.selectFrom("plinth.metadata_migrations").select("id").execute()).toEqual(METADATA_MIGRATIONS.map(({ id }) => ({ id })));
  expect(await opened[0]?.db.selectFrom("plinth.master_keys").select("key_id").execute()).toEqual([{ key_id: keyRing.currentKeyId }]);
  await Promise.all(opened.map((metadata) => metadata.close()));
});

test("the schema grows by what is new, and a newer one is not touched", async () => {
  const db = new Kysely<MetadataTables>({ dialect: new PostgresDialect({ pool: new pg.Pool({ ...database.config, max: 4 }) }) });
  await migrateMetadata(db, METADATA_MIGRATIONS);
  await Promise.all([1, 2, 3].map(() => migrateMetadata(db, [...METADATA_MIGRATIONS, NEXT])));
  await sql`select colour from plinth.projects`.execute(db);
  await expect(migrateMetadata(db, METADATA_MIGRATIONS)).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID", message: expect.stringContaining(`version ${NEXT.id}`) });
  await db.destroy();
});

test("of two new backends with different master keys one is refused", async () => {
  const other = await createKeyRing({ masterKey: "a different passphrase of a good length" });
  const results = await Promise.allSettled([openMetadata({ config: database.config }, keyRing), openMetadata({ config: database.config }, other)]);
  const fulfilled = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const rejected = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  expect(fulfilled).toHaveLength(1);
  expect(rejected).toMatchObject([{ code: "PLINTH_MASTER_KEY_INVALID" }]);
  await fulfilled[0]?.close();
});

test("work of one key takes turns, between processes too; of another it does not wait", async () => {
  const [one, two] = await Promise.all([openMetadata({ config: database.config }, keyRing), openMetadata({ config: database.config }, keyRing)]);
  const seen: string[] = [];
  const work = (name: string) => async () => {
    seen.push(`${name} in`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    seen.push(`${name} out`);
  };
  await Promise.all([one.exclusive("k", work("a")), two.exclusive("k", work("b")), one.exclusive("k", work("c"))]);
  for (let index = 0; index < seen.length; index += 2) expect(seen[index + 1]).toBe((seen[index] as string).replace("in", "out"));
  await expect(one.exclusive("k", () => Promise.reject(new Error("x")))).rejects.toThrow("x");
  await one.exclusive("k", () => two.exclusive("other", async () => undefined));
  await Promise.all([one.close(), two.close()]);
});

test("a database that is not there is said to be unavailable", async () => {
  await expect(openMetadata({ config: { host: "127.0.0.1", port: 1, user: "x", database: "x" } }, keyRing)).rejects.toMatchObject({ code: "PLINTH_DATABASE_UNAVAILABLE" });
});

test("a key that is tried is had by one at a time, of one process or two, and on one connection however many there are", async () => {
  const [one, two] = [await openMetadata({ config: database.config }, keyRing), await openMetadata({ config: database.config }, keyRing)];
  const held: Array<() => void> = [];
  const hold = () => new Promise<string>((resolve) => held.push(() => resolve("mine")));
  const holders = ["a", "b", "c", "d", "e", "f"].map((key) => one.tryExclusive(key, hold));
  await expect.poll(() => held.length).toBe(6);
  expect(await one.tryExclusive("a", async () => "again")).toBeUndefined();
  expect(await two.tryExclusive("a", async () => "too")).toBeUndefined();
  expect(await two.tryExclusive("g", async () => "another")).toBe("another");
  const { rows } = await sql<{ holders: number }>`select count(distinct pid)::int as holders from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())`.execute(two.db);
  expect(rows).toEqual([{ holders: 1 }]);
  // Who waits for the lock gets it once it is given back.
  const waiting = two.exclusive("a", async () => "waited");
  for (const release of held) release();
  expect(await Promise.all([...holders, waiting])).toEqual([..."abcdef"].map(() => "mine").concat("waited"));
  expect(await two.tryExclusive("b", async () => "free")).toBe("free");
  await Promise.all([one.close(), two.close()]);
});

test("locks that were tried are lost with their connection, and others can be had on a new one", async () => {
  const [one, two] = [await openMetadata({ config: database.config }, keyRing), await openMetadata({ config: database.config }, keyRing)];
  let release = (): void => undefined;
  const holder = one.tryExclusive("a", () => new Promise<void>((resolve) => (release = resolve)));
  await expect.poll(async () => (await sql<{ pid: number }>`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`.execute(two.db)).rows.length).toBe(1);
  await expect.poll(() => two.tryExclusive("a", async () => "free")).toBe("free");
  await expect.poll(() => one.tryExclusive("b", async () => "anew").catch(() => "not yet")).toBe("anew");
  release();
  await holder;
  await Promise.all([one.close(), two.close()]);
});
