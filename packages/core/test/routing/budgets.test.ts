import { describeDatabases } from "@plinth/testing/vitest";
import pg from "pg";
import { afterEach, beforeAll, expect, test } from "vitest";
import type { RoutingPool } from "../../src/database/routing/routing-pool.ts";
import { ask, hold, poolOf, routeOf, type TestRoute, times } from "./support/routes.ts";

describeDatabases("budgets of connections", (databases) => {
  let config: pg.ClientConfig;
  let pool: RoutingPool;
  beforeAll(async () => {
    config = (await databases.create()).config;
  });
  afterEach(() => pool.close());

  /** Asks the server how many connections this database has, itself left out. The embedded one has no such book. */
  async function openWatch(): Promise<{ connections(): Promise<number>; end(): Promise<void> }> {
    if (databases.kind === "embedded") return { connections: async () => pool.metrics().open, end: async () => undefined };
    const client = new pg.Client(config);
    await client.connect();
    const sql = "select count(*)::int as count from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    return { connections: async () => (await client.query<{ count: number }>(sql)).rows[0]?.count ?? -1, end: () => client.end() };
  }

  /** Runs `requests` requests for each route, and says how many were at work at once at most: of all, and of each of some of them. */
  async function mostAtWork(routes: readonly TestRoute[], requests: number, ...groups: ReadonlyArray<readonly TestRoute[]>): Promise<number[]> {
    const atWork = new Map(routes.map((route) => [route, 0]));
    const most = [routes, ...groups].map(() => 0);
    const look = (): void => {
      for (const [i, group] of [routes, ...groups].entries()) most[i] = Math.max(most[i]!, group.reduce((sum, route) => sum + atWork.get(route)!, 0));
    };
    const work = routes.flatMap((route) =>
      times(requests, () =>
        route.withClient(async (client) => {
          atWork.set(route, atWork.get(route)! + 1);
          look();
          await client.query("select pg_sleep(0.02)");
          atWork.set(route, atWork.get(route)! - 1);
        }),
      ),
    );
    await Promise.all(work);
    return most;
  }

  test("hold in all, per cluster and per tenant", async () => {
    pool = poolOf({ maxConnections: 5, maxConnectionsPerTenant: 3, maxConnectionsPerCluster: (cluster) => (cluster === "b" ? 2 : undefined) });
    const [wide, narrow] = [routeOf(pool, "a1", config), routeOf(pool, "a2", config, { maxConnections: 1 })];
    const inB = [routeOf(pool, "b1", config, { cluster: "b" }), routeOf(pool, "b2", config, { cluster: "b" })];
    expect(await mostAtWork([wide, narrow, ...inB], 15, [narrow], inB)).toEqual([5, 1, 2]);
    const { clusters } = pool.metrics();
    expect(clusters.map(({ cluster, maxConnections }) => [cluster, maxConnections])).toEqual([["a", 5], ["b", 2]]);
  });

  test("a tenant that is slow gets as many connections as it may have, and no more", async () => {
    pool = poolOf({ maxConnections: 5, maxConnectionsPerTenant: 3 });
    expect(await mostAtWork([routeOf(pool, "slow", config)], 30)).toEqual([3]);
  });

  test("500 first requests at the same moment are all answered on 8 connections, and leave none behind", async () => {
    pool = poolOf({ maxConnections: 8 });
    const routes = times(500, (i) => routeOf(pool, `cold${i}`, config));
    const watch = await openWatch();
    let most = 0;
    const watching = setInterval(() => void watch.connections().then((count) => (most = Math.max(most, count))), 50);
    const answers = await Promise.all(routes.map(ask));
    clearInterval(watching);
    expect(answers).toHaveLength(500);
    expect(most).toBeLessThanOrEqual(8);
    expect(new Set(routes.map((route) => route.opened()))).toEqual(new Set([1]));
    await pool.close();
    expect(await watch.connections()).toBe(0);
    await watch.end();
    expect(new Set(routes.map((route) => route.released()))).toEqual(new Set([1]));
    expect(pool.metrics()).toMatchObject({ open: 0, opening: 0, waiting: 0, tenants: 0, opens: 500, closes: 500 });
  });

  test("all that wait for a connection to open are served by that one", async () => {
    pool = poolOf({ maxConnections: 1, quantumMs: 10_000 });
    const routes = times(3, (i) => routeOf(pool, `t${i}`, config));
    await Promise.all(routes.flatMap((route) => times(20, () => ask(route))));
    expect(routes.map((route) => route.opened())).toEqual([1, 1, 1]);
  });

  test("no more are opened at once than may be", async () => {
    pool = poolOf({ maxConnections: 20, maxOpening: 2 });
    const routes = times(20, (i) => routeOf(pool, `t${i}`, config));
    let most = 0;
    const look = () => (most = Math.max(most, pool.metrics().opening));
    await Promise.all(
      routes.map((route) => {
        const answer = ask(route);
        look();
        return answer.then(look);
      }),
    );
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(2);
  });

  test("connections for one borrower alone count as well, take half at most, and are free when they end", async () => {
    pool = poolOf({ maxConnections: 4, acquireTimeoutMs: 300 });
    const route = routeOf(pool, "t", config);
    const own = [await route.connect(), await route.connect()];
    expect(pool.metrics()).toMatchObject({ open: 2, pinned: 2 });
    await expect(route.connect()).rejects.toMatchObject({ code: "PLINTH_DATABASE_BUSY", headers: { "Retry-After": "1" } });
    const letGo = await hold(route);
    await own[0]?.end();
    const third = await route.connect();
    await letGo();
    await Promise.all([third.end(), own[1]?.end()]);
    await expect.poll(() => pool.metrics()).toMatchObject({ open: 1, pinned: 0 });
  });
});
