import { afterAll, beforeAll, expect, test } from "vitest";
import type { ControlPlane, ControlPlaneOptions } from "../../src/projects/control-plane.ts";
import { NativeHost } from "../../src/projects/native/native-host.ts";
import { databaseIn, type NativeWorld, openNativeWorld, query, uniqueRef } from "./support/native-world.ts";
import { unlessDependedOn } from "../../../../test/support/unless-depended-on.ts";

/** Templates belong to whoever makes them: with an administrator of its own, this file knows its own from others'. */
const admin = uniqueRef("admin");
const setup = ["create schema if not exists mail; create table if not exists mail.marked (id int)"];
let world: NativeWorld;
let adminUrl: string;

beforeAll(async () => {
  world = await openNativeWorld();
  await query(world.adminUrl, `create role "${admin}" superuser login password 'pw'`);
  adminUrl = Object.assign(new URL(world.adminUrl), { username: admin, password: "pw" }).href;
});
afterAll(async () => {
  const projects = await open([]);
  for (const { ref } of (await projects.list()).projects) await projects.delete(ref);
  for (const { name } of await templates()) await query(world.adminUrl, `drop database "${name}"`);
  await world.end();
  await unlessDependedOn(query(databaseIn(world.adminUrl, "postgres"), `drop role "${admin}"`));
});

const open = (databaseSetup: readonly string[], options: Partial<ControlPlaneOptions> = {}): Promise<ControlPlane> => world.another({ host: new NativeHost({ adminUrl }), databaseSetup, ...options });
const templates = () => query<{ name: string; open: boolean }>(world.adminUrl, "select datname as name, datallowconn as open from pg_database where datname ~ '^plinth_(template|draft)_' and datdba = $1::regrole order by 1", [`"${admin}"`]);

const mayGetIn = (url: string, name: string): Promise<string> => query(databaseIn(url, name), "select 1").then(() => "in", (error: { code: string }) => error.code);

test("the third project of a process and those after it are copies of a template that nobody gets into", { timeout: 60_000 }, async () => {
  const projects = await open(setup);
  await projects.create({ ref: uniqueRef() });
  await projects.create({ ref: uniqueRef() });
  expect(await templates()).toEqual([]);
  // However many ask for it at once.
  const made = await Promise.all(Array.from({ length: 4 }, () => projects.create({ ref: uniqueRef() })));
  const [template, ...rest] = await templates();
  expect([template?.open, rest]).toEqual([false, []]);
  const name = template?.name as string;
  expect(await mayGetIn(made[0]?.databaseUrl as string, name)).toBe("55000");
  expect(await mayGetIn(world.adminUrl, name)).toBe("55000");
  const [acl] = await query(world.adminUrl, "select count(*)::int as open from pg_database d, aclexplode(d.datacl) acl where d.datname = $1 and acl.grantee = 0", [name]);
  expect(acl).toEqual({ open: 0 });
  await expect(query(made[0]?.databaseUrl as string, `create database stolen template "${name}"`)).rejects.toMatchObject({ code: "42501" });

  for (const { ref, databaseUrl } of made) {
    const [row] = await query(databaseIn(world.adminUrl, `plinth_${ref}`), `select to_regclass('mail.marked') is not null as setup, to_regprocedure('auth.uid()') is not null as base, current_setting('search_path') as path, (select datistemplate from pg_database where datname = current_database()) as template`);
    expect(row).toEqual({ setup: true, base: true, path: '"$user", public, extensions', template: false });
    expect(await query(databaseUrl as string, "select current_user as login")).toEqual([{ login: `plinth_${ref}` }]);
  }
  const [checksums] = await query(world.adminUrl, "select count(distinct setup_checksum)::int as different, count(*) filter (where setup_checksum is null)::int as missing from plinth.projects");
  expect(checksums).toEqual({ different: 1, missing: 0 });
});

test("a template that is dropped is made again, and one that can't be used is done without", async () => {
  const projects = await open(setup);
  // It is there, so that the first is a copy.
  await projects.create({ ref: uniqueRef() });
  for (let count = 0; count < 2; count++) await projects.create({ ref: uniqueRef() });
  const [template] = await templates();
  await query(world.adminUrl, `drop database "${template?.name}"`);
  const without = await projects.create({ ref: uniqueRef() });
  const withIt = await projects.create({ ref: uniqueRef() });
  expect((await templates()).map(({ name }) => name)).toEqual([template?.name]);
  for (const { ref } of [without, withIt]) {
    expect(await query(databaseIn(world.adminUrl, `plinth_${ref}`), `select to_regclass('mail.marked') is not null as setup`)).toEqual([{ setup: true }]);
  }
});

test("projects with other roles get none", async () => {
  const role = uniqueRef("anon");
  const projects = await open(setup);
  const { ref } = await projects.create({ ref: uniqueRef(), roles: { anon: role } });
  expect(await query(databaseIn(world.adminUrl, `plinth_${ref}`), `select has_schema_privilege('${role}', 'auth', 'usage') as may`)).toEqual([{ may: true }]);
  await projects.delete(ref);
  await query(world.adminUrl, `drop role "${role}"`);
});

test("templates of earlier versions go, those of yesterday's stay, and drafts that nobody is at go", { timeout: 60_000 }, async () => {
  const old = `plinth_template_${"0".repeat(16)}`;
  const recent = `plinth_template_${"1".repeat(16)}`;
  const draft = `plinth_draft_${(Date.now() - 2 * 60 * 60 * 1000).toString(36)}_00000000`;
  const fresh = `plinth_draft_${Date.now().toString(36)}_00000000`;
  for (const name of [old, recent, draft, fresh]) await query(world.adminUrl, `create database "${name}" owner "${admin}" allow_connections false`);
  await query(world.adminUrl, `comment on database "${old}" is 'plinth template ${new Date(Date.now() - 25 * 60 * 60 * 1000).toISOString()}'`);
  await query(world.adminUrl, `comment on database "${recent}" is 'plinth template ${new Date().toISOString()}'`);
  // Another version of the services has another set-up.
  const later = await open([...setup, "create schema if not exists later"]);
  for (let count = 0; count < 3; count++) await later.create({ ref: uniqueRef() });
  const names = (await templates()).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([recent, fresh]));
  expect(names).not.toContain(old);
  expect(names).not.toContain(draft);
});

test("a project whose set-up is an earlier one is upgraded, alone or with all others", async () => {
  const later = await open([...setup, "create schema if not exists later_on"]);
  const { ref } = await (await open(setup)).create({ ref: uniqueRef() });
  const has = async (each: string): Promise<unknown> => (await query(databaseIn(world.adminUrl, `plinth_${each}`), "select to_regnamespace('later_on') is not null as has"))[0]?.["has"];
  expect(await has(ref)).toBe(false);
  expect(await later.upgrade(ref)).toEqual({ upgraded: [ref], failed: [] });
  expect(await has(ref)).toBe(true);
  expect(await later.upgrade(ref)).toEqual({ upgraded: [], failed: [] });
  const { upgraded, failed } = await later.upgrade();
  expect([upgraded.length > 3, upgraded.includes(ref), failed]).toEqual([true, false, []]);
  for (const each of upgraded) expect(await has(each)).toBe(true);
  expect(await later.upgrade()).toEqual({ upgraded: [], failed: [] });
  await expect(later.upgrade(uniqueRef())).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
});

test("one that can't be upgraded doesn't keep the others from it", async () => {
  const projects = await open(setup);
  const { ref } = await projects.create({ ref: uniqueRef() });
  await projects.create({ ref: uniqueRef() });
  await query(databaseIn(world.adminUrl, `plinth_${ref}`), "create schema broken; create table broken.here ()");
  const later = await open([...setup, "do $$ begin if to_regclass('broken.here') is not null then raise 'broken here'; end if; end $$"]);
  const { upgraded, failed } = await later.upgrade();
  expect(failed).toEqual([{ ref, error: expect.objectContaining({ message: "broken here" }) }]);
  expect(upgraded.length).toBeGreaterThan(1);
  const onOpen = await open([...setup, "create schema if not exists opened"], { upgradeOnOpen: true });
  await onOpen.record(upgraded[0] as string);
  expect(await query(databaseIn(world.adminUrl, `plinth_${upgraded[0]}`), "select to_regnamespace('opened') is not null as has")).toEqual([{ has: true }]);
});
