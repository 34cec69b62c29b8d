import { createHash } from "node:crypto";
import path from "node:path";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { BackendError, type ObjectStore, STORE_ERRORS } from "@plinth/core";
import { MemoryStore } from "@plinth/storage";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { CompiledQuery } from "kysely";
import { createBackend, type TenantStorageApi } from "plinth";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectFolder } from "../../packages/plinth/test/cli/support/project-folder.ts";
import { type Announcement, startDev } from "../../packages/plinth/test/cli/support/run-plinth.ts";
import { openNativeOrEmbedded } from "../scenarios/support/open-backend.ts";
import { seeded } from "../support/seeded.ts";

/** Starting and opening is what costs: the one round is followed by a second opening, in which all is looked at. */
const ROUNDS = process.env["PLINTH_TEST_LONG"] ? 20 : 1;
/** Another one finds other moments. */
const SEED = Number(process.env["PLINTH_TEST_SEED"] ?? 6);
const LANES = [0, 1, 2, 3];
const NAMES = 4;

const md5 = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");

/** What a name may have: an MD5, or nothing. What was on its way when the process died may have come through. */
interface Expected {
  acknowledged: string | undefined;
  underWay: { readonly result: string | undefined } | undefined;
}

type Random = () => number;

/** Writes, overwrites and deletes objects of its own, one after the other, until the server is gone. Tells of each that was acknowledged. */
async function work({ url, serviceRoleKey }: Announcement, lane: number, random: Random, expected: Map<string, Expected>, tell: () => void): Promise<void> {
  for (;;) {
    const name = `${lane % 2 === 0 ? "plain" : "kept"}/lane ${lane}/${Math.floor(random() * NAMES)}`;
    const body = random() < 0.2 ? undefined : Buffer.alloc(Math.floor(random() ** 3 * 600_000), `${lane} ${random()} `);
    const known = expected.get(name) ?? { acknowledged: undefined, underWay: undefined };
    expected.set(name, known);
    const result = body && md5(body);
    known.underWay = { result };
    const headers = { apikey: serviceRoleKey, authorization: `Bearer ${serviceRoleKey}`, "x-upsert": "true" };
    const address = `${url}/storage/v1/object/${name}`;
    const response = await fetch(address, body === undefined ? { method: "DELETE", headers } : { method: "POST", headers, body }).catch(() => undefined);
    // The answer is whole once all of it is here.
    const answer = await response?.json().then((value) => value as unknown, () => undefined);
    if (response === undefined || answer === undefined) return;
    if (!response.ok && body !== undefined) throw new Error(`${name}: ${JSON.stringify(answer)}`);
    known.acknowledged = result;
    known.underWay = undefined;
    tell();
  }
}

/** Reads every name: each is whole, and what was acknowledged or was on its way. What it is is known from then on. */
async function check(fetched: (name: string) => Promise<Response>, expected: Map<string, Expected>): Promise<void> {
  for (const [name, known] of expected) {
    const response = await fetched(name);
    const bytes = Buffer.from(await response.arrayBuffer());
    const found = response.ok ? md5(bytes) : undefined;
    if (response.ok) expect([response.headers.get("etag"), response.headers.get("content-length")], name).toEqual([`"${found}"`, String(bytes.length)]);
    else expect(bytes.toString(), name).toContain("not_found");
    expect([known.acknowledged, ...(known.underWay ? [known.underWay.result] : [])], name).toContain(found);
    Object.assign(known, { acknowledged: found, underWay: undefined });
  }
}

test(`kill -9 amid uploads, overwrites and deletes (rounds: ${ROUNDS}) loses nothing acknowledged and leaves nothing that a sweep doesn't find`, { timeout: 60_000 + ROUNDS * 30_000 }, async () => {
  const cwd = projectFolder();
  const expected = new Map<string, Expected>();
  const random = seeded(SEED);
  for (let round = 0; round < ROUNDS; round++) {
    const dev = await startDev([], { cwd });
    const { announced } = dev;
    let lanes: readonly Promise<void>[] = [];
    const headers = { apikey: announced.serviceRoleKey, authorization: `Bearer ${announced.serviceRoleKey}` };
    await check((name) => fetch(`${announced.url}/storage/v1/object/authenticated/${name}`, { headers }), expected);
    if (round === 0) for (const bucket of [{ name: "plain" }, { name: "kept", kept_versions: 2 }]) await fetch(`${announced.url}/storage/v1/bucket`, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(bucket) });
    let left = 10 + Math.floor(30 * random());
    await new Promise<void>((resolve, reject) => {
      const tell = (): void => void (--left === 0 && resolve());
      lanes = LANES.map((lane) => work(announced, lane, seeded(SEED * 1_000 + round * 10 + lane), expected, tell));
      Promise.all(lanes).catch(reject);
    });
    await delay(40 * random());
    await dev.stop("SIGKILL");
    await Promise.all(lanes);
  }

  const backend = await createBackend({ dataDirectory: path.join(cwd, ".plinth"), databaseUrl: false });
  try {
    const { serviceRoleKey } = await backend.projects.get("default");
    const read = (name: string) => backend.fetch(`http://backend/storage/v1/object/authenticated/${encodeURI(name)}`, { headers: { apikey: serviceRoleKey } });
    await check(read, expected);
    const { storage } = await backend.tenant();
    const swept = await storage.sweep({ grace: 0 });
    expect(swept.rowsWithoutBytes, JSON.stringify(swept)).toEqual({ count: 0, examples: [] });
    const owner = await backend.ownerDatabase();
    const { rows } = await owner.db.executeQuery<{ named: string }>(CompiledQuery.raw("select (select count(*) from storage.objects) + (select count(*) from storage.object_versions) as named"));
    await owner.release();
    expect(await storage.sweep({ grace: 0 })).toMatchObject({ objects: Number(rows[0]?.named), bytesWithoutRow: { count: 0 }, rowsWithoutBytes: { count: 0 }, expiredVersions: 0, abortedUploads: 0 });
    await check(read, expected);
  } finally {
    await backend.close();
  }
});

/** A store of one's own, which fails when it is told to. */
class FailingStore {
  readonly memory = new MemoryStore({ maxBytes: 500_000 });
  readonly failing = new Set<keyof ObjectStore>();
  readonly store: ObjectStore = new Proxy<ObjectStore>(this.memory, {
    get: (memory, name: keyof ObjectStore) => {
      const value = memory[name];
      if (typeof value !== "function") return value;
      return (...given: unknown[]) => {
        if (this.failing.has(name)) throw new BackendError(STORE_ERRORS.unavailable);
        return (value as (...given: unknown[]) => unknown).apply(memory, given);
      };
    },
  });
}

describeDatabases("files", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let storage: TenantStorageApi;
  const failing = new FailingStore();
  const errors: unknown[] = [];
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { onError: (error) => errors.push(error), sql: "insert into storage.buckets (id, name) values ('own', 'own')", storage: { store: failing.store } }));
    ({ storage } = await backend.tenant());
  });
  afterAll(() => close());

  const send = (method: string, name: string, body: string | undefined, headers: Readonly<Record<string, string>> = {}) =>
    backend.fetch(`http://backend/storage/v1/object/own/${name}`, { method, headers: { apikey: backend.serviceRoleKey, ...headers }, ...(body === undefined ? {} : { body }) });
  const read = async (name: string): Promise<string> => Buffer.concat((await (await storage.from("own").download(name)).stream.toArray()) as Buffer[]).toString();
  const statuses = async (responses: ReadonlyArray<Promise<Response>>): Promise<number[]> => (await Promise.all(responses)).map(({ status }) => status).sort();
  /** Once the trash was emptied, the store has what rows name, and no more. */
  const isClean = () => expect.poll(() => storage.sweep({ grace: 0, dryRun: true }), { timeout: 20_000 }).toMatchObject({ bytesWithoutRow: { count: 0 }, rowsWithoutBytes: { count: 0 } });

  test("of 20 that write one name at once one wins, and the others leave nothing", async () => {
    const writers = Array.from({ length: 20 }, (_, index) => `writer ${index}`);
    expect(await statuses(writers.map((text) => send("POST", "one", text)))).toEqual([200, ...Array<number>(19).fill(400)]);
    const first = await read("one");
    expect(writers).toContain(first);
    expect(await statuses(writers.map((text) => send("POST", "one", `${text} again`, { "x-upsert": "true" })))).toEqual(Array<number>(20).fill(200));
    expect(writers.map((text) => `${text} again`)).toContain(await read("one"));
    await isClean();
    expect((await storage.sweep({ dryRun: true })).objects).toBe(1);
  });

  test("of two renames of one object, or to one name, one comes through", async () => {
    const own = storage.from("own");
    for (let round = 0; round < 5; round++) {
      await Promise.all(["a", "b", "c"].map((name) => own.upload(`${round}/${name}`, name)));
      const outcomes = async (...renames: ReadonlyArray<readonly [string, string]>): Promise<string[]> => (await Promise.allSettled(renames.map(([from, to]) => own.move(`${round}/${from}`, `${round}/${to}`)))).map(({ status }) => status).sort();
      expect(await outcomes(["a", "x"], ["a", "y"])).toEqual(["fulfilled", "rejected"]);
      expect(await outcomes(["b", "z"], ["c", "z"])).toEqual(["fulfilled", "rejected"]);
      const { objects } = await own.list(`${round}/`);
      expect(objects).toHaveLength(3);
      expect((await Promise.all(objects.map(({ name }) => read(name)))).sort()).toEqual(["a", "b", "c"]);
      await own.remove(objects.map(({ name }) => name));
    }
    await isClean();
  });

  test("a full store refuses what doesn't fit, and keeps what it has", async () => {
    const own = storage.from("own");
    await own.upload("kept", "as it was");
    const large = "x".repeat(600_000);
    const response = await send("POST", "large", large);
    expect([response.status, await response.json()]).toEqual([507, expect.objectContaining({ statusCode: "507", code: "StoreFull" })]);
    expect((await send("POST", "kept", large, { "x-upsert": "true" })).status).toBe(507);
    // Whoever runs the server hears of it.
    expect(errors.splice(0)).toEqual([expect.objectContaining({ code: "PLINTH_STORE_FULL" }), expect.objectContaining({ code: "PLINTH_STORE_FULL" })]);
    await expect(own.upload("kept", Readable.from(Array.from({ length: 10 }, () => Buffer.alloc(60_000))), { upsert: true })).rejects.toMatchObject({ code: "StoreFull" });
    expect([await read("kept"), await own.exists("large")]).toEqual(["as it was", false]);
    await isClean();
    await own.upload("fits", "y".repeat(400_000));
    await own.remove(["fits"]);
    await isClean();
  });

  test("a store that is away refuses, and loses nothing; what it could not delete the sweep finds", async () => {
    const own = storage.from("own");
    failing.failing.add("put").add("get");
    expect(await (await send("POST", "kept", "anew", { "x-upsert": "true" })).json()).toMatchObject({ statusCode: "503", code: "StoreUnavailable" });
    await expect(own.download("kept")).rejects.toMatchObject({ code: "StoreUnavailable" });
    failing.failing.clear();
    expect(await read("kept")).toBe("as it was");
    failing.failing.add("delete");
    await own.upload("kept", "anew", { upsert: true });
    await own.remove(["one"]);
    // The trash has tried by then.
    await storage.sweep({ dryRun: true });
    await expect(storage.sweep({ grace: 0 })).rejects.toMatchObject({ code: "PLINTH_STORE_UNAVAILABLE" });
    failing.failing.clear();
    expect(await storage.sweep({ grace: 0 })).toMatchObject({ bytesWithoutRow: { count: 2 } });
    expect([await read("kept"), await own.exists("one")]).toEqual(["anew", false]);
    await isClean();
  });
});
