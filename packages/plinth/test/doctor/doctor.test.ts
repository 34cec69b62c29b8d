import { randomBytes } from "node:crypto";
import net from "node:net";
import pg from "pg";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { checkNode } from "../../src/doctor/check-node.ts";
import { projectFolder } from "../cli/support/project-folder.ts";
import { runPlinth, startDev } from "../cli/support/run-plinth.ts";
import { unlessDependedOn } from "../../../../test/support/unless-depended-on.ts";

interface Finding {
  readonly status: string;
  readonly title: string;
  readonly message: string;
  readonly hint?: string;
}

async function doctor(args: readonly string[], { cwd = projectFolder() } = {}): Promise<{ code: number | null; of(title: string): Finding | undefined; findings: Finding[] }> {
  const { code, stdout, stderr } = await runPlinth(["doctor", "--json", "--port", "0", ...args], { cwd });
  expect(stderr).toBe("");
  const findings = JSON.parse(stdout) as Finding[];
  return { code, findings, of: (title) => findings.find((finding) => finding.title === title) };
}

test("a Node.js that is too old", () => {
  expect(checkNode("v20.19.0")).toMatchObject({ status: "problem", message: "v20.19.0 is too old.", hint: expect.stringContaining("Install Node.js 22 or later") });
  expect(checkNode("v22.0.0")).toMatchObject({ status: "ok" });
});

test("all well on the embedded database, in words", { timeout: 90_000 }, async () => {
  const cwd = projectFolder();
  const { code, stdout } = await runPlinth(["doctor", "--port", "0"], { cwd });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ok {7}Node\.js: v\d+/);
  expect(stdout).toMatch(/^ok {7}Data folder: .+\.plinth$/m);
  expect(stdout).toMatch(/^ok {7}Embedded database: PGlite, PostgreSQL 1\d/m);
  expect(stdout).toMatch(/^ok {7}Master key: kept in /m);
});

test("a data folder that another process has open", { timeout: 90_000 }, async () => {
  const cwd = projectFolder();
  await startDev([], { cwd });
  const { code, of } = await doctor([], { cwd });
  expect(code).toBe(1);
  expect(of("Embedded database")).toMatchObject({ status: "problem", message: expect.stringMatching(/^Another process is using this data folder\. Process \d+ /), hint: expect.stringContaining("Stop the other process") });
});

test("a data folder that can't be written to", async () => {
  const { code, of } = await doctor(["--data", "occupied/data"], { cwd: projectFolder({ occupied: "a file" }) });
  expect(code).toBe(1);
  expect(of("Data folder")).toMatchObject({ status: "problem", message: expect.stringMatching(/occupied\/data can't be written to: ENOTDIR/), hint: expect.stringContaining("--data") });
  expect(of("Embedded database")).toBeUndefined();
});

test("options that are wrong", async () => {
  const { code, findings } = await doctor([], { cwd: projectFolder({ "plinth.config.mjs": "export default { pools: {} };" }) });
  expect(code).toBe(1);
  expect(findings).toEqual([{ status: "problem", title: "Configuration", message: expect.stringContaining('Unrecognized key: "pools"'), hint: expect.any(String) }]);
});

test("a server that is down; a port that is taken", async () => {
  const taken = net.createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void taken.close());
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as net.AddressInfo;
  const { code, of } = await doctor(["--database-url", "postgres://me:secret@127.0.0.1:9/db", "--port", `${port}`]);
  expect(code).toBe(1);
  expect(of("PostgreSQL")).toMatchObject({ status: "problem", message: "postgres://me:***@127.0.0.1:9/db can't be reached: connect ECONNREFUSED 127.0.0.1:9" });
  expect(of("Port")).toEqual({ status: "warning", title: "Port", message: `${port} on 127.0.0.1 is in use.`, hint: "Choose another with --port, or 0 for a free one." });
});

describe.runIf(inject("nativePostgresUrl") !== undefined)("native", () => {
  const adminUrl = inject("nativePostgresUrl") ?? "";

  async function asAdmin(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: adminUrl });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  }

  /** A login with these attributes, and the URL it connects by. */
  async function login(): Promise<{ name: string; url: string }> {
    const name = `doctor_${randomBytes(5).toString("hex")}`;
    await asAdmin(`create role ${name} login password 'pw'`);
    onTestFinished(() => unlessDependedOn(asAdmin(`drop role ${name}`)));
    const url = new URL(adminUrl);
    [url.username, url.password] = [name, "pw"];
    return { name, url: url.href };
  }

  test("all well", async () => {
    const { code, findings, of } = await doctor(["--database-url", adminUrl]);
    expect({ code, problems: findings.filter(({ status }) => status === "problem") }).toEqual({ code: 0, problems: [] });
    expect(of("PostgreSQL")).toMatchObject({ status: "ok", message: expect.stringMatching(/^version 1\d/) });
    expect(of("New projects")).toMatchObject({ status: "ok" });
  });

  test("a weak login is told which rights it lacks, and how to get them", async () => {
    const { name, url } = await login();
    const config = `export default { project: { roles: { anon: "${name}_a", authenticated: "${name}_b", service: "${name}_c" } } };`;
    const { code, of } = await doctor(["--database-url", url], { cwd: projectFolder({ "plinth.config.mjs": config }) });
    expect(code).toBe(1);
    expect(of("Roles")).toMatchObject({
      status: "problem",
      message: `${name}_a, ${name}_b, ${name}_c missing, and ${name} may not make them.`,
      hint: `Let an administrator run: create role ${name}_a nologin noinherit; create role ${name}_b nologin noinherit; create role ${name}_c nologin noinherit bypassrls;`,
    });
    expect(of("Logins")).toMatchObject({ status: "problem", hint: `Let an administrator run: alter role ${name} createrole;` });
    expect(of("Schemas")).toMatchObject({ status: "problem", hint: `Let an administrator run: grant create on database postgres to ${name};` });
    expect(of("New projects")).toMatchObject({ status: "warning", hint: `For more projects let an administrator run: alter role ${name} createdb;` });
  });

  test("a wrong password", async () => {
    const { name, url } = await login();
    const { code, of } = await doctor(["--database-url", url.replace(":pw@", ":wrong@")]);
    expect(code).toBe(1);
    expect(of("PostgreSQL")?.message).toContain(`can't be reached: password authentication failed for user "${name}"`);
  });

  test("a database to adopt whose login may not switch to a role", async () => {
    const [{ name, url }, role] = [await login(), await login()];
    const config = (missing: string) => `export default { databaseUrl: ${JSON.stringify(adminUrl)}, project: { databaseUrl: ${JSON.stringify(url)}, roles: { anon: "${missing}" } } };`;
    const closed = await doctor([], { cwd: projectFolder({ "plinth.config.mjs": config(role.name) }) });
    expect(closed.code).toBe(1);
    expect(closed.findings).toContainEqual({ status: "problem", title: "Roles", message: `${name} may not switch to ${role.name}.`, hint: `Let an administrator run: grant ${role.name} to ${name};` });
    const missing = await doctor([], { cwd: projectFolder({ "plinth.config.mjs": config(`${name}_none`) }) });
    expect(missing.findings).toContainEqual(expect.objectContaining({ status: "problem", message: `${name}_none missing in the adopted database's server.` }));
  });
});
