import { BackendError, CORE_ERRORS } from "@plinth/core";
import type { ChannelWatch, RawResult, Statement } from "@plinth/core";
import { afterEach, expect, test, vi } from "vitest";
import { LiveSchemaCache } from "../../src/schema-cache/live-schema-cache.ts";
import { SharedSchemaCaches } from "../../src/schema-cache/shared-schema-caches.ts";

/** A tenant whose catalogs show one table, named as last told, and whose answers wait to be given. */
class FakeTenant {
  tableName = "first";
  failure: Error | undefined;
  listenFailure: Error | undefined;
  loads = 0;
  versionsRead = 0;
  /** Of the next connection that listens. */
  epoch = 0;
  listens = 0;
  /** Whether it answers along with LISTEN what it is asked then. */
  answersWatches = false;
  stopped = false;
  notify: (payload: string) => void = () => {};
  #gate: Promise<void> = Promise.resolve();
  #connections = 0;

  /** @returns lets the answers go */
  hold(): () => void {
    let release = (): void => {};
    this.#gate = new Promise((resolve) => {
      release = resolve;
    });
    return () => release();
  }

  /** As its last connection goes away. */
  disconnect(): void {
    this.epoch = 0;
  }

  readonly catalog = async ({ parameters }: Statement): Promise<RawResult> => {
    const asksForVersion = parameters.length === 0;
    if (asksForVersion) this.versionsRead++;
    else this.loads++;
    const { failure } = this;
    const rows = asksForVersion ? versionRows(this.tableName) : [[catalogRows(this.tableName)]];
    await this.#gate;
    if (failure) throw failure;
    return { rows, command: "SELECT" };
  };

  readonly watch = (_channel: string, listener: (payload: string) => void): ChannelWatch => {
    const epoch = (): number => this.epoch;
    this.notify = listener;
    return {
      get epoch() {
        return epoch();
      },
      listen: async (question) => {
        if (this.listenFailure) throw this.listenFailure;
        this.listens++;
        const isAsked = this.answersWatches && this.epoch === 0 && question !== undefined;
        if (this.epoch === 0) this.epoch = ++this.#connections;
        return { epoch: this.epoch, answer: isAsked ? versionRows(this.tableName) : undefined };
      },
      flush: async () => {},
      stop: () => void (this.stopped = true),
    };
  };
}

/** As `schema_changes` with one row, and its triggers. */
const versionRows = (change: string): string[][] => ["plinth_ddl_command", "plinth_ddl_drop"].map((trigger) => [trigger, "O", "7", change]);

const catalogRows = (name: string): string =>
  JSON.stringify({
    version: versionRows(name), serverVersion: 150000, columns: [], enums: [], keys: [], keyedRelations: [], views: [], routines: [],
    computedRelationships: [], representations: [], mediaHandlers: [],
    tables: [{ id: "1", schema: "api", name, kind: "r", description: null, events: null }],
  });

const live = (tenant: FakeTenant, onError?: (error: unknown) => void): LiveSchemaCache =>
  new LiveSchemaCache(tenant, { schemas: ["api"], extraSearchPath: [], ...(onError && { onError }) });

const tableNames = (cache: { tables: ReadonlyMap<string, { name: string }> } | undefined): string[] => [...(cache?.tables.values() ?? [])].map(({ name }) => name);

afterEach(() => void vi.useRealTimers());

test("loads once for all who ask meanwhile, and keeps the snapshot", async () => {
  const tenant = new FakeTenant();
  const cache = live(tenant);
  expect(cache.current()).toBeUndefined();
  const [one, other] = await Promise.all([cache.get(), cache.get()]);
  expect(one).toBe(other);
  expect(await cache.get()).toBe(one);
  expect(cache.current()).toBe(one);
  expect(tenant.loads).toBe(1);
});

test("answers PGRST002 when the first load fails, and tries again at the next request", async () => {
  const tenant = new FakeTenant();
  tenant.failure = new Error("down");
  const cache = live(tenant);
  await expect(cache.get()).rejects.toMatchObject({ code: "PGRST002", status: 503, cause: tenant.failure });
  tenant.failure = undefined;
  expect(tableNames(await cache.get())).toEqual(["first"]);
});

test.each(["", "reload schema", "reload config"])("reloads on NOTIFY with payload %j", async (payload) => {
  const tenant = new FakeTenant();
  const cache = live(tenant);
  await cache.get();
  tenant.tableName = "second";
  tenant.notify(payload);
  await cache.pending();
  expect(tableNames(cache.current())).toEqual(["second"]);
});

test("does nothing on other payloads", async () => {
  const tenant = new FakeTenant();
  const cache = live(tenant);
  await cache.get();
  tenant.notify("reload everything");
  expect(cache.pending()).toBeUndefined();
});

test("answers again after nobody listened, once the database says that its schema is the same", async () => {
  const tenant = new FakeTenant();
  const cache = live(tenant);
  const first = await cache.get();
  tenant.disconnect();
  expect(cache.current()).toBeUndefined();
  expect(await Promise.all([cache.get(), cache.get(), cache.get()])).toEqual([first, first, first]);
  expect(tenant).toMatchObject({ loads: 1, versionsRead: 1, listens: 2 });
  expect(cache.current()).toBe(first);
});

test("reloads after nobody listened, when the schema has become another", async () => {
  const tenant = new FakeTenant();
  const cache = live(tenant);
  await cache.get();
  tenant.disconnect();
  tenant.tableName = "second";
  expect(tableNames(await cache.get())).toEqual(["second"]);
  expect(tenant).toMatchObject({ loads: 2, versionsRead: 1 });
});

test("asks nothing more where the version came along with LISTEN, be it the same or another", async () => {
  const tenant = new FakeTenant();
  tenant.answersWatches = true;
  const cache = live(tenant);
  const first = await cache.get();
  tenant.disconnect();
  expect(await cache.get()).toBe(first);
  expect(tenant).toMatchObject({ loads: 1, versionsRead: 0 });
  tenant.disconnect();
  tenant.tableName = "second";
  expect(tableNames(await cache.get())).toEqual(["second"]);
  expect(tenant).toMatchObject({ loads: 2, versionsRead: 0 });
});

test("asks again after each connection that is lost, also while it asks", async () => {
  const tenant = new FakeTenant();
  const cache = live(tenant);
  await cache.get();
  tenant.disconnect();
  const release = tenant.hold();
  const answer = cache.get();
  await vi.waitFor(() => expect(tenant.versionsRead).toBe(1));
  tenant.disconnect();
  release();
  expect(tableNames(await answer)).toEqual(["first"]);
  expect(cache.current()).toBeUndefined();
  await cache.get();
  expect(tenant.versionsRead).toBe(2);
});

test("does not answer from a snapshot that nobody vouches for, and says so in the words of what failed", async () => {
  const tenant = new FakeTenant();
  const cache = live(tenant);
  await cache.get();
  tenant.disconnect();
  tenant.listenFailure = new BackendError(CORE_ERRORS.databaseUnavailable);
  await expect(cache.get()).rejects.toBe(tenant.listenFailure);
  tenant.listenFailure = undefined;
  tenant.failure = new Error("cancelled");
  await expect(cache.get()).rejects.toMatchObject({ code: "PGRST002", cause: tenant.failure });
  tenant.failure = undefined;
  expect(tableNames(await cache.get())).toEqual(["first"]);
});

test("has something newer while it reloads, and when the version says so before the notification has come", async () => {
  const tenant = new FakeTenant();
  const cache = live(tenant);
  await cache.get();
  expect(await cache.newer()).toBeUndefined();
  tenant.tableName = "second";
  expect(tableNames(await cache.newer())).toEqual(["second"]);
  tenant.tableName = "third";
  tenant.notify("");
  expect(tableNames(await cache.newer())).toEqual(["third"]);
  expect(tableNames(cache.current())).toEqual(["third"]);
});

test("answers from the old snapshot while it reloads", async () => {
  const tenant = new FakeTenant();
  const cache = live(tenant);
  await cache.get();
  const release = tenant.hold();
  tenant.tableName = "second";
  tenant.notify("reload schema");
  expect(tableNames(await cache.get())).toEqual(["first"]);
  release();
  expect(tableNames(await cache.pending())).toEqual(["second"]);
  expect(cache.pending()).toBeUndefined();
});

test("makes one more load of many notifications that come during one, and misses no change", async () => {
  const tenant = new FakeTenant();
  const cache = live(tenant);
  await cache.get();
  const release = tenant.hold();
  tenant.notify("");
  await vi.waitFor(() => expect(tenant.loads).toBe(2));
  tenant.tableName = "third";
  for (let i = 0; i < 10; i++) tenant.notify("");
  release();
  expect(tableNames(await cache.pending())).toEqual(["third"]);
  expect(tenant.loads).toBe(3);
});

test("keeps the old snapshot when a reload fails, tells of it, and tries again later", async () => {
  vi.useFakeTimers();
  const tenant = new FakeTenant();
  const errors: unknown[] = [];
  const cache = live(tenant, (error) => errors.push(error));
  await cache.get();
  tenant.failure = new Error("down");
  tenant.tableName = "second";
  tenant.notify("");
  await cache.pending()?.catch(() => undefined);
  expect(errors).toEqual([tenant.failure]);
  tenant.failure = undefined;
  expect(tableNames(await cache.get())).toEqual(["first"]);
  expect(tenant.loads).toBe(2);
  vi.advanceTimersByTime(1_000);
  await cache.get();
  await cache.pending();
  expect(tableNames(await cache.get())).toEqual(["second"]);
});

test("stops listening when disposed of", async () => {
  const tenant = new FakeTenant();
  const cache = live(tenant);
  await cache.get();
  cache.dispose();
  expect(tenant.stopped).toBe(true);
  tenant.notify("");
  expect(tenant.loads).toBe(1);
});

test("keeps one of equal schemas, as long as somebody has it, and shares nothing with other schemas", async () => {
  const shared = new SharedSchemaCaches();
  const [one, same, other] = [new FakeTenant(), new FakeTenant(), new FakeTenant()];
  other.tableName = "another";
  const [a, b, c] = await Promise.all([one, same, other].map((tenant) => new LiveSchemaCache(tenant, { schemas: ["api"], extraSearchPath: [], shared }).get()));
  expect(a).toBe(b);
  expect(tableNames(a)).toEqual(["first"]);
  expect(tableNames(c)).toEqual(["another"]);
});

test("takes what another database of the same version is known to have, unless it is read with other options", async () => {
  const shared = new SharedSchemaCaches();
  const [first, copy, changed, elsewhere] = [new FakeTenant(), new FakeTenant(), new FakeTenant(), new FakeTenant()];
  changed.tableName = "another";
  const get = (tenant: FakeTenant, schema = "api") => new LiveSchemaCache(tenant, { schemas: [schema], extraSearchPath: [], shared }).get();
  const cache = await get(first);
  expect(await get(copy)).toBe(cache);
  expect(copy).toMatchObject({ loads: 0, versionsRead: 1 });
  expect(tableNames(await get(changed))).toEqual(["another"]);
  expect(changed.loads).toBe(1);
  await get(elsewhere, "private");
  expect(elsewhere.loads).toBe(1);
});

test("a change that comes while the version is asked for is not taken for the version before", async () => {
  const shared = new SharedSchemaCaches();
  const [first, copy] = [new FakeTenant(), new FakeTenant()];
  await new LiveSchemaCache(first, { schemas: ["api"], extraSearchPath: [], shared }).get();
  const cache = new LiveSchemaCache(copy, { schemas: ["api"], extraSearchPath: [], shared });
  const release = copy.hold();
  const got = cache.get();
  await vi.waitFor(() => expect(copy.versionsRead).toBe(1));
  copy.tableName = "second";
  copy.notify("reload schema");
  release();
  await got;
  await cache.pending();
  expect(tableNames(await cache.get())).toEqual(["second"]);
});
