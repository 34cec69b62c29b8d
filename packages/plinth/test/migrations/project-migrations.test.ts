import path from "node:path";
import { describeDatabases } from "@plinth/testing/vitest";
import { type Backend, type ProjectWithKeys } from "plinth";
import { expect, test } from "vitest";
import { write } from "../cli/support/project-folder.ts";
import { restartable } from "./support/restartable.ts";
import { NATIVE_UNLESS_LONG } from "../../../../test/support/native-unless-long.ts";

async function ask(backend: Backend, { anonKey }: ProjectWithKeys, table: string) {
  const response = await backend.fetch(`http://backend/rest/v1/${table}`, { headers: { apikey: anonKey } });
  const body = (await response.json()) as { code?: string };
  return { status: response.status, code: body.code, retryAfter: response.headers.get("retry-after") };
}

describeDatabases("migrations that every project is to have", (databases) => {
  test("are there when a project has been made, the default one included", async () => {
    const { folder, start } = await restartable(databases);
    write(folder, "all/1.sql", "create table things (id int)");
    const backend = await start({ projectMigrations: path.join(folder, "all") });
    const acme = await backend.projects.create({ ref: "acme" });
    for (const project of [acme, await backend.projects.get("default")]) expect(await ask(backend, project, "things")).toMatchObject({ status: 200 });
    expect((await backend.migrateAll()).counts).toMatchObject({ current: 2 });
  });

  test("are not the default project's where it has others; a project that they fail on is made once they are put right", async () => {
    const { folder, start } = await restartable(databases);
    write(folder, "own/a.sql", "create table owned (id int)");
    write(folder, "all/1.sql", "create table things (id int); select nothing;");
    const backend = await start({ projectMigrations: path.join(folder, "all"), migrations: path.join(folder, "own") });
    await expect(backend.projects.create({ ref: "acme" })).rejects.toMatchObject({ code: "PLINTH_MIGRATION_FAILED", message: expect.stringContaining("1.sql:1") });
    expect(await backend.projects.get("acme")).toMatchObject({ status: "provisioning" });
    write(folder, "all/1.sql", "create table things (id int);");
    expect(await ask(backend, await backend.projects.create({ ref: "acme" }), "things")).toMatchObject({ status: 200 });
    const { projects } = await backend.migrateAll();
    expect(projects).toMatchObject([{ ref: "acme", outcome: "current" }, { ref: "default", outcome: "skipped", reason: expect.stringContaining("migrations of its own") }]);
    expect(await ask(backend, await backend.projects.get("default"), "things")).toMatchObject({ status: 404 });
  });

  test("are applied when a project that is behind is first used, once, however many ask", async () => {
    const { folder, start } = await restartable(databases);
    write(folder, "all/1.sql", "create table things (id int)");
    const options = { projectMigrations: { folder: path.join(folder, "all"), lazyUpgrade: true }, project: false } as const;
    const old = await start(options);
    const projects = [await old.projects.create({ ref: "acme" }), await old.projects.create({ ref: "beta" })];
    write(folder, "all/2.sql", "select pg_sleep(0.2); create table calls (n int); insert into calls values (1);");
    // Processes of the new version, and on a server the old one at the same time.
    const backends = databases.kind === "native" ? [await start(options), await start(options)] : [await start(options)];
    const asked = backends.flatMap((backend) => [...projects, ...projects, ...projects].map((project) => ask(backend, project, "calls")));
    for (const answer of await Promise.all(asked)) expect(answer).toEqual({ status: 200, code: undefined, retryAfter: null });
    for (const { ref } of projects) {
      expect((await backends[0]?.projects.audit({ ref }))?.entries.filter(({ action }) => action === "project.migrate")).toHaveLength(1);
    }
    if (databases.kind === "native") expect(await ask(old, projects[0] as ProjectWithKeys, "things")).toMatchObject({ status: 200 });
  });

  test("that take long are told of: 503 with Retry-After, and then they are there", async () => {
    const { folder, start } = await restartable(databases);
    write(folder, "all/1.sql", "create table things (id int)");
    const projectMigrations = { folder: path.join(folder, "all"), lazyUpgrade: true, upgradeWaitMs: 50 };
    const acme = await (await start({ projectMigrations, project: false })).projects.create({ ref: "acme" });
    write(folder, "all/2.sql", "select pg_sleep(1); create table late (n int);");
    const next = await start({ projectMigrations, project: false, onError: () => undefined });
    expect(await ask(next, acme, "late")).toEqual({ status: 503, code: "PLINTH_PROJECT_UPGRADING", retryAfter: "2" });
    await expect.poll(() => ask(next, acme, "late"), { timeout: 20_000 }).toMatchObject({ status: 200 });
  });

  test("that fail leave the project as it was, served, and in quarantine", async () => {
    const errors: unknown[] = [];
    const { folder, start } = await restartable(databases);
    write(folder, "all/1.sql", "create table things (id int)");
    const options = { projectMigrations: { folder: path.join(folder, "all"), lazyUpgrade: true }, project: false } as const;
    const acme = await (await start(options)).projects.create({ ref: "acme" });
    write(folder, "all/2.sql", "create table more (id int); select nothing;");
    const next = await start({ ...options, onError: (error) => void errors.push(error) });
    expect(await ask(next, acme, "things")).toMatchObject({ status: 200 });
    expect(await ask(next, acme, "more")).toMatchObject({ status: 404 });
    expect(errors).toMatchObject([{ message: expect.stringMatching(/^The project "acme" could not be upgraded, and is served as it is: 2\.sql:1: column "nothing"/) }]);
    expect((await next.migrateAll()).projects).toMatchObject([{ ref: "acme", outcome: "quarantined" }]);
  });
}, NATIVE_UNLESS_LONG);
