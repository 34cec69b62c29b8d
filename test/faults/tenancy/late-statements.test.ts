import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import process from "node:process";
import pg from "pg";
import { type Backend, createBackend } from "plinth";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { startStoppablePostgres, type StoppablePostgres } from "../support/stoppable-postgres.ts";
import { until } from "../../scenarios/support/until.ts";
import type { Errand } from "./support/errand.ts";

const MASTER_KEY = "m".repeat(32);

describe.runIf(inject("nativePostgresUrl") !== undefined)("a statement that the server still runs when its process was killed", () => {
  let server: StoppablePostgres;
  let backend: Backend;
  let admin: pg.Client;
  /** Not `admin`: in a transaction one sees what was running at its beginning. */
  let observer: pg.Client;
  beforeAll(async () => {
    server = await startStoppablePostgres();
    backend = await createBackend({ databaseUrl: server.url, masterKey: MASTER_KEY, project: false });
    admin = new pg.Client({ connectionString: server.url });
    observer = new pg.Client({ connectionString: server.url });
    await Promise.all([admin.connect(), observer.connect()]);
  });
  afterAll(async () => {
    await Promise.all([admin.end(), observer.end()]);
    await backend.close();
    await server.remove();
  });

  const isRunning = async (pattern: string): Promise<boolean> =>
    (await observer.query("select from pg_stat_activity where query ~ $1 and state = 'active' and pid <> pg_backend_pid()", [pattern])).rowCount !== 0;

  /** Another process begins with the errand, and is killed while the server runs the statement. @returns lets the server go on */
  async function killAmid(errand: Pick<Errand, "kind" | "prefix" | "ref">, statement: string): Promise<() => Promise<unknown>> {
    const child = spawn(process.execPath, ["--conditions=plinth-source", path.join(import.meta.dirname, "support/errand-worker.ts")], { stdio: ["pipe", "ignore", "inherit"] });
    const ended = once(child, "close");
    await admin.query("begin; lock table pg_database in share mode");
    child.stdin.write(`${JSON.stringify({ ...errand, options: { databaseUrl: server.url, masterKey: MASTER_KEY, project: false } })}\n`);
    try {
      await until(() => isRunning(statement), 60_000);
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
    return () => admin.query("commit");
  }

  test("makes no database that is nobody's", { timeout: 120_000 }, async () => {
    const letGo = await killAmid({ kind: "create", prefix: "late", ref: "" }, '^create database "plinth_late-0"');
    const deleting = backend.projects.delete("late-0");
    // As far as it comes.
    await until(async () => (await isRunning("^drop database")) || (await isRunning("pg_advisory_lock.*plinth.work")), 10_000);
    await letGo();
    await deleting;
    await until(async () => !(await isRunning("^create database")), 10_000);
    expect((await admin.query("select datname from pg_database where datname like 'plinth_late%' union all select rolname from pg_roles where rolname like 'plinth_late%'")).rows).toEqual([]);
  });
});
