import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Backend, createBackend } from "plinth";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { nativePlace, query } from "../cli/support/native-place.ts";
import { projectFolder } from "../cli/support/project-folder.ts";

const MASTER_KEY = "k".repeat(32);

async function open(databaseUrl: string, options: Parameters<typeof createBackend>[0] = {}): Promise<Backend> {
  const backend = await createBackend({ databaseUrl, masterKey: MASTER_KEY, project: false, onError: () => undefined, ...options });
  onTestFinished(() => backend.close());
  return backend;
}

async function calls(backend: Backend, ref: string): Promise<number> {
  const owner = await backend.ownerDatabase(ref);
  try {
    return Number((await owner.db.selectFrom("calls").select((e) => e.fn.countAll().as("n")).executeTakeFirstOrThrow()).n);
  } finally {
    await owner.release();
  }
}

describe.runIf(inject("nativePostgresUrl") !== undefined)("on a server", () => {
  const mark = randomBytes(3).toString("hex");

  test("a run that is killed is gone on with, and each project has each file once", { timeout: 120_000 }, async () => {
    const url = await nativePlace();
    const folder = projectFolder({ "all/1.sql": "create table calls (n int);", "all/2.sql": "select pg_sleep(0.1); insert into calls values (1);", "all/3.sql": "insert into calls values (2);" });
    const backend = await open(url);
    const refs = ["a", "b", "c", "d", "e"].map((name) => `${name}-${mark}`);
    for (const ref of refs) await backend.projects.create({ ref });
    for (const count of [1, 2]) {
      const child = spawn(process.execPath, ["--conditions=plinth-source", fileURLToPath(new URL("support/migrate-and-die.ts", import.meta.url)), url, MASTER_KEY, path.join(folder, "all"), `${count}`], { stdio: "inherit" });
      expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
    }
    const run = await backend.migrateAll(path.join(folder, "all"));
    expect(run).toMatchObject({ resumed: true, interrupted: false });
    expect(run.counts.migrated + run.counts.current).toBe(refs.length);
    for (const ref of refs) expect(await calls(backend, ref), ref).toBe(2);
    expect(await backend.migrateAll(path.join(folder, "all"))).toMatchObject({ resumed: false, counts: { current: refs.length } });
    for (const ref of refs) await backend.projects.delete(ref, { graceMs: 0 });
  });

  test("a cluster that is down is told of, keeps nobody else waiting, and has its turn when it is back", { timeout: 120_000 }, async () => {
    const url = await nativePlace();
    const gate = await openGate(url);
    const backend = await open(url, { clusters: [{ name: "far", databaseUrl: gate.url }] });
    const [near, far, further] = [`near-${mark}`, `far-${mark}`, `further-${mark}`];
    await backend.projects.create({ ref: near, cluster: "default" });
    for (const ref of [far, further]) await backend.projects.create({ ref, cluster: "far" });
    const files = [{ name: "1.sql", sql: "create table calls (n int)" }];
    gate.shut();
    const down = await backend.migrateAll(files, { patienceMs: 300 });
    expect(down.projects).toMatchObject([
      { ref: far, outcome: "unavailable", reason: expect.stringContaining("can't be reached") },
      { ref: further, outcome: "unavailable" },
      { ref: near, outcome: "migrated" },
    ]);
    setTimeout(() => gate.open(), 700).unref();
    const back = await backend.migrateAll(files, { patienceMs: 20_000 });
    expect(back.counts).toMatchObject({ migrated: 2, current: 1, unavailable: 0 });
    // Nobody is to blame for it.
    expect(await query(url, "select ref from plinth.projects where quarantine is not null")).toEqual([]);
    for (const ref of [near, far, further]) await backend.projects.delete(ref, { graceMs: 0 });
  });

  test("a project that is deleted, renamed or worked on meanwhile", { timeout: 120_000 }, async () => {
    const url = await nativePlace();
    const backend = await open(url);
    const [slow, gone, renamed] = [`slow-${mark}`, `gone-${mark}`, `renamed-${mark}`];
    for (const ref of [slow, gone, renamed]) await backend.projects.create({ ref });
    const files = [{ name: "1.sql", sql: `create table calls (n int); select pg_sleep(case when current_database() like '%slow%' then 1 else 0 end);` }];
    // One at a time, the oldest first: so the others are still to come when they change.
    const running = backend.migrateAll(files, { concurrency: 1 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await backend.projects.delete(gone, { graceMs: 0 });
    await backend.projects.rename(renamed, `${renamed}-x`);
    const pausing = backend.projects.pause(slow);
    const run = await running;
    await pausing;
    expect(run.projects.map(({ ref, outcome }) => [ref, outcome])).toEqual([[gone, "skipped"], [`${renamed}-x`, "migrated"], [slow, "migrated"]]);
    expect(await calls(backend, `${renamed}-x`)).toBe(0);
    for (const ref of [slow, `${renamed}-x`]) await backend.projects.delete(ref, { graceMs: 0 });
  });

  test("the metadata that goes away ends a run, and the next one goes on with it", { timeout: 120_000 }, async () => {
    const url = await nativePlace();
    const gate = await openGate(url);
    const direct = await open(url);
    const refs = ["p", "q", "r"].map((name) => `${name}-${mark}`);
    for (const ref of refs) await direct.projects.create({ ref });
    const through = await open(gate.url);
    const files = [{ name: "1.sql", sql: "create table calls (n int);" }];
    await expect(through.migrateAll(files, { concurrency: 1, patienceMs: 100, onProgress: () => gate.shut() })).rejects.toThrow();
    gate.open();
    const next = await direct.migrateAll(files);
    expect(next).toMatchObject({ resumed: true, interrupted: false, counts: { failed: 0, quarantined: 0, unavailable: 0 } });
    for (const ref of refs) {
      expect(await calls(direct, ref)).toBe(0);
      await direct.projects.delete(ref, { graceMs: 0 });
    }
  });
});

/** A way to the server that can be shut: what is connected is cut, and what comes is refused. */
async function openGate(url: string) {
  const target = new URL(url);
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    }
    client.pipe(upstream).pipe(client);
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as net.AddressInfo).port;
  };
  const port = await listen(0);
  const shut = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => shut());
  const through = new URL(url);
  [through.hostname, through.port] = ["127.0.0.1", `${port}`];
  return { url: through.href, shut, open: () => void listen(port) };
}

