import { randomBytes } from "node:crypto";
import { describe, expect, inject, test } from "vitest";
import { nativePlace } from "./support/native-place.ts";
import { projectFolder, write } from "./support/project-folder.ts";
import { runPlinth, startDev } from "./support/run-plinth.ts";

/** Runs a command with --json and gives what it answers. */
function commands(cwd: string, url: string | undefined) {
  const place = url === undefined ? [] : ["--database-url", url];
  const run = (...args: string[]) => runPlinth([...args, ...place], { cwd });
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(...args, "--json");
    if (stdout === "") throw new Error(`${code}: ${stderr}`);
    return JSON.parse(stdout) as Record<string, never> & { code?: number };
  };
  return { run, json };
}

describe.runIf(inject("nativePostgresUrl") !== undefined)("on a server", () => {
  test("projects from their making to their end", { timeout: 180_000 }, async () => {
    const { run, json } = commands(projectFolder(), await nativePlace());
    const ref = `cli-${randomBytes(3).toString("hex")}`;
    // Nothing is made in passing: no default project.
    expect(await run("projects", "list")).toEqual({ code: 0, stdout: "No projects.\n", stderr: "" });
    const made = await json("projects", "create", ref, "--name", "Acme", "--settings", '{"rest": {"maxRows": 5}}');
    expect(made).toMatchObject({ ref, name: "Acme", status: "active", settings: { rest: { maxRows: 5 } }, anonKey: expect.stringContaining(".") });
    expect(await json("projects", "update", ref, "--name", "Acme Inc.", "--jwt-audience", "acme")).toMatchObject({ name: "Acme Inc." });
    expect((await run("projects", "list")).stdout).toMatch(new RegExp(`^REF +NAME +STATUS +CLUSTER +CREATED\\n${ref} +Acme Inc\\. +active +default +\\d{4}-[^\\n]+Z\\n$`));
    expect(await json("projects", "list", "--status", "paused")).toEqual({ projects: [] });
    const got = await run("projects", "get", ref);
    expect(got.stdout).toMatch(new RegExp(`^ref +${ref}\\n`));
    expect(got.stdout).toContain(made["anonKey"]);

    expect(await run("projects", "pause", ref)).toMatchObject({ code: 0, stdout: `The project "${ref}" is paused.\n` });
    expect(await json("projects", "resume", ref)).toMatchObject({ status: "active" });
    expect(await json("projects", "rename", ref, `${ref}-x`)).toMatchObject({ ref: `${ref}-x` });

    expect(await run("projects", "delete", `${ref}-x`, "--now")).toMatchObject({ code: 2, stdout: "", stderr: `plinth: This deletes the project "${ref}-x" and its database for good.\nNothing was done. To do it, pass --yes.\n` });
    expect((await run("projects", "delete", `${ref}-x`, "--grace", "1h", "--yes")).stdout).toContain(`can be restored until 2`);
    expect(await json("projects", "restore", `${ref}-x`)).toMatchObject({ status: "active" });
    expect(await run("projects", "delete", `${ref}-x`, "--now", "--yes")).toMatchObject({ code: 0, stdout: `The project "${ref}-x" is gone.\n` });
    const { entries } = (await json("projects", "audit")) as unknown as { entries: ReadonlyArray<{ actor: string; action: string }> };
    expect(entries.map(({ action }) => action)).toEqual(expect.arrayContaining(["project.create", "project.pause", "project.rename", "project.delete"]));
    expect(new Set(entries.map(({ actor }) => actor))).toEqual(new Set(["cli"]));
    expect((await run("projects", "audit", "--limit", "1")).stdout).toMatch(/\n\nThere are more: --after \d+\n$/);
  });

  test("migrations of all, with a failure that is put right", { timeout: 180_000 }, async () => {
    const cwd = projectFolder({ "migrations/1.sql": "create table things (id int);" });
    const { run, json } = commands(cwd, await nativePlace());
    const mark = randomBytes(3).toString("hex");
    const [one, two] = [`one-${mark}`, `two-${mark}`];
    for (const ref of [one, two]) await json("projects", "create", ref);
    const dry = await run("migrate", "--all", "--dry-run");
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringMatching(/^PROJECT +OUTCOME +FILES +MS +REASON\n.* pending +1\.sql [^]*\n\nDry run: 2 pending\.\n$/) });
    const applied = await run("migrate", "--all", "--concurrency", "1");
    expect(applied).toMatchObject({ code: 0, stdout: expect.stringMatching(/\n\n2 migrated\.\n$/) });
    expect(applied.stderr).toBe(`[1/2] ${one}: migrated: 1.sql\n[2/2] ${two}: migrated: 1.sql\n`);

    write(cwd, "migrations/2.sql", `do $$ begin if current_database() like '%${two}' then raise 'not here'; end if; end $$;`);
    const failed = await run("migrate", "--all");
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringMatching(/ failed [^]*2\.sql: not here[^]*1 migrated, 1 failed\.\nPut right what failed, then: plinth migrate --all --retry-quarantined/) });
    expect(await json("migrate", "--all")).toMatchObject({ counts: { current: 1, quarantined: 1 } });
    write(cwd, "migrations/2.sql", "select 1");
    expect(await run("migrate", "--project", two)).toMatchObject({ code: 1 });
    expect(await run("projects", "release", two)).toMatchObject({ code: 0, stdout: `The project "${two}" is no longer in quarantine.\n` });
    // What was applied to the other was another text.
    expect(await json("migrate", "--all")).toMatchObject({ counts: { migrated: 1, changed: 1 } });
    expect(await run("migrate", "--project", "nobody")).toMatchObject({ code: 1, stderr: expect.stringContaining("PLINTH_PROJECT_NOT_FOUND") });
    for (const ref of [one, two]) await json("projects", "delete", ref, "--now", "--yes");
  });

  test("keys, domains and jobs", { timeout: 180_000 }, async () => {
    const { run, json } = commands(projectFolder(), await nativePlace());
    const ref = `keys-${randomBytes(3).toString("hex")}`;
    const project = await json("projects", "create", ref);
    const key = await json("keys", "create", ref, "--kind", "secret", "--name", "nightly report", "--expires", "90d");
    expect(key).toMatchObject({ kind: "secret", name: "nightly report", key: expect.any(String), role: "service_role" });
    const listed = await run("keys", "list", ref);
    expect(listed.stdout).toMatch(/ nightly report +secret +service_role /);
    expect(listed.stdout).not.toContain(key["key"]);
    expect(await json("keys", "revoke", ref, key["id"] ?? "", "--yes")).toMatchObject({ revokedAt: expect.any(String) });
    const rotated = await json("keys", "rotate-jwt", ref, "--overlap", "1h", "--yes");
    expect(rotated["anonKey"]).not.toBe(project["anonKey"]);
    expect((await run("keys", "rotate-jwt", ref, "--yes")).stderr).toBe("plinth: say --overlap TIME, or --until-revoked.\n");
    const signing = await json("keys", "signing", "create", ref, "--algorithm", "ES256");
    expect(await json("keys", "signing", "rotate", ref, "--until-revoked")).toMatchObject({ kid: signing["kid"], status: "current" });
    expect(await json("domains", "add", ref, "API.Example.com")).toMatchObject({ domain: "api.example.com" });
    expect((await run("domains", "list", ref)).stdout).toMatch(/^DOMAIN +CREATED\napi\.example\.com /);
    expect(await run("domains", "remove", ref, "api.example.com", "--yes")).toMatchObject({ code: 0 });
    expect(await run("jobs", "list")).toMatchObject({ code: 0, stdout: "No jobs.\n" });
    expect(await json("jobs", "dead")).toEqual({ jobs: [] });
    expect(await run("jobs", "retry", "--all")).toMatchObject({ code: 0, stdout: "0 jobs made pending again.\n" });
    expect(await run("jobs", "cancel", "12345", "--yes")).toMatchObject({ code: 1, stderr: expect.stringContaining("PLINTH_JOB_NOT_FOUND") });
    await json("projects", "delete", ref, "--now", "--yes");
  });
});

test("on a data folder: while it is served it is said who has it, afterwards all goes", { timeout: 180_000 }, async () => {
  const cwd = projectFolder({ "migrations/1.sql": "create table things (id int);" });
  const plinth = await startDev([], { cwd });
  const { run, json } = commands(cwd, undefined);
  for (const args of [["projects", "list"], ["migrate", "--all"]]) {
    expect(await run(...args)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/^plinth: Another process is using this data folder\. \(PLINTH_DIRECTORY_LOCKED\)\n {2}Process \d+ on [^\n]+\n {2}Stop the other process/) });
  }
  await plinth.stop();
  write(cwd, "migrations/2.sql", "create table more (id int);");
  expect(await json("projects", "create", "acme")).toMatchObject({ ref: "acme", cluster: "embedded" });
  expect(await json("migrate", "--all")).toMatchObject({ counts: { migrated: 2 }, projects: [{ ref: "acme", files: ["1.sql", "2.sql"] }, { ref: "default", files: ["2.sql"] }] });
  write(cwd, "passphrase", "one of a good length\n");
  write(cwd, "site/index.html", "<h1>Home</h1>");
  expect(await run("assets", "publish", "site", "--project", "acme")).toMatchObject({ code: 0 });
  expect(await json("projects", "export", "acme", "acme.plinth", "--passphrase-file", "passphrase")).toMatchObject({ file: "acme.plinth", bytes: expect.any(Number), files: { included: true, count: 1, missing: { count: 0 } } });
  expect(await run("projects", "export", "acme", "acme.plinth")).toMatchObject({ code: 2, stderr: "plinth: acme.plinth is there already. To write over it, pass --overwrite.\n" });
  expect(await json("projects", "import", "acme.plinth", "--ref", "copy", "--passphrase-file", "passphrase")).toMatchObject({ ref: "copy", status: "active", files: { included: true, count: 1 } });
  expect(await run("projects", "export", "acme", "light.plinth", "--without-files")).toMatchObject({ code: 0, stdout: expect.stringContaining("It has no files") });
  expect(await run("doctor", "--port", "0")).toMatchObject({ code: 0 });
  expect(await run("storage", "sweep", "--dry-run")).toMatchObject({ code: 0 });
  expect(await json("migrate", "--all")).toMatchObject({ counts: { current: 3 } });
  const master = await run("keys", "rotate-master", "--yes");
  expect(master).toMatchObject({ code: 0, stdout: expect.stringContaining("sealed with the master key") });
  expect(await json("projects", "list")).toMatchObject({ projects: [{ ref: "default" }, { ref: "acme" }, { ref: "copy" }] });
});
