import type { RawResult, Statement } from "@plinth/core";
import { afterEach, expect, test, vi } from "vitest";
import { LiveSchemaCache } from "../../src/schema-cache/live-schema-cache.ts";

/** A tenant whose catalogs show one table, named as last told, and whose answers wait to be given. */
class FakeTenant {
  tableName = "first";
  failure: Error | undefined;
  listenFailure: Error | undefined;
  loads = 0;
  listeners = 0;
  notify: (payload: string) => void = () => {};
  reconnect: () => void = () => {};
  #gate: Promise<void> = Promise.resolve();

  /** @returns lets the answers go */
  hold(): () => void {
    let release = (): void => {};
    this.#gate = new Promise((resolve) => {
      release = resolve;
    });
    return () => release();
  }

  readonly catalog = async (_statement: Statement): Promise<RawResult> => {
    this.loads++;
    const { failure } = this;
    const rows = catalogRows(this.tableName);
    await this.#gate;
    if (failure) throw failure;
    return { rows: [[rows]], command: "SELECT 1" };
  };

  readonly listen = async (_channel: string, listener: (payload: string) => void, onReconnect?: () => void) => {
    if (this.listenFailure) throw this.listenFailure;
    this.listeners++;
    this.notify = listener;
    this.reconnect = onReconnect ?? (() => {});
    return async () => void this.listeners--;
  };
}

const catalogRows = (name: string): string =>
  JSON.stringify({
    serverVersion: 150000, columns: [], enums: [], keys: [], keyedRelations: [], views: [], routines: [],
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

test("reloads after the listening connection was lost, not on other payloads", async () => {
  const tenant = new FakeTenant();
  const cache = live(tenant);
  await cache.get();
  tenant.notify("reload everything");
  expect(cache.pending()).toBeUndefined();
  tenant.tableName = "second";
  tenant.reconnect();
  await cache.pending();
  expect(tableNames(await cache.get())).toEqual(["second"]);
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

test("works without LISTEN, and listens once that is to be had", async () => {
  vi.useFakeTimers();
  const tenant = new FakeTenant();
  tenant.listenFailure = new Error("read-only");
  const errors: unknown[] = [];
  const cache = live(tenant, (error) => errors.push(error));
  expect(tableNames(await cache.get())).toEqual(["first"]);
  expect(errors).toEqual([tenant.listenFailure]);
  tenant.listenFailure = undefined;
  vi.advanceTimersByTime(1_000);
  await cache.get();
  await cache.pending();
  expect(tenant.listeners).toBe(1);
});

test("stops listening when disposed of", async () => {
  const tenant = new FakeTenant();
  const cache = live(tenant);
  await cache.get();
  expect(tenant.listeners).toBe(1);
  await cache.dispose();
  expect(tenant.listeners).toBe(0);
  tenant.notify("");
  expect(tenant.loads).toBe(1);
});
