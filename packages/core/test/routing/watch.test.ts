import { describeDatabases } from "@plinth/testing/vitest";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { RoutingPool } from "../../src/database/routing/routing-pool.ts";
import { ask, hold, pause, poolOf, routeOf, times } from "./support/routes.ts";

describeDatabases("watching channels", (databases) => {
  let config: pg.ClientConfig;
  let other: pg.Client;
  let pool: RoutingPool;
  beforeAll(async () => {
    config = (await databases.create()).config;
    other = new pg.Client(config);
    await other.connect();
  });
  afterAll(() => other.end());
  afterEach(() => pool.close());

  const tell = (payload: string, channel = "news") => other.query("select pg_notify($1, $2)", [channel, payload]);

  test("costs no connection until somebody asks, and then none of its own", async () => {
    pool = poolOf({});
    const route = routeOf(pool, "t", config);
    const heard: string[] = [];
    const watch = route.watch("news", (payload) => heard.push(payload));
    expect(watch.epoch).toBe(0);
    await pause(50);
    expect(pool.metrics().open).toBe(0);
    await ask(route);
    expect(watch.epoch).toBeGreaterThan(0);
    await tell("one");
    await expect.poll(() => heard).toEqual(["one"]);
    expect(pool.metrics()).toMatchObject({ open: 1, pinned: 0 });
    watch.stop();
    await tell("two");
    await ask(route);
    expect(heard).toEqual(["one"]);
  });

  test("listen() opens a connection, and nothing is missed from its epoch on", async () => {
    pool = poolOf({});
    const route = routeOf(pool, "t", config);
    const heard: string[] = [];
    const watch = route.watch("news", (payload) => heard.push(payload));
    const { epoch } = await watch.listen();
    expect(epoch).toBeGreaterThan(0);
    expect((await watch.listen()).epoch).toBe(epoch);
    for (const i of times(20, String)) await tell(i);
    await watch.flush();
    expect(heard).toEqual(times(20, String));
    expect(watch.epoch).toBe(epoch);
  });

  test("a question is answered by what is committed once it listens, and not where it listened before", async () => {
    pool = poolOf({});
    const route = routeOf(pool, "t", config);
    const watch = route.watch("news", () => undefined);
    // PostgreSQL counts a channel from the end of the transaction that listens.
    const start = await watch.listen("select channel, 7, null from pg_listening_channels() as channel");
    expect(start).toEqual({ epoch: watch.epoch, answer: [["news", "7", null]] });
    expect(await watch.listen("select 1")).toEqual({ epoch: start.epoch, answer: undefined });
  });

  test("all that ask at the same time are answered by one connection, each what it asked", async () => {
    pool = poolOf({});
    const route = routeOf(pool, "t", config);
    const watches = [route.watch("news", () => undefined), route.watch("more", () => undefined)];
    const starts = await Promise.all(watches.map((watch, i) => watch.listen(`select ${i}`)));
    expect(starts.map(({ answer }) => answer)).toEqual([[["0"]], [["1"]]]);
    expect(pool.metrics().open).toBe(1);
  });

  test("a question that fails is left to who asked it: it listens all the same", async () => {
    pool = poolOf({ maxConnections: 1 });
    const route = routeOf(pool, "t", config);
    const heard: string[] = [];
    const watch = route.watch("news", (payload) => heard.push(payload));
    const { epoch, answer } = await watch.listen("select * from nowhere");
    expect(answer).toBeUndefined();
    await ask(route);
    await tell("one");
    await watch.flush();
    expect(heard).toEqual(["one"]);
    expect(watch.epoch).toBe(epoch);
    expect(pool.metrics().opens).toBe(1);
  });

  test("another channel is listened to as well, and each hears its own", async () => {
    pool = poolOf({});
    const route = routeOf(pool, "t", config);
    const heard: string[] = [];
    const news = route.watch("news", (payload) => heard.push(`news ${payload}`));
    const { epoch: before } = await news.listen();
    const more = route.watch("more", (payload) => heard.push(`more ${payload}`));
    expect(more.epoch).toBe(0);
    await more.listen();
    expect(news.epoch).not.toBe(before);
    await tell("a");
    await tell("b", "more");
    await news.flush();
    expect(heard).toEqual(["news a", "more b"]);
  });

  test("when the connection that listens goes, another one takes over in a new epoch, or nobody listens", async () => {
    pool = poolOf({});
    const route = routeOf(pool, "t", config);
    const heard: string[] = [];
    const watch = route.watch("news", (payload) => heard.push(payload));
    const { epoch: first } = await watch.listen();
    const letGo = await hold(route);
    const broken = route.withClient(() => Promise.reject(Object.assign(new Error("gone"), { code: "57P01" })));
    await letGo();
    await expect(broken).rejects.toThrow();
    // One of the two was the listening one: end that which listens.
    while (watch.epoch === first) await route.withClient(() => Promise.reject(Object.assign(new Error("gone"), { code: "57P01" }))).catch(() => undefined);
    expect(watch.epoch).toBe(0);
    const { epoch: second } = await watch.listen();
    expect(second).not.toBe(first);
    await tell("after");
    await watch.flush();
    expect(heard).toEqual(["after"]);
  });

  test("the connection that listens is the last of its tenant to be evicted", async () => {
    pool = poolOf({ maxConnections: 2 });
    const [route, guest] = [routeOf(pool, "t", config), routeOf(pool, "guest", config)];
    const watch = route.watch("news", () => undefined);
    const { epoch } = await watch.listen();
    const letGo = await Promise.all([hold(route), hold(route)]);
    for (const go of letGo) await go();
    await ask(guest);
    expect(watch.epoch).toBe(epoch);
    await ask(routeOf(pool, "second guest", config));
    await ask(route);
    expect(watch.epoch).toBeGreaterThan(0);
  });

  test("notifications amid a transaction come after it, and flush waits for that", async () => {
    pool = poolOf({ maxConnections: 1 });
    const route = routeOf(pool, "t", config);
    const heard: string[] = [];
    const watch = route.watch("news", (payload) => heard.push(payload));
    await watch.listen();
    const letGo = await hold(route);
    await tell("late");
    const flushed = watch.flush().then(() => heard.push("flushed"));
    await letGo();
    await flushed;
    expect(heard).toEqual(["late", "flushed"]);
  });

  test("through a pooler that lends connections by the transaction the epoch is a clock's", async () => {
    pool = poolOf({});
    const route = routeOf(pool, "t", config, { listens: false });
    const watch = route.watch("news", () => undefined);
    const { epoch: first } = await watch.listen();
    expect(first).toBeGreaterThan(0);
    expect((await watch.listen()).epoch).toBe(first);
    await expect.poll(() => watch.epoch, { timeout: 3_000 }).not.toBe(first);
    await watch.flush();
  });

  test("past such a pooler a connection of its own listens, counted, as long as there are others", async () => {
    pool = poolOf({ idleTimeoutMs: 150 });
    const route = routeOf(pool, "t", config, { listens: false, direct: config });
    const heard: string[] = [];
    const watch = route.watch("news", (payload) => heard.push(payload));
    const { epoch } = await watch.listen();
    expect(pool.metrics()).toMatchObject({ open: 2, pinned: 1 });
    expect(watch.epoch).toBe(epoch);
    await tell("heard");
    await watch.flush();
    expect(heard).toEqual(["heard"]);
    await expect.poll(() => pool.metrics().open, { timeout: 5_000 }).toBe(0);
    expect(watch.epoch).toBe(0);
    await expect.poll(() => route.released()).toBe(1);
    expect((await watch.listen()).epoch).not.toBe(epoch);
  });
});
