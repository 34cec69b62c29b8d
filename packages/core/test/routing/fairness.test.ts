import { describeDatabases } from "@plinth/testing/vitest";
import type pg from "pg";
import { afterEach, beforeAll, expect, test } from "vitest";
import type { RoutingPool } from "../../src/database/routing/routing-pool.ts";
import { ask, hold, pause, poolOf, routeOf, type TestRoute, times } from "./support/routes.ts";

describeDatabases("turns", (databases) => {
  let config: pg.ClientConfig;
  let pool: RoutingPool;
  beforeAll(async () => {
    config = (await databases.create()).config;
  });
  afterEach(() => pool.close());

  /** So many clients that ask again as soon as they have an answer. @returns stops them */
  function keepAsking(route: TestRoute, clients: number): () => Promise<void> {
    let isOn = true;
    const client = async (): Promise<void> => {
      while (isOn) await ask(route).catch(() => (isOn = false));
    };
    const clientsDone = Promise.all(times(clients, client));
    return async () => {
      isOn = false;
      await clientsDone;
    };
  }

  async function waited(route: TestRoute): Promise<number> {
    const start = performance.now();
    await ask(route);
    return performance.now() - start;
  }

  test("a tenant with a queue that never ends does not starve others", async () => {
    pool = poolOf({ maxConnections: 2, quantumMs: 50 });
    const stop = keepAsking(routeOf(pool, "noisy", config), 50);
    await pause(300);
    const others = times(4, (i) => routeOf(pool, `quiet${i}`, config));
    const longest = Math.max(...(await Promise.all(others.map(waited))));
    await stop();
    expect(longest).toBeLessThan(5_000);
    expect(pool.metrics()).toMatchObject({ timeouts: 0 });
  });

  test("nor do several of them, of whom each has its turn", async () => {
    pool = poolOf({ maxConnections: 2, quantumMs: 30 });
    const noisy = times(4, (i) => routeOf(pool, `noisy${i}`, config));
    const stops = noisy.map((route) => keepAsking(route, 10));
    await expect.poll(() => noisy.every((route) => route.opened() >= 2), { timeout: 15_000 }).toBe(true);
    await Promise.all(stops.map((stop) => stop()));
  });

  test("a connection is not taken from a tenant in the midst of its work", async () => {
    pool = poolOf({ maxConnections: 1, quantumMs: 10 });
    const [slow, other] = [routeOf(pool, "slow", config), routeOf(pool, "other", config)];
    let answered = false;
    const work = slow.withClient(async (client) => {
      await client.query("select pg_sleep(0.3)");
      expect(answered).toBe(false);
      return (await client.query<{ one: number }>("select 1 as one")).rows[0]?.one;
    });
    const answer = ask(other).then(() => (answered = true));
    expect(await work).toBe(1);
    await answer;
  });

  test("who has waited longest is next, however many wait for others", async () => {
    pool = poolOf({ maxConnections: 1, quantumMs: 60_000 });
    const [busy, first, second] = ["busy", "first", "second"].map((id) => routeOf(pool, id, config)) as [TestRoute, TestRoute, TestRoute];
    const letGo = await hold(busy);
    const order: string[] = [];
    const asked = [ask(first).then(() => order.push("first"))];
    await pause(20);
    asked.push(...times(20, () => ask(second).then(() => order.push("second"))));
    await letGo();
    await Promise.all(asked);
    expect(order[0]).toBe("first");
  });

  test("a tenant's own requests are served in the order in which they came", async () => {
    pool = poolOf({ maxConnections: 1 });
    const route = routeOf(pool, "t", config);
    const order: number[] = [];
    await Promise.all(times(30, (i) => route.withClient(async () => void order.push(i))));
    expect(order).toEqual(times(30, (i) => i));
  });
});
