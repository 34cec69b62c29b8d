import { nativeDatabases } from "@plinth/testing";
import type pg from "pg";
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import type { RoutingPool } from "../../src/database/routing/routing-pool.ts";
import { ask, hold, pause, poolOf, routeOf, times } from "./support/routes.ts";
import { errorResponse, openTcpProxy, type TcpProxy } from "./support/tcp-proxy.ts";

const DOWN = { code: "PLINTH_DATABASE_UNAVAILABLE", status: 503, headers: { "Retry-After": "1" } };

const TOO_MANY = { S: "FATAL", C: "53300", M: "sorry, too many clients already" };

const url = inject("nativePostgresUrl");

describe.runIf(url !== undefined)("a server that can't be connected to", () => {
  let direct: pg.ClientConfig;
  let proxy: TcpProxy;
  let pool: RoutingPool;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const database = await nativeDatabases(url as string).create();
    direct = database.config;
    drop = () => database.drop();
    return () => drop();
  });
  beforeEach(async () => {
    proxy = await openTcpProxy({ host: direct.host as string, port: direct.port as number });
  });
  afterEach(async () => {
    await pool.close();
    await proxy.down().catch(() => undefined);
  });

  const through = (): pg.ClientConfig => ({ ...direct, host: "127.0.0.1", port: proxy.port });

  const untilDown = (route: ReturnType<typeof routeOf>) => expect.poll(() => ask(route).then(() => "up", (error: { code?: string }) => error.code)).toBe(DOWN.code);

  test("is said so at once, tried by one at a time and less and less often, and found again by itself", async () => {
    pool = poolOf({});
    const routes = times(30, (i) => routeOf(pool, `t${i}`, through()));
    await Promise.all(routes.slice(0, 3).map(ask));
    await proxy.down();
    await untilDown(routes[0]!);
    const attempts = pool.metrics().failures;
    const start = performance.now();
    const answers = await Promise.allSettled(times(20, () => routes).flat().map(ask));
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(new Set(answers.map((answer) => (answer.status === "rejected" ? (answer.reason as { code: string }).code : "answered")))).toEqual(new Set([DOWN.code]));
    // One for each of a few delays, not one for each of 600 requests.
    expect(pool.metrics().failures - attempts).toBeLessThan(6);
    expect(pool.metrics()).toMatchObject({ clusters: [{ isDown: true }], opening: 0, waiting: 0 });
    await proxy.up();
    await expect.poll(() => Promise.all(routes.map(ask)).then(() => "up", () => "down"), { timeout: 8_000 }).toBe("up");
    expect(pool.metrics()).toMatchObject({ clusters: [{ isDown: false }] });
    expect(pool.metrics().open).toBeLessThanOrEqual(4);
  });

  test("does not concern the tenants of another", async () => {
    pool = poolOf({});
    const [ill, well] = [routeOf(pool, "ill", through()), routeOf(pool, "well", direct, { cluster: "b" })];
    await proxy.down();
    await untilDown(ill);
    await Promise.all(times(20, () => ask(well)));
    await expect(ask(ill)).rejects.toMatchObject(DOWN);
  });

  test("a single failure is not told to those who can wait for the next try", async () => {
    pool = poolOf({});
    const route = routeOf(pool, "t", through());
    await proxy.down();
    const answer = ask(route);
    await pause(30);
    await proxy.up();
    await answer;
  });

  test("goes on to serve those whose connections are open, and leaves none behind when they break", async () => {
    pool = poolOf({ maxConnections: 3 });
    const route = routeOf(pool, "t", through());
    const working = route.withClient((client) => client.query("select pg_sleep(5)"));
    const failed = expect(working).rejects.toMatchObject(DOWN);
    await expect.poll(() => pool.metrics().busy).toBe(1);
    await proxy.down();
    await failed;
    await expect.poll(() => pool.metrics()).toMatchObject({ open: 0, tenants: 0 });
    expect(route.released()).toBe(route.opened());
  });

  test("a database that isn't there is its own tenant's trouble", async () => {
    pool = poolOf({});
    const [missing, other] = [routeOf(pool, "missing", { ...through(), database: "no_such_database" }), routeOf(pool, "other", through())];
    await expect(ask(missing)).rejects.toMatchObject({ ...DOWN, cause: { code: "3D000" } });
    const attempts = proxy.attempts();
    await Promise.all(times(50, () => expect(ask(missing)).rejects.toMatchObject(DOWN)));
    expect(proxy.attempts() - attempts).toBeLessThan(3);
    await ask(other);
    expect(pool.metrics()).toMatchObject({ clusters: [{ isDown: false }] });
  });

  test("a target that can't be opened is told as it fails, and tried again", async () => {
    pool = poolOf({});
    let works = false;
    const route = pool.route({
      id: "t",
      cluster: "a",
      kind: "native",
      open: async () => {
        if (!works) throw new Error("no");
        return { config: direct, cancel: async () => undefined, release: async () => undefined };
      },
    });
    await expect(ask(route)).rejects.toMatchObject({ ...DOWN, cause: { message: "no" } });
    works = true;
    await expect.poll(() => ask(route).then(() => "up", () => "down")).toBe("up");
  });

  test("one that takes no more connections is a smaller one for a while: requests wait for those that it bears", async () => {
    pool = poolOf({ maxConnections: 10, maxConnectionsPerTenant: 1 });
    const routes = times(12, (i) => routeOf(pool, `t${i}`, through()));
    await Promise.all(routes.slice(0, 2).map(ask));
    proxy.refuseWith(errorResponse(TOO_MANY));
    const letGo = await hold(routes[0]!);
    const waiting = Promise.all(routes.slice(2).map(ask));
    await pause(400);
    expect(pool.metrics()).toMatchObject({ timeouts: 0, clusters: [{ isDown: false }] });
    expect(pool.metrics().failures).toBeGreaterThan(0);
    proxy.refuseWith(undefined);
    await letGo();
    await waiting;
    // Two were borne; for a while no more of them are asked for.
    expect(pool.metrics().open).toBeLessThanOrEqual(3);
  });

  test("a database with too many connections of its own holds up nobody else", async () => {
    pool = poolOf({ acquireTimeoutMs: 1_000 });
    const full = routeOf(pool, "full", through());
    proxy.refuseWith(errorResponse({ ...TOO_MANY, R: "CheckMyDatabase" }));
    const waiting = expect(ask(full)).rejects.toMatchObject({ code: "PLINTH_DATABASE_BUSY" });
    await expect.poll(() => pool.metrics().failures).toBeGreaterThan(0);
    // On a smaller server they would not have one each.
    const letGo = await Promise.all(times(3, (i) => hold(routeOf(pool, `other${i}`, direct))));
    await waiting;
    for (const go of letGo) await go();
  });
});
