import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { migrate } from "../../src/migrations/migrate.ts";
import type { ProvisioningStep } from "../../src/projects/database-host.ts";
import { queryInstance, withEmbeddedWorlds } from "./support/embedded-world.ts";
import { hostWith } from "./support/host-with.ts";

const SETUP = ["create schema if not exists mail"];
const WHOLE = "select to_regprocedure('auth.uid()') is not null as base, to_regnamespace('mail') is not null as mail, (select count(*)::int from pg_roles where rolname in ('anon', 'authenticated', 'service_role', 'authenticator')) as roles";

test("a project lives in a directory of its own, from its making to its deletion", { timeout: 90_000 }, () =>
  withEmbeddedWorlds(async (directory, openWorld) => {
    let world = await openWorld({ databaseSetup: SETUP });
    const made = await Promise.all([world.projects.create({ ref: "acme" }), world.projects.create({ ref: "acme" }), world.projects.create({ ref: "other", roles: { anon: "web_anon" } })]);
    expect(made[0]).toEqual(made[1]);
    expect(made[0]).toMatchObject({ ref: "acme", status: "active", databaseUrl: undefined });
    expect((await world.projects.record("acme")).database).toEqual({ kind: "embedded", instance: "acme" });
    expect(await queryInstance(world.instances, "acme", WHOLE)).toEqual([{ base: true, mail: true, roles: 4 }]);
    expect(await queryInstance(world.instances, "other", "select has_schema_privilege('web_anon', 'auth', 'usage') as may")).toEqual([{ may: true }]);
    for (const role of ["anon", "authenticated", "service_role"]) {
      expect(await queryInstance(world.instances, "acme", `begin; set local role ${role}; create temp table seen on commit drop as select auth.uid(), auth.jwt(); rollback; select pg_has_role('authenticator', '${role}', 'set') as may`)).toEqual([{ may: true }]);
    }

    const owner = await world.projects.ownerDatabase("acme");
    expect((await migrate(owner, [{ name: "1.sql", sql: "create table todos (id int); insert into todos values (1)" }])).map(({ outcome }) => outcome)).toEqual(["applied"]);
    await expect(migrate(owner, [{ name: "2.sql", sql: "insert into todos values (2);\nselect nothing;" }])).rejects.toMatchObject({ message: '2.sql:2: column "nothing" does not exist (SQLSTATE 42703)' });
    await owner.release();
    expect(await queryInstance(world.instances, "acme", "begin; set local role anon; select * from todos; rollback; select has_schema_privilege('anon', 'plinth', 'usage') as may")).toEqual([{ may: false }]);
    await world.close();

    world = await openWorld({ databaseSetup: SETUP });
    expect(await world.projects.get("acme")).toEqual(made[0]);
    expect(await queryInstance(world.instances, "acme", "select id from todos")).toEqual([{ id: 1 }]);
    const held = await world.instances.acquire("acme");
    await world.projects.delete("acme");
    await held.release();
    expect(await readdir(join(directory, "projects"))).toEqual(["other"]);
    await world.projects.delete("acme");
    await world.projects.create({ ref: "acme" });
    await expect(queryInstance(world.instances, "acme", "select id from todos")).rejects.toMatchObject({ code: "42P01" });
    await world.close();
  }));

test("a create that is broken off is finished by the next, or deleted", { timeout: 90_000 }, () =>
  withEmbeddedWorlds(async (directory, openWorld) => {
    const world = await openWorld({ databaseSetup: SETUP });
    const breaking = (moment: "before" | "after"): readonly ProvisioningStep[] =>
      world.host.steps.map((step) => ({
        name: step.name,
        run: async (target) => {
          if (moment === "after") await step.run(target);
          throw new Error("power cut");
        },
      }));
    for (const moment of ["before", "after"] as const) {
      const broken = world.another({ host: hostWith(world.host, { steps: breaking(moment) }) });
      await expect(broken.create({ ref: moment })).rejects.toMatchObject({ code: "PLINTH_PROVISIONING_FAILED" });
      await world.projects.create({ ref: moment });
      expect(await queryInstance(world.instances, moment, WHOLE)).toEqual([{ base: true, mail: true, roles: 4 }]);
    }
    const broken = world.another({ databaseSetup: [...SETUP, "select 1/0"] });
    await expect(broken.create({ ref: "gone" })).rejects.toMatchObject({ code: "PLINTH_PROVISIONING_FAILED" });
    await world.projects.delete("gone");
    expect((await readdir(join(directory, "projects"))).toSorted()).toEqual(["after", "before"]);
    await world.close();
  }));

test("a process killed in the midst of a create leaves what the next finishes", { timeout: 90_000 }, () =>
  withEmbeddedWorlds(async (directory, openWorld) => {
    for (const moment of ["before directory", "after directory"]) {
      const child = spawn(process.execPath, ["--conditions=plinth-source", new URL("./support/create-embedded-and-die.ts", import.meta.url).pathname, directory, moment], { stdio: ["ignore", "ignore", "inherit"] });
      const [, signal] = (await once(child, "exit")) as [number | null, string | null];
      expect(signal, moment).toBe("SIGKILL");
      const world = await openWorld({ databaseSetup: SETUP });
      const ref = moment.replace(" ", "-");
      expect((await world.projects.list()).projects).toMatchObject([{ ref, status: "provisioning" }]);
      await world.projects.create({ ref });
      expect(await queryInstance(world.instances, ref, WHOLE)).toEqual([{ base: true, mail: true, roles: 4 }]);
      await world.projects.delete(ref);
      await world.close();
    }
  }));
