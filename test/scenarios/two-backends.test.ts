import { createTestBackend, nativeDatabases, type TestBackend, type TestDatabase, urlOf } from "@plinth/testing";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

const server = inject("nativePostgresUrl");
const things = (name: string): string => `create table public.things (name text); insert into things values ('${name}')`;

/** As two processes of one host are: they share the databases, and nothing else. */
describe.skipIf(server === undefined)("two backends on one server", () => {
  let databases: TestDatabase[];
  let one: TestBackend;
  let two: TestBackend;

  beforeAll(async () => {
    const native = nativeDatabases(server ?? "");
    databases = await Promise.all([native.create(), native.create()]);
    const [home, second] = databases.map(urlOf) as [string, string];
    const options = {
      databaseUrl: home,
      masterKey: "a master key that both of them have",
      clusters: [{ name: "default", weight: 0 }, { name: "second", databaseUrl: second }],
      pool: { maxConnectionsPerProject: 2 },
      projects: { drainMs: 500, deleteGraceMs: 60_000 },
      onError: () => undefined,
    };
    one = await createTestBackend({ ...options, project: { jwtSecret: "a secret that both of them have, too" } });
    two = await createTestBackend({ ...options, project: { jwtSecret: "a secret that both of them have, too" } });
  });
  afterAll(async () => {
    for (const { ref } of (await one.projects.list()).projects) await one.projects.delete(ref, { graceMs: 0 });
    await Promise.all([one.close(), two.close()]);
    for (const database of databases) await database.drop();
  });

  const ask = async (backend: TestBackend, apikey: string): Promise<number> => (await backend.fetch("http://backend/rest/v1/things", { headers: { apikey } })).status;

  /** Within a second of the change. */
  async function soon(backend: TestBackend, apikey: string, status: number): Promise<void> {
    const until = Date.now() + 1_000;
    let last: number;
    do {
      last = await ask(backend, apikey);
      if (last !== status) await new Promise((resolve) => setTimeout(resolve, 20));
    } while (last !== status && Date.now() < until);
    expect(last).toBe(status);
  }

  test("count requests to Auth together", async () => {
    const { anonKey } = await one.projects.create({ ref: "counted", settings: { auth: { rateLimit: { header: "x-real-ip", otp: 4 } } } });
    const attempt = async (backend: TestBackend) => {
      const headers = { apikey: anonKey, authorization: `Bearer ${anonKey}`, "content-type": "application/json", "x-real-ip": "192.0.2.7" };
      return (await backend.fetch("http://backend/auth/v1/signup", { method: "POST", headers, body: JSON.stringify({ email: "no", password: "no" }) })).status === 429;
    };
    const isRefused: boolean[] = [];
    for (const backend of [one, two, one, two, one, two]) isRefused.push(await attempt(backend));
    expect(isRefused).toEqual([false, false, false, false, true, true]);
  });

  test("serve the same projects, and each feels what is done in the other", async () => {
    const { ref, anonKey, cluster } = await one.projects.create({ ref: "shared" });
    expect(cluster).toBe("second");
    await one.sql(things("shared"), ref);
    expect([await ask(one, anonKey), await ask(two, anonKey)]).toEqual([200, 200]);

    await one.projects.pause(ref);
    await soon(two, anonKey, 503);
    await two.projects.resume(ref);
    await soon(one, anonKey, 200);

    await two.projects.rename(ref, "renamed");
    expect(await ask(one, anonKey)).toBe(200);
    expect((await one.tenant("renamed")).ref).toBe("renamed");

    await one.projects.update("renamed", { settings: { rest: { schemas: ["nowhere"] } } });
    await soon(two, anonKey, 404);
    await one.projects.update("renamed", { settings: {} });
    await soon(two, anonKey, 200);

    await one.projects.delete("renamed");
    await soon(two, anonKey, 401);
    await two.projects.restore("renamed");
    await soon(one, anonKey, 200);
    await two.projects.delete("renamed", { graceMs: 0 });
    await soon(one, anonKey, 401);

    const again = await two.projects.create({ ref: "renamed" });
    await two.sql(things("again"), "renamed");
    await soon(one, again.anonKey, 200);
    expect(await ask(one, anonKey)).toBe(401);
  });

  test("change one project at the same time, one after the other", async () => {
    const { ref } = await one.projects.create({ ref: "wanted" });
    await Promise.all([one.projects.pause(ref), two.projects.pause(ref), one.projects.pause(ref)]);
    const renamed = await Promise.allSettled([one.projects.rename(ref, "mine"), two.projects.rename(ref, "yours")]);
    expect(renamed.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const now = renamed[0]?.status === "fulfilled" ? "mine" : "yours";
    await Promise.all([one.projects.resume(now), two.projects.update(now, { name: "Wanted" }), one.projects.update(now, { jwtAudience: "here" })]);
    expect(await two.projects.get(ref)).toMatchObject({ ref: now, name: "Wanted", status: "active" });
    await Promise.all([one.projects.delete(now, { graceMs: 0 }), two.projects.delete(now, { graceMs: 0 })]);
    await expect(one.projects.get(now)).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
    const actions = (await two.projects.audit({ ref: now })).entries.map(({ action }) => action);
    expect(actions.toSorted()).toEqual(["project.create", "project.delete", "project.pause", "project.rename", "project.resume", "project.update", "project.update"]);
  });

  test("two projects that want each other's ref don't wait for each other for ever", async () => {
    await Promise.all([one.projects.create({ ref: "left" }), two.projects.create({ ref: "right" })]);
    const outcomes = await Promise.allSettled([one.projects.rename("left", "right"), two.projects.rename("right", "left"), one.projects.rename("right", "left"), two.projects.rename("left", "right")]);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: "rejected", reason: { code: "PLINTH_PROJECT_EXISTS" } });
  });
});
