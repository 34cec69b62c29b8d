import { nativeDatabases, urlOf } from "@plinth/testing";
import pg from "pg";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { projectFolder } from "./support/project-folder.ts";
import { startDev } from "./support/run-plinth.ts";

describe.runIf(inject("nativePostgresUrl") !== undefined)("plinth dev on a native server", () => {
  const adminUrl = inject("nativePostgresUrl") ?? "";

  async function query(url: string, sql: string): Promise<Array<Record<string, unknown>>> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Of a database of its own; the logins that projects get in it go with it. */
  async function freshUrl(): Promise<string> {
    const database = await nativeDatabases(adminUrl).create();
    const url = urlOf(database);
    onTestFinished(async () => {
      const logins = await query(url, "select login_role from plinth.projects where not adopted").catch(() => []);
      await database.drop();
      for (const { login_role: login } of logins) await query(adminUrl, `drop role "${String(login)}"`);
    });
    return url;
  }

  test("gives the owner's URL: the server's own, with the project's database", async () => {
    const url = await freshUrl();
    const cwd = projectFolder({ "migrations/1.sql": "create table public.things (id int primary key); insert into things values (1);" });
    const plinth = await startDev(["--database-url", url], { cwd });
    const { announced } = plinth;
    expect(announced.databaseUrl).toBe(url);
    const [row] = await query(announced.databaseUrl, "select tableowner as owner, current_user as who from pg_tables where tablename = 'things'");
    expect(row).toEqual({ owner: "postgres", who: "postgres" });
    const response = await fetch(`${announced.url}/rest/v1/things`, { headers: { apikey: announced.serviceRoleKey } });
    expect(await response.json()).toEqual([{ id: 1 }]);
    const { code, milliseconds, stderr } = await plinth.stop();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(milliseconds).toBeLessThan(3_000);
  });

  test("gives an adopted database's URL as it was given", async () => {
    const [control, adopted] = [await freshUrl(), await freshUrl()];
    const config = { databaseUrl: control, project: { databaseUrl: adopted, jwtSecret: "s".repeat(32), roles: { anon: "postgres" } } };
    const plinth = await startDev([], { cwd: projectFolder({ "plinth.config.mjs": `export default ${JSON.stringify(config)};` }) });
    expect(plinth.announced).toMatchObject({ databaseUrl: adopted, jwtSecret: "s".repeat(32) });
    expect((await plinth.stop()).code).toBe(0);
  });
});
