import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { startPrivatePostgres } from "@plinth/testing";
import { createBackend } from "plinth";
import { beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { nativePlace, query } from "../cli/support/native-place.ts";
import { projectFolder } from "../cli/support/project-folder.ts";
import { runPlinth } from "../cli/support/run-plinth.ts";

interface Finding {
  readonly status: string;
  readonly title: string;
  readonly message: string;
  readonly hint?: string;
}

async function doctor(cwd: string, ...args: string[]) {
  const { code, stdout, stderr } = await runPlinth(["doctor", "--json", "--port", "0", ...args], { cwd });
  expect(stderr).toBe("");
  const findings = JSON.parse(stdout) as Finding[];
  // Whether the tests' server has pgvector is no matter here.
  const told = findings.filter(({ status, title }) => status !== "ok" && title !== "Extensions").map(({ status, title, message }) => `${status} ${title}: ${message}`);
  return { code, findings, told };
}

describe.runIf(inject("nativePostgresUrl") !== undefined)("projects on a server", () => {
  // One of its own: on the tests' common one other tests leave half-made projects lying about, as doctor would say.
  let adminUrl = "";
  beforeAll(async () => {
    const server = await startPrivatePostgres();
    adminUrl = server.url;
    return () => server.stop();
  });
  const masterKey = "k".repeat(32);

  async function place() {
    const url = await nativePlace(adminUrl);
    const cwd = projectFolder({ "plinth.config.mjs": `export default { masterKey: "${masterKey}", project: false, pool: { maxConnections: 20 } };` });
    const backend = await createBackend({ databaseUrl: url, masterKey, project: false });
    onTestFinished(() => backend.close());
    return { url, cwd, backend, look: () => doctor(cwd, "--database-url", url) };
  }

  test("before there are any, and when all are whole", { timeout: 120_000 }, async () => {
    const empty = await nativePlace(adminUrl);
    const first = await doctor(projectFolder(), "--database-url", empty);
    expect(first.findings).toContainEqual({ status: "ok", title: "Projects", message: "none yet" });
    expect(await query(empty, "select to_regnamespace('plinth')::text as there")).toEqual([{ there: null }]);

    const { backend, look } = await place();
    const mark = randomBytes(3).toString("hex");
    for (const ref of [`one-${mark}`, `two-${mark}`]) await backend.projects.create({ ref });
    await backend.projects.pause(`two-${mark}`);
    const { told, findings } = await look();
    expect(told).toEqual([]);
    expect(findings).toEqual(expect.arrayContaining([expect.objectContaining({ title: "Projects", message: "1 active, 1 paused" }), expect.objectContaining({ title: "Cluster default", message: "2 projects with database and login" })]));
    for (const ref of [`one-${mark}`, `two-${mark}`]) await backend.projects.delete(ref, { graceMs: 0 });
  });

  test("whatever a project lacks, and whatever is there of none, each with what mends it", { timeout: 180_000 }, async () => {
    const { url, backend, look } = await place();
    const mark = randomBytes(3).toString("hex");
    const refs = Object.fromEntries(["lost", "roleless", "open", "half", "quarantined", "moving"].map((name) => [name, `${name}-${mark}`])) as Record<string, string>;
    for (const ref of Object.values(refs)) await backend.projects.create({ ref });
    const [stray, draft] = [`plinth_stray_${mark}`, `plinth_draft_${(Date.now() - 2 * 3_600_000).toString(36)}_${randomBytes(4).toString("hex")}`];
    onTestFinished(async () => {
      await query(adminUrl, `drop role if exists "${stray}"`);
      await query(adminUrl, `drop database if exists "plinth_roleless-${mark}" with (force)`);
      await query(adminUrl, `drop role if exists "plinth_roleless-${mark}"`);
      await query(adminUrl, `drop database if exists "${draft}"`);
    });
    await query(adminUrl, `drop database "plinth_lost-${mark}" with (force)`);
    await query(adminUrl, `comment on role "plinth_roleless-${mark}" is null`);
    await query(adminUrl, `grant connect on database "plinth_open-${mark}" to public`);
    await query(adminUrl, `create role "${stray}"; comment on role "${stray}" is 'plinth project ${randomUUID()}'`);
    await query(adminUrl, `create database "${draft}"`);
    await query(url, `update plinth.projects set status = 'provisioning', provisioning_step = 'database' where ref = '${refs["half"]}'`);
    await query(url, `update plinth.projects set quarantine = '{"migration": "2.sql", "error": "2.sql: no", "at": "2026-01-01T00:00:00.000Z"}' where ref = '${refs["quarantined"]}'`);
    await query(url, `update plinth.projects set status = 'moving', move = '{"cluster": "other", "database": "x", "loginRole": null, "step": null, "status": "active"}' where ref = '${refs["moving"]}'`);
    await query(url, "insert into plinth.migration_runs (checksum, files) values ('x', '[]')");
    const { code, told, findings } = await look();
    expect(code).toBe(1);
    expect(told).toEqual(
      expect.arrayContaining([
        `problem Projects: "half-${mark}" is half made (done up to the step database).`,
        `problem Projects: "moving-${mark}" is on its way to the cluster "other", and not served meanwhile.`,
        `problem Cluster default: "lost-${mark}": its database "plinth_lost-${mark}" is not there.`,
        `problem Cluster default: "roleless-${mark}": its login "plinth_roleless-${mark}" is not there, or not marked as its own.`,
        `problem Cluster default: "open-${mark}": every login of the server may connect to its database "plinth_open-${mark}".`,
        expect.stringMatching(new RegExp(`^(problem|warning) Cluster default: The login "${stray}" is marked as a project's, and no`)),
        `warning Cluster default: "${draft}" is a template that was never finished.`,
        `warning Migrations: "quarantined-${mark}" is in quarantine since 2026-01-01T00:00:00.000Z: 2.sql: no`,
        expect.stringMatching(/^warning Migrations: A run over all projects that began at /),
      ]),
    );
    for (const { status, hint } of findings) if (status !== "ok") expect(hint).toMatch(/\w/);

    await query(url, `update plinth.projects set status = 'active', move = null where ref in ('${refs["moving"]}', '${refs["half"]}')`);
    for (const ref of Object.values(refs)) await backend.projects.delete(ref, { graceMs: 0 });
  });
});

test("embedded projects, their directories and the key file", { timeout: 180_000 }, async () => {
  const cwd = projectFolder({ "plinth.config.mjs": "export default { project: false };" });
  const dataDirectory = path.join(cwd, ".plinth");
  const backend = await createBackend({ databaseUrl: false, dataDirectory, project: false });
  for (const ref of ["acme", "beta"]) await backend.projects.create({ ref });
  await backend.close();
  expect((await doctor(cwd)).told).toEqual([]);

  rmSync(path.join(dataDirectory, "projects", "beta"), { recursive: true });
  for (const name of ["stray", "gone.deleted-01234567"]) mkdirSync(path.join(dataDirectory, "projects", name));
  const { code, told } = await doctor(cwd);
  expect(code).toBe(1);
  expect(told).toEqual([
    expect.stringMatching(/^problem Databases: "beta": its directory .*projects\/beta is not there, or is no database\.$/),
    expect.stringMatching(/^warning Databases: .*projects\/gone\.deleted-01234567 was being deleted\.$/),
    expect.stringMatching(/^problem Databases: .*projects\/stray is no project's\.$/),
  ]);

  renameSync(path.join(dataDirectory, "master.key"), path.join(dataDirectory, "master.key.bak"));
  expect((await doctor(cwd)).told).toEqual([expect.stringMatching(/^problem Master key: .*master\.key is not there, and there are projects/)]);
  expect((await doctor(cwd)).told).toHaveLength(1);
});
