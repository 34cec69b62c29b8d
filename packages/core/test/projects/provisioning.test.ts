import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DatabaseHost } from "../../src/projects/database-host.ts";
import { NativeHost } from "../../src/projects/native/native-host.ts";
import type { ProjectWithKeys } from "../../src/projects/project.ts";
import { hostWith } from "./support/host-with.ts";
import { databaseIn, MASTER_KEY, type NativeWorld, openNativeWorld, query, uniqueRef } from "./support/native-world.ts";

const STEPS = ["login-role", "request-roles", "database", "access"];

let world: NativeWorld;
let host: DatabaseHost;
beforeAll(async () => {
  world = await openNativeWorld({ databaseSetup: ["create schema if not exists mail"] });
  host = new NativeHost({ adminUrl: world.adminUrl });
});
afterAll(() => world.end());

/** The database is there, set up, reached with the stored password, and closed to others. */
async function expectWhole({ ref, databaseUrl }: ProjectWithKeys): Promise<void> {
  expect(await query(databaseUrl as string, "select current_database() as database, current_user as login")).toEqual([{ database: `plinth_${ref}`, login: `plinth_${ref}` }]);
  const [row] = await query(
    databaseIn(world.adminUrl, `plinth_${ref}`),
    `select exists (select from pg_proc p join pg_namespace n on n.oid = p.pronamespace where (nspname, proname) = ('auth', 'uid')) as base, exists (select from pg_namespace where nspname = 'mail') as mail,
            (select array_agg(r.rolname::text order by 1) from pg_auth_members m join pg_roles r on r.oid = m.roleid where m.member = $1::regrole) as roles,
            (select count(*)::int from pg_database d, aclexplode(d.datacl) acl where d.datname = current_database() and acl.grantee = 0 and acl.privilege_type = 'CONNECT') as open`,
    [`"plinth_${ref}"`],
  );
  expect(row).toEqual({ base: true, mail: true, roles: ["anon", "authenticated", "service_role", "supabase_auth_admin"], open: 0 });
  const left = await query(world.adminUrl, "select datname as name from pg_database where datname like $1 union all select rolname from pg_roles where rolname like $1", [`plinth_${ref}%`]);
  expect(left).toEqual([{ name: `plinth_${ref}` }, { name: `plinth_${ref}` }]);
}

describe("a create that is broken off", () => {
  test("has the steps that these tests know", () => {
    expect(host.steps.map((step) => step.name)).toEqual(STEPS);
  });

  test.each(STEPS.flatMap((step) => [[step, "before"], [step, "after"]] as const))("at %s (%s) is finished by the next", async (name, moment) => {
    const ref = uniqueRef();
    const steps = host.steps.map((step) => ({
      name: step.name,
      run: async (target: Parameters<typeof step.run>[0]) => {
        if (step.name === name && moment === "before") throw new Error("power cut");
        const place = await step.run(target);
        if (step.name === name) throw new Error("power cut");
        return place;
      },
    }));
    const broken = await world.another({ host: hostWith(host, { steps }) });
    await expect(broken.create({ ref, name: "First" })).rejects.toMatchObject({ code: "PLINTH_PROVISIONING_FAILED", details: "power cut", message: expect.stringContaining(name) });
    expect((await world.projects.list()).projects.find((project) => project.ref === ref)?.status).toBe("provisioning");
    await expect(world.projects.record(ref)).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
    const made = await world.projects.create({ ref, settings: { now: true } });
    expect(made).toMatchObject({ status: "active", name: "First", settings: { now: true } });
    await expectWhole(made);
  });

  test("in the set-up is finished by the next", async () => {
    const ref = uniqueRef();
    const broken = await world.another({ databaseSetup: ["create schema if not exists mail", "select 1/0"] });
    await expect(broken.create({ ref })).rejects.toMatchObject({ code: "PLINTH_PROVISIONING_FAILED", details: "division by zero" });
    await expectWhole(await world.projects.create({ ref }));
  });

  test("can be deleted instead, leaving nothing", async () => {
    for (const name of STEPS) {
      const ref = uniqueRef();
      const steps = host.steps.map((step) => ({ name: step.name, run: async (target: Parameters<typeof step.run>[0]) => step.run(target).then(() => (step.name === name ? Promise.reject(new Error("power cut")) : undefined)) }));
      const broken = await world.another({ host: hostWith(host, { steps }) });
      await expect(broken.create({ ref })).rejects.toThrow();
      await world.projects.delete(ref);
      expect(await query(world.adminUrl, "select from pg_database where datname like $1 union all select from pg_roles where rolname like $1", [`plinth_${ref}%`]), name).toEqual([]);
    }
  });
});

test("a delete that is broken off is finished by the next, and by a create", async () => {
  for (const next of ["delete", "create"] as const) {
    const ref = uniqueRef();
    await world.projects.create({ ref });
    const broken = await world.another({ host: hostWith(host, { drop: () => Promise.reject(new Error("power cut")) }) });
    await expect(broken.delete(ref)).rejects.toThrow("power cut");
    await expect(world.projects.record(ref)).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
    if (next === "create") await expectWhole(await world.projects.create({ ref }));
    await world.projects.delete(ref);
    expect(await query(world.adminUrl, "select from pg_database where datname like $1", [`plinth_${ref}%`])).toEqual([]);
  }
});

test("a process killed in the midst of a create leaves what the next finishes", { timeout: 60_000 }, async () => {
  for (const moment of [...STEPS.map((step) => `before ${step}`), "after access"]) {
    const ref = uniqueRef();
    const child = spawn(process.execPath, ["--conditions=plinth-source", new URL("./support/act-and-die.ts", import.meta.url).pathname, world.adminUrl, MASTER_KEY, ref, moment, "create"], { stdio: ["ignore", "ignore", "inherit"] });
    const [, signal] = (await once(child, "exit")) as [number | null, string | null];
    expect(signal, moment).toBe("SIGKILL");
    await expectWhole(await world.projects.create({ ref }));
  }
});

test("a server that can't be reached is said to be so", async () => {
  const unreachable = await world.another({ host: new NativeHost({ adminUrl: "postgres://postgres@127.0.0.1:1/postgres" }) });
  const ref = uniqueRef();
  await expect(unreachable.create({ ref })).rejects.toMatchObject({ code: "PLINTH_DATABASE_UNAVAILABLE" });
  await expectWhole(await world.projects.create({ ref }));
});

test("an admin that may not make roles, or not one past row level security, is told what to grant", async () => {
  const admin = uniqueRef("admin");
  const service = uniqueRef("service");
  const adminUrl = Object.assign(new URL(world.adminUrl), { username: admin, password: "pw" }).href;
  await query(world.adminUrl, `create role "${admin}" login password 'pw'`);
  try {
    const projects = await world.another({ host: new NativeHost({ adminUrl }) });
    const [first, second] = [uniqueRef(), uniqueRef()];
    await expect(projects.create({ ref: first })).rejects.toMatchObject({ code: "PLINTH_PROVISIONING_FAILED", hint: expect.stringContaining("CREATEROLE") });
    await query(world.adminUrl, `alter role "${admin}" createrole`);
    await expect(projects.create({ ref: second, roles: { service } })).rejects.toMatchObject({ code: "PLINTH_PROVISIONING_FAILED", hint: expect.stringContaining(`CREATE ROLE "${service}" NOLOGIN NOINHERIT BYPASSRLS;`) });
    await query(world.adminUrl, `create role "${service}" nologin noinherit bypassrls; grant "${service}", anon, authenticated, service_role to "${admin}" with admin option`);
    await expect(projects.create({ ref: second })).rejects.toMatchObject({ code: "PLINTH_PROVISIONING_FAILED", hint: expect.stringContaining("CREATEDB") });
    await query(world.adminUrl, `alter role "${admin}" createdb`);
    const made = await projects.create({ ref: second });
    expect(await query(made.databaseUrl as string, "select current_user as who")).toEqual([{ who: `plinth_${second}` }]);
    for (const ref of [first, second]) await projects.delete(ref);
  } finally {
    await query(world.adminUrl, `drop role if exists "${service}"; drop role if exists "${admin}"`);
  }
});

test("a role of the server that would undo row level security is refused", async () => {
  const role = uniqueRef("role");
  await query(world.adminUrl, `create role "${role}" bypassrls`);
  await expect(world.projects.create({ ref: uniqueRef(), roles: { anon: role } })).rejects.toMatchObject({ code: "PLINTH_PROVISIONING_FAILED", hint: expect.stringContaining("NOBYPASSRLS") });
  await query(world.adminUrl, `alter role "${role}" nobypassrls`);
  await expect(world.projects.create({ ref: uniqueRef(), roles: { service: role } })).rejects.toMatchObject({ code: "PLINTH_PROVISIONING_FAILED", hint: expect.stringContaining(`"${role}" BYPASSRLS`) });
  await query(world.adminUrl, `drop role "${role}"`);
});
