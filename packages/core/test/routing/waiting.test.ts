import { describeDatabases } from "@plinth/testing/vitest";
import type pg from "pg";
import { afterEach, beforeAll, expect, test } from "vitest";
import type { RoutingPool } from "../../src/database/routing/routing-pool.ts";
import { ask, hold, pause, poolOf, routeOf, times } from "./support/routes.ts";

const BUSY = { code: "PLINTH_DATABASE_BUSY", status: 503, headers: { "Retry-After": "1" } };

describeDatabases("waiting for a connection", (databases) => {
  let config: pg.ClientConfig;
  let pool: RoutingPool;
  beforeAll(async () => {
    config = (await databases.create()).config;
  });
  afterEach(() => pool.close());

  test("ends after its time, and the next one finds the queue empty", async () => {
    pool = poolOf({ maxConnections: 1, acquireTimeoutMs: 200 });
    const route = routeOf(pool, "t", config);
    const letGo = await hold(route);
    const start = performance.now();
    await Promise.all(times(3, () => expect(ask(route)).rejects.toMatchObject(BUSY)));
    expect(performance.now() - start).toBeGreaterThan(190);
    expect(pool.metrics()).toMatchObject({ timeouts: 3, waiting: 0 });
    await letGo();
    await ask(route);
  });

  test("ends when who waits has gone, without a connection for them", async () => {
    pool = poolOf({ maxConnections: 1 });
    const route = routeOf(pool, "t", config);
    const letGo = await hold(route);
    const gone = new AbortController();
    let worked = false;
    const waiting = route.withClient(async () => (worked = true), { signal: gone.signal });
    const behind = ask(route);
    gone.abort();
    await expect(waiting).rejects.toMatchObject({ code: "PLINTH_REQUEST_ABORTED" });
    expect(pool.metrics().waiting).toBe(1);
    await letGo();
    await behind;
    expect(worked).toBe(false);
    await expect(route.withClient(async () => 1, { signal: AbortSignal.abort() })).resolves.toBe(1);
  });

  test("is refused where too many wait already, of that tenant alone", async () => {
    pool = poolOf({ maxConnections: 2, maxConnectionsPerTenant: 1, maxWaitingPerTenant: 3 });
    const [route, other] = [routeOf(pool, "t", config), routeOf(pool, "other", config)];
    const letGo = await hold(route);
    const waiting = times(3, () => ask(route));
    await expect(ask(route)).rejects.toMatchObject({ ...BUSY, message: "Too many requests wait for the project's database." });
    await ask(other);
    await letGo();
    await Promise.all(waiting);
  });

  test("closed before its first use, a tenant opens nothing", async () => {
    pool = poolOf({});
    const route = routeOf(pool, "t", config);
    await route.close();
    await expect(ask(route)).rejects.toMatchObject({ code: "PLINTH_CLOSED" });
    await expect(route.connect()).rejects.toMatchObject({ code: "PLINTH_CLOSED" });
    expect(route.opened()).toBe(0);
  });

  test("closing lets work in flight and those that wait end, and refuses the others", async () => {
    pool = poolOf({ maxConnections: 1 });
    const route = routeOf(pool, "t", config);
    const letGo = await hold(route);
    const waiting = ask(route);
    const closing = route.close();
    await expect(ask(route)).rejects.toMatchObject({ code: "PLINTH_CLOSED" });
    await letGo();
    await waiting;
    await closing;
    expect(route.released()).toBe(1);
    expect(pool.metrics().open).toBe(0);
  });

  test("closing does not wait for ever: after its time work is cancelled, and its connection closed", async () => {
    pool = poolOf({ maxConnections: 1, closeTimeoutMs: 200 });
    let cancelled = 0;
    const route = routeOf(pool, "t", config, { cancel: async () => void cancelled++ });
    const work = route.withClient((client) => client.query("select pg_sleep(3)"));
    const broken = expect(work).rejects.toMatchObject({ code: "PLINTH_DATABASE_UNAVAILABLE" });
    await pause(100);
    const late = expect(ask(route)).rejects.toMatchObject({ code: "PLINTH_CLOSED" });
    await route.close();
    expect(cancelled).toBe(1);
    await broken;
    await late;
    expect(pool.metrics()).toMatchObject({ open: 0, waiting: 0 });
  });

  test("a connection that comes back in a transaction, or broken, is not lent again", async () => {
    pool = poolOf({ maxConnections: 1 });
    const route = routeOf(pool, "t", config);
    await route.withClient((client) => client.query("begin"));
    const [row] = (await route.withClient((client) => client.query<{ n: number }>("select pg_current_xact_id_if_assigned() is null as n"))).rows;
    expect(row?.n).toBe(true);
    await expect(route.withClient(() => Promise.reject(Object.assign(new Error("gone"), { code: "57P01" })))).rejects.toMatchObject({ code: "PLINTH_DATABASE_UNAVAILABLE" });
    await ask(route);
    expect(pool.metrics()).toMatchObject({ opens: 3, open: 1 });
  });
});
