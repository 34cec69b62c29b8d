import { describeDatabases } from "@plinth/testing/vitest";
import type pg from "pg";
import { afterEach, beforeAll, expect, test } from "vitest";
import type { RoutingPool } from "../../src/database/routing/routing-pool.ts";
import { ask, hold, pause, poolOf, routeOf, times } from "./support/routes.ts";

describeDatabases("eviction", (databases) => {
  let config: pg.ClientConfig;
  let pool: RoutingPool;
  beforeAll(async () => {
    config = (await databases.create()).config;
  });
  afterEach(() => pool.close());

  test("a walk over cold tenants leaves the hot ones their connections", async () => {
    pool = poolOf({ maxConnections: 6 });
    const hot = times(4, (i) => routeOf(pool, `hot${i}`, config));
    for (let i = 0; i < 10; i++) await Promise.all(hot.map(ask));
    const cold = times(60, (i) => routeOf(pool, `cold${i}`, config));
    for (const route of cold) await ask(route);
    await Promise.all(hot.map(ask));
    expect(hot.map((route) => route.opened())).toEqual([1, 1, 1, 1]);
    expect(pool.metrics()).toMatchObject({ open: 6, evictions: 58 });
  });

  test("a tenant's second connection goes before another's only one", async () => {
    pool = poolOf({ maxConnections: 3 });
    const [wide, single, late] = [routeOf(pool, "wide", config), routeOf(pool, "single", config), routeOf(pool, "late", config)];
    const letGo = await hold(wide);
    const letGoOfSecond = await hold(wide);
    await letGo();
    await letGoOfSecond();
    // Often asked, one at a time: the second connection is not needed.
    for (let i = 0; i < 30; i++) await ask(wide);
    for (let i = 0; i < 5; i++) await ask(single);
    await ask(late);
    await ask(single);
    expect([wide, single, late].map((route) => route.opened())).toEqual([1, 1, 1]);
  });

  test("what is at work is never evicted: others wait", async () => {
    pool = poolOf({ maxConnections: 2 });
    const letGo = await Promise.all(times(2, (i) => hold(routeOf(pool, `busy${i}`, config))));
    const late = ask(routeOf(pool, "late", config));
    expect(await Promise.race([late, pause(300).then(() => "waiting")])).toBe("waiting");
    await letGo[0]?.();
    await late;
    await letGo[1]?.();
  });

  test("an idle connection is closed after its time, its target released, and both opened again", async () => {
    pool = poolOf({ idleTimeoutMs: 100 });
    const route = routeOf(pool, "t", config);
    await ask(route);
    expect([route.opened(), route.released()]).toEqual([1, 0]);
    await expect.poll(() => [pool.metrics().open, route.released()], { timeout: 5_000 }).toEqual([0, 1]);
    await ask(route);
    expect([route.opened(), route.released()]).toEqual([2, 1]);
  });

  test("so many embedded databases are open at once, and no more", async () => {
    pool = poolOf({ maxEmbedded: 2 });
    let open = 0;
    let most = 0;
    const route = (i: number) =>
      pool.route({
        id: `e${i}`,
        cluster: "embedded",
        kind: "embedded",
        open: async () => {
          most = Math.max(most, ++open);
          return { config, cancel: async () => undefined, release: async () => void open-- };
        },
      });
    await Promise.all(times(8, (i) => ask(route(i))));
    expect(most).toBe(2);
  });
});
