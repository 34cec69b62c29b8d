import { afterAll, beforeAll, expect, test } from "vitest";
import { type NativeWorld, openNativeWorld, query, uniqueRef } from "./support/native-world.ts";

let world: NativeWorld;
beforeAll(async () => void (world = await openNativeWorld()));
afterAll(() => world.end());

test("the configured project is made once, by however many start", async () => {
  const ref = uniqueRef();
  const other = await world.another();
  const made = await Promise.all([world.projects, other, other].map((projects) => projects.ensureDefaultProject({ ref })));
  expect(new Set(made.map((project) => project.jwtSecret)).size).toBe(1);
  expect(await world.projects.ensureDefaultProject({ ref })).toEqual(made[0]);
});

test("it follows the configuration, and keeps what the configuration leaves out", async () => {
  const ref = uniqueRef();
  const made = await world.projects.ensureDefaultProject({ ref, name: "One", settings: { a: 1, b: 2 } });
  const told: string[] = [];
  world.projects.onChange((changed) => void told.push(changed));
  const secret = "a secret that was set by the environment";
  const changed = await world.projects.ensureDefaultProject({ ref, jwtSecret: secret, settings: { b: 2, a: 1 } });
  expect(changed).toMatchObject({ name: "One", jwtSecret: secret, databaseUrl: made.databaseUrl });
  expect(changed.anonKey).not.toBe(made.anonKey);
  expect((await world.projects.record(ref)).jwtSecret).toBe(secret);
  expect(told).toEqual([ref]);
  await world.projects.ensureDefaultProject({ ref, jwtSecret: secret });
  expect(told).toEqual([ref]);
});

test("it gets the set-up of services that came later", async () => {
  const ref = uniqueRef();
  await world.projects.ensureDefaultProject({ ref });
  const later = await world.another({ databaseSetup: ["create table if not exists public.later (id int)"] });
  const { databaseUrl } = await later.ensureDefaultProject({ ref });
  expect(await query(databaseUrl as string, "select relname from pg_class where relname = 'later'")).toEqual([{ relname: "later" }]);
});

test("it never comes to stand for another database", async () => {
  const ref = uniqueRef();
  await world.projects.ensureDefaultProject({ ref });
  for (const options of [{ databaseUrl: world.adminUrl }, { roles: { anon: "somebody_else" } }]) {
    await expect(world.projects.ensureDefaultProject({ ref, ...options })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID", message: expect.stringContaining(ref) });
  }
});
