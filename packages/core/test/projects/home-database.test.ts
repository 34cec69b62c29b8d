import { afterAll, beforeAll, expect, test } from "vitest";
import { NativeHost } from "../../src/projects/native/native-host.ts";
import { openMetadata } from "../../src/metadata/metadata.ts";
import { type ControlPlane, createProjects } from "../../src/projects/control-plane.ts";
import { createKeyRing } from "../../src/secrets/key-ring.ts";
import { databaseIn, MASTER_KEY, type NativeWorld, openNativeWorld, query, uniqueRef } from "./support/native-world.ts";

const home = uniqueRef("home");
const bystander = uniqueRef("bystander");
let world: NativeWorld;
let projects: ControlPlane;

const allowed = (url: string, sql: string): Promise<true | string> => query(url, sql).then(() => true as const, (error: { code: string }) => error.code);

beforeAll(async () => {
  world = await openNativeWorld();
  const keyRing = await createKeyRing({ masterKey: MASTER_KEY });
  const metadata = await openMetadata({ config: { connectionString: world.adminUrl } }, keyRing);
  projects = createProjects({ metadata, keyRing, host: new NativeHost({ adminUrl: world.adminUrl, homeRef: home }) });
  await query(world.adminUrl, `create table mine (id int); insert into mine values (1); create role "${bystander}" login password 'pw'`);
});
afterAll(async () => {
  await query(world.adminUrl, `drop owned by "${bystander}"; drop role "${bystander}"`);
  await projects.close();
  await world.end();
});

test("a project may live in the admin's own database, which outlives it", async () => {
  const made = await projects.create({ ref: home });
  const other = await projects.create({ ref: uniqueRef() });
  const url = made.databaseUrl as string;
  const homeDatabase = new URL(world.adminUrl).pathname.slice(1);
  expect(await query(url, "select current_database() as db, current_user as login, current_setting('search_path') as path")).toEqual([{ db: homeDatabase, login: `plinth_${home}`, path: '"$user", public, extensions' }]);
  expect(await allowed(url, "select * from mine")).toBe("42501");
  expect(await allowed(url, "set role service_role; select * from plinth.projects")).toBe("42501");
  expect(await allowed(databaseIn(other.databaseUrl as string, homeDatabase), "select 1")).toBe("42501");
  expect(await allowed(Object.assign(new URL(world.adminUrl), { username: bystander, password: "pw" }).href, "select 1")).toBe(true);

  expect(await projects.ensureDefaultProject({ ref: home })).toEqual(made);
  const renamed = uniqueRef("renamed");
  const later = await world.another({ host: new NativeHost({ adminUrl: world.adminUrl, homeRef: renamed }) });
  await expect(later.create({ ref: renamed })).rejects.toMatchObject({ code: "PLINTH_PROJECT_PLACEMENT", message: expect.stringContaining(home) });

  await later.delete(home);
  expect(await query(world.adminUrl, "select id from mine")).toEqual([{ id: 1 }]);
  expect(await query(world.adminUrl, "select from pg_roles where rolname = $1", [`plinth_${home}`])).toEqual([]);
  await projects.create({ ref: home });
  expect(await query(world.adminUrl, "select id from mine")).toEqual([{ id: 1 }]);
});
