import { execFile } from "node:child_process";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { nativeDatabases, type TestDatabase, urlOf } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { rotateMasterKey, type RotateMasterKeyOptions } from "../../src/secrets/rotate-master-key.ts";
import { SEALED_COLUMNS } from "../../src/secrets/sealed-columns.ts";
import { addProjects, changeSecret, expectedSecrets, NEW_KEY, OLD_KEY, openSealedWorld, OTHER_KEY, readAll, refsOf, type SealedWorld } from "./support/sealed-world.ts";
import { seeded } from "../../../../test/support/seeded.ts";
import { NATIVE_UNLESS_LONG } from "../../../../test/support/native-unless-long.ts";

const REFS = refsOf(12);
const rotate = (world: SealedWorld, options: RotateMasterKeyOptions = {}) => rotateMasterKey({ ...world, actor: "test" }, { newMasterKey: NEW_KEY, batchSize: 3, ...options });
const keyIds = async ({ metadata }: SealedWorld): Promise<string[]> => (await metadata.db.selectFrom("plinth.master_keys").select("key_id").execute()).map(({ key_id }) => key_id);

describeDatabases("rotation of the master key", (databases) => {
  let database: TestDatabase;
  let opened: SealedWorld[];
  const open = async (...keys: [string, ...string[]]): Promise<SealedWorld> => {
    const world = await openSealedWorld(database.config, ...keys);
    opened.push(world);
    return world;
  };
  beforeEach(async () => {
    opened = [];
    database = await databases.create();
  });
  afterEach(async () => {
    await Promise.all(opened.map(({ metadata }) => metadata.close()));
    await database.drop();
  });

  test("seals everything with the new key, which alone is needed then; the former one is refused", async () => {
    const world = await open(OLD_KEY);
    await addProjects(world, REFS);
    const former = world.keyRing.currentKeyId;
    const progress: string[] = [];
    const rotation = await rotate(world, { onProgress: ({ column }) => progress.push(column) });
    expect(rotation).toEqual({ keyId: world.keyRing.currentKeyId, resealed: 4 * REFS.length, retired: [former] });
    expect(new Set(progress)).toEqual(new Set(SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`)));
    expect(await readAll(world)).toEqual(expectedSecrets(REFS));
    expect(await readAll(await open(NEW_KEY))).toEqual(expectedSecrets(REFS));
    await expect(open(OLD_KEY)).rejects.toMatchObject({ code: "PLINTH_MASTER_KEY_INVALID" });
    expect(await keyIds(world)).toEqual([rotation.keyId]);
    expect(await rotate(world)).toEqual({ keyId: rotation.keyId, resealed: 0, retired: [] });
    const [entry, ...others] = await world.metadata.db.selectFrom("plinth.audit_log").selectAll().execute();
    expect(entry).toMatchObject({ actor: "test", action: "master-key.rotate", after: { keyId: rotation.keyId, count: 4 * REFS.length } });
    expect(others).toEqual([]);
  });

  test("loses no change that is made meanwhile, by this process or another", async () => {
    const world = await open(OLD_KEY);
    await addProjects(world, REFS);
    const neighbour = await open(OLD_KEY, NEW_KEY);
    let going = true;
    const last = new Map<string, string>();
    const change = async (who: SealedWorld, refs: readonly string[]): Promise<void> => {
      for (let round = 0; going; round++) {
        for (const ref of refs) {
          await changeSecret(who, ref, `changed-${ref}-${round}`);
          last.set(ref, `changed-${ref}-${round}`);
          await sleep(10);
        }
      }
    };
    const changing = Promise.all([change(world, REFS.slice(0, 4)), change(neighbour, REFS.slice(4, 6)).catch((error: unknown) => error)]);
    let rounds = 0;
    await rotate(world, { batchSize: 2, onProgress: () => rounds++ }).finally(() => (going = false));
    const [, refusal] = await changing;
    expect(rounds).toBeGreaterThanOrEqual((4 * REFS.length) / 2);
    // Once the former key is retired, who still seals with it is refused by the database.
    if (refusal !== undefined) expect(refusal).toMatchObject({ code: "23503" });
    const after = await readAll(await open(NEW_KEY));
    for (const ref of REFS) expect(after.get(ref)?.[1]).toBe(last.get(ref) ?? `secret-${ref}`);
  });

  test("by two at once with the same key is done once, and both have done it", async () => {
    const [one, two] = [await open(OLD_KEY), await open(OLD_KEY)];
    await addProjects(one, REFS);
    const [first, second] = await Promise.all([rotate(one, { batchSize: 1 }), rotate(two, { batchSize: 1 })]);
    expect(first.keyId).toBe(second.keyId);
    expect([...first.retired, ...second.retired]).toHaveLength(1);
    for (const world of [one, two, await open(NEW_KEY)]) expect(await readAll(world)).toEqual(expectedSecrets(REFS));
  });

  test("by two at once with different keys is done by one, and the other is refused", async () => {
    const [one, two] = [await open(OLD_KEY), await open(OLD_KEY)];
    await addProjects(one, REFS);
    const results = await Promise.allSettled([rotate(one), rotate(two, { newMasterKey: OTHER_KEY })]);
    const refused = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
    expect(refused).toMatchObject([{ code: "PLINTH_MASTER_KEY_INVALID" }]);
    expect(await keyIds(one)).toHaveLength(1);
    const winner = await open(results[0]?.status === "fulfilled" ? NEW_KEY : OTHER_KEY);
    expect(await readAll(winner)).toEqual(expectedSecrets(REFS));
  });

  test("waits with retiring the former key for as long as something is sealed with it", async () => {
    const world = await open(OLD_KEY);
    await addProjects(world, REFS);
    const former = world.keyRing.currentKeyId;
    const left = SEALED_COLUMNS.filter(({ column }) => column !== "credentials");
    await expect(rotateMasterKey({ ...world, actor: "test", columns: left }, { newMasterKey: NEW_KEY })).rejects.toMatchObject({ code: "PLINTH_MASTER_KEY_INVALID" });
    expect(await keyIds(world)).toContain(former);
    expect(await readAll(await open(NEW_KEY, OLD_KEY))).toEqual(expectedSecrets(REFS));
    expect(await rotate(world)).toMatchObject({ resealed: REFS.length, retired: [former] });
  });

  test("goes on where a process with both keys was told to, without a new one", async () => {
    const before = await open(OLD_KEY);
    await addProjects(before, REFS);
    const both = await open(NEW_KEY, OLD_KEY);
    await addProjects(both, ["made-with-the-new-key"]);
    expect(await rotateMasterKey({ ...both, actor: "test" })).toMatchObject({ resealed: 4 * REFS.length, retired: [before.keyRing.currentKeyId] });
    expect(await readAll(await open(NEW_KEY))).toEqual(expectedSecrets([...REFS, "made-with-the-new-key"]));
  });

  test("with a wrong master key writes nothing, and says what is wrong", async () => {
    const world = await open(OLD_KEY);
    await addProjects(world, REFS);
    const dump = async (): Promise<string> => JSON.stringify(await Promise.all(["projects", "signing_keys", "master_keys"].map(async (table) => (await sql`select * from ${sql.table(`plinth.${table}`)} order by 1`.execute(world.metadata.db)).rows)));
    const before = await dump();
    await expect(open(OTHER_KEY)).rejects.toMatchObject({ code: "PLINTH_MASTER_KEY_INVALID", message: expect.stringContaining(world.keyRing.currentKeyId) });
    await expect(open(OTHER_KEY, NEW_KEY)).rejects.toMatchObject({ code: "PLINTH_MASTER_KEY_INVALID" });
    await expect(rotate(world, { newMasterKey: "short" })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
    expect(await dump()).toBe(before);
  });

  test("knows every column that is sealed", async () => {
    const { metadata } = await open(OLD_KEY);
    const { rows } = await sql<{ column: string }>`
      select conrelid::regclass || '.' || substring(pg_get_expr(def.adbin, def.adrelid) from 'split_part[(]([a-z_]+),') as column
      from pg_constraint join pg_attrdef def on def.adrelid = conrelid and def.adnum = conkey[1]
      where contype = 'f' and confrelid = 'plinth.master_keys'::regclass order by 1`.execute(metadata.db);
    expect(rows.map(({ column }) => column)).toEqual(SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`).toSorted());
  });
}, NATIVE_UNLESS_LONG);

const LONG_RUNS = 100;
const RUNS = process.env["PLINTH_TEST_LONG"] ? LONG_RUNS : 4;

test(`killed anywhere, ${RUNS} times over, it leaves everything readable with both keys, and is ended by the next`, { timeout: RUNS * 30_000 }, async () => {
  const database = await nativeDatabases(inject("nativePostgresUrl") as string).create();
  const random = seeded(5);
  const program = new URL("./support/rotate-and-die.ts", import.meta.url).pathname;
  for (let run = 0; run < RUNS; run++) {
    const world = await openSealedWorld(database.config, OLD_KEY);
    await addProjects(world, REFS);
    const count = 1 + Math.floor(random() * (4 * REFS.length + 1));
    const died = promisify(execFile)(process.execPath, ["--conditions=plinth-source", program, urlOf(database), String(count)]).then(
      () => "ended",
      (error: { signal: string }) => error.signal,
    );
    expect(await died).toBe(count > 4 * REFS.length ? "ended" : "SIGKILL");
    const both = await openSealedWorld(database.config, NEW_KEY, OLD_KEY);
    expect(await readAll(both)).toEqual(expectedSecrets(REFS));
    await rotateMasterKey({ ...both, actor: "test" });
    expect(await readAll(both)).toEqual(expectedSecrets(REFS));
    expect(await keyIds(both)).toEqual([both.keyRing.currentKeyId]);
    await sql`truncate plinth.projects, plinth.signing_keys, plinth.master_keys cascade`.execute(both.metadata.db);
    await Promise.all([world.metadata.close(), both.metadata.close()]);
  }
  await database.drop();
});
