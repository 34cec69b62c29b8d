import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { type Backend, type BackendOptions, createBackend, defineJob, type JobStatus } from "plinth";
import { type NativePostgres, nativeDatabases, type TestDatabase, urlOf } from "@plinth/testing";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { until } from "../scenarios/support/until.ts";
import { longJob } from "./support/long-job.ts";
import { spawnWorker } from "./support/spawn-worker.ts";
import { startStoppablePostgres, type StoppablePostgres } from "./support/stoppable-postgres.ts";

const JOBS: BackendOptions["jobs"] = { concurrency: 4, pollMs: 200, leaseMs: 1_000, drainMs: 300 };
const masterKey = "m".repeat(32);
const errors: unknown[] = [];
const onError = (error: unknown) => void errors.push(error);

const opened: Backend[] = [];
const open = async (options: BackendOptions): Promise<Backend> => {
  const backend = await createBackend({ masterKey, jobs: JOBS, onError, project: false, ...options });
  opened.push(backend);
  return backend;
};
beforeEach(() => void errors.splice(0));
afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close();
});

const ended = (backend: Backend, id: string, status: JobStatus, limitMs?: number) => until(async () => [await backend.jobs.get(id)].find((job) => job.status === status), limitMs);

const url = inject("nativePostgresUrl");

describe.runIf(url !== undefined)("several processes", { timeout: 60_000 }, () => {
  let database: TestDatabase;
  let databaseUrl: string;
  beforeAll(async () => {
    database = await nativeDatabases(url as NativePostgres["url"]).create();
    databaseUrl = urlOf(database);
    const backend = await open({ databaseUrl, project: {} });
    await backend.jobs.list();
  });
  afterAll(() => database.drop());

  async function asAdmin(sql: string): Promise<Array<Record<string, unknown>>> {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  test("a job whose process is killed is taken up by another, within the lease and a little", async () => {
    const backend = await open({ databaseUrl });
    const job = longJob(() => "taken up");
    const worker = await spawnWorker(databaseUrl);
    const { id } = await backend.jobs.add(job, { ms: 60_000 }, { queue: "killed" });
    await worker.prints(`begun ${id}`);
    await worker.kill();
    const killedAt = Date.now();
    backend.jobs.register(job);
    await backend.start();
    expect(await ended(backend, id, "succeeded")).toMatchObject({ result: "taken up", attempts: 2 });
    expect(Date.now() - killedAt).toBeLessThan(5_000);
    // Nor does its queue stay closed.
    await ended(backend, (await backend.jobs.add(job, { ms: 0 }, { queue: "killed" })).id, "succeeded");
  });

  test("a job that kills its process each time is a dead letter in the end", async () => {
    const backend = await open({ databaseUrl });
    const { id } = await backend.jobs.add(longJob(() => undefined), { ms: 60_000 }, { maxAttempts: 2 });
    for (let attempt = 1; attempt <= 2; attempt++) {
      const worker = await spawnWorker(databaseUrl);
      await worker.prints(`begun ${id}`);
      await worker.kill();
    }
    await backend.start();
    expect(await ended(backend, id, "failed")).toMatchObject({ attempts: 2, error: { code: "PLINTH_JOB_ABANDONED" } });
    expect(errors).toContainEqual(expect.objectContaining({ code: "PLINTH_JOB_ABANDONED", message: expect.stringContaining(id) }));
  });

  test("a process that is merely busy keeps its job", async () => {
    const backend = await open({ databaseUrl });
    const job = longJob(() => "taken up");
    const worker = await spawnWorker(databaseUrl, "busy");
    const { id } = await backend.jobs.add(job, { ms: 4_000 });
    await worker.prints(`begun ${id}`);
    backend.jobs.register(job);
    await backend.start();
    expect(await ended(backend, id, "succeeded")).toMatchObject({ result: worker.child.pid, attempts: 1 });
    await worker.kill();
  });

  test("a running job is cancelled across processes within a second", async () => {
    const [worker, other] = [await open({ databaseUrl, jobs: { ...JOBS, pollMs: 5_000, leaseMs: 15_000 } }), await open({ databaseUrl })];
    let stoppedAt = 0;
    let began = false;
    const job = defineJob({
      name: "told",
      payload: z.object({}),
      run: async (_payload, { signal }) => {
        began = true;
        await sleep(20_000, undefined, { signal }).finally(() => (stoppedAt = Date.now()));
      },
    });
    worker.jobs.register(job);
    await worker.start();
    const { id } = await other.jobs.add(job, {});
    await until(() => began);
    const askedAt = Date.now();
    await other.jobs.cancel(id);
    await ended(other, id, "cancelled");
    expect(stoppedAt - askedAt).toBeLessThan(1_000);
  });

  test("two share the work, and none of it is done twice, though connections break", async () => {
    const backends = [await open({ databaseUrl }), await open({ databaseUrl })];
    const [began, doing, twice] = [new Map<number, number>(), new Set<number>(), [] as number[]];
    const by = [0, 0];
    const shared = (which: number) =>
      defineJob({
        name: "shared",
        payload: z.object({ n: z.number() }),
        run: async ({ n }) => {
          if (doing.has(n)) twice.push(n);
          doing.add(n);
          began.set(n, (began.get(n) ?? 0) + 1);
          by[which] = (by[which] ?? 0) + 1;
          await sleep(10);
          doing.delete(n);
        },
      });
    for (const [which, backend] of backends.entries()) {
      backend.jobs.register(shared(which));
      await backend.start();
    }
    const [first] = backends as [Backend, Backend];
    const added: string[] = [];
    for (let n = 0; n < 150; n++) {
      added.push((await until(() => first.jobs.add(shared(0), { n }).catch(() => undefined))).id);
      if (n % 50 === 25) await asAdmin("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'plinth jobs'");
    }
    await until(async () => (await first.jobs.list({ name: "shared", status: ["pending", "running"] })).jobs.length === 0, 60_000);
    for (const id of added) expect((await first.jobs.get(id)).status).toBe("succeeded");
    expect(twice).toEqual([]);
    expect(began.size).toBe(150);
    expect(Math.min(...by)).toBeGreaterThan(10);
  });

  test("close waits for jobs, then gives them back to others, at no attempt of theirs", async () => {
    const [leaving, staying] = [await open({ databaseUrl }), await open({ databaseUrl })];
    let reason: unknown;
    const began: string[] = [];
    const slow = (who: string) =>
      defineJob({
        name: "drained",
        payload: z.object({ ms: z.number() }),
        run: async ({ ms }, { signal }) => {
          began.push(who);
          await sleep(who === "staying" ? 0 : ms, undefined, { signal }).catch((error: unknown) => {
            reason = signal.reason;
            throw error;
          });
          return who;
        },
      });
    leaving.jobs.register(slow("leaving"));
    await leaving.start();
    const brief = await staying.jobs.add(slow("staying"), { ms: 150 });
    const long = await staying.jobs.add(slow("staying"), { ms: 60_000 });
    await until(() => began.length === 2);
    const closingAt = Date.now();
    await leaving.close();
    expect(Date.now() - closingAt).toBeLessThan(2_000);
    expect(await staying.jobs.get(brief.id)).toMatchObject({ status: "succeeded", result: "leaving" });
    expect(await staying.jobs.get(long.id)).toMatchObject({ status: "pending", attempts: 0 });
    expect(reason).toMatchObject({ code: "PLINTH_CLOSED" });
    await expect(leaving.jobs.add(slow("late"), { ms: 0 })).rejects.toMatchObject({ code: "PLINTH_CLOSED" });
    await expect(leaving.start()).rejects.toMatchObject({ code: "PLINTH_CLOSED" });
    staying.jobs.register(slow("staying"));
    await staying.start();
    expect(await ended(staying, long.id, "succeeded")).toMatchObject({ result: "staying", attempts: 1 });
  });

  test("a job that does not stop when told holds close up for seconds only", async () => {
    const backend = await open({ databaseUrl });
    let go: () => void = () => undefined;
    const deaf = defineJob({ name: "deaf", payload: z.object({}), run: () => new Promise<void>((resolve) => (go = resolve)) });
    backend.jobs.register(deaf);
    await backend.start();
    const { id } = await backend.jobs.add(deaf, {});
    await until(async () => (await backend.jobs.get(id)).status === "running");
    const closingAt = Date.now();
    await backend.close();
    expect(Date.now() - closingAt).toBeLessThan(6_000);
    // It is still at it, so nobody else may have it before the lease is over.
    expect(await asAdmin(`select status from plinth_jobs.jobs where id = '${id}'`)).toEqual([{ status: "running" }]);
    go();
  });

  test("each tick is one process's; what was missed is made up for as the schedule says", async () => {
    const [one, other] = [await open({ databaseUrl }), await open({ databaseUrl })];
    const ticked = defineJob({ name: "ticked", payload: z.object({}), run: () => undefined });
    for (const backend of [one, other]) {
      backend.jobs.register(ticked);
      await backend.start();
    }
    await one.jobs.schedules.set(ticked, { name: "each second", cron: "* * * * * *", payload: {}, backfill: "all" });
    await until(async () => (await one.jobs.list({ name: "ticked", status: "succeeded" })).jobs.length >= 4);
    await one.jobs.schedules.delete("each second");
    const times = (await one.jobs.list({ name: "ticked" })).jobs.map(({ runAt }) => runAt.getTime());
    expect(new Set(times).size).toBe(times.length);

    const made = async (backfill: "none" | "last" | "all"): Promise<number> => {
      await one.jobs.schedules.set(ticked, { name: backfill, cron: "*/10 * * * *", payload: {}, backfill });
      await asAdmin(`update plinth_jobs.schedules set next_at = date_trunc('hour', now()) - interval '4 hours' where name = '${backfill}'`);
      await until(async () => (await one.jobs.schedules.list()).some(({ name, nextAt }) => name === backfill && nextAt.getTime() > Date.now()));
      const { jobs } = await one.jobs.list({ name: "ticked", limit: 1_000 });
      return jobs.filter(({ schedule }) => schedule === backfill).length;
    };
    // At the tick itself it is none too late.
    expect(await made("none")).toBeLessThanOrEqual(1);
    expect(await made("last")).toBe(1);
    expect(await made("all")).toBeGreaterThanOrEqual(24);
  });

  test("tickets too many do no harm", async () => {
    const backend = await open({ databaseUrl });
    let ran = 0;
    const job = defineJob({ name: "ticketed", payload: z.object({}), run: async () => (ran++, sleep(200)) });
    backend.jobs.register(job);
    const { id } = await backend.jobs.add(job, {});
    const cancelled = await backend.jobs.add(job, {});
    await backend.jobs.cancel(cancelled.id);
    for (const one of [id, id, cancelled.id]) await asAdmin(`select plinth_worker.add_job('ticketed', json_build_object('id', '${one}'))`);
    await backend.start();
    await ended(backend, id, "succeeded");
    await until(async () => (await asAdmin("select from plinth_worker.jobs where task_identifier = 'ticketed'")).length === 0);
    expect(ran).toBe(1);
  });

  test("request roles see nothing of jobs, though they are in the default project's database", async () => {
    const rights = await asAdmin(
      "select count(*)::int as count from unnest(array['anon', 'authenticated', 'service_role']) as name, unnest(array['plinth_jobs', 'plinth_worker']) as part where has_schema_privilege(name, part, 'usage, create')",
    );
    expect(rights).toEqual([{ count: 0 }]);
  });

  test("jobs are deleted when they have been kept for long enough, lost tickets given anew", async () => {
    const backend = await open({ databaseUrl });
    const brief = defineJob({ name: "brief", payload: z.object({}), keepMs: 0, run: () => undefined });
    const kept = defineJob({ name: "kept", payload: z.object({}), run: () => undefined });
    backend.jobs.register(brief, kept);
    const lost = await backend.jobs.add(kept, {});
    await asAdmin(`select plinth_worker.remove_job('${lost.id}')`);
    await asAdmin(`update plinth_jobs.jobs set run_at = now() - interval '1 minute' where id = '${lost.id}'`);
    await backend.start();
    await ended(backend, lost.id, "succeeded");
    const { id } = await backend.jobs.add(brief, {});
    await until(async () => (await asAdmin(`select from plinth_jobs.jobs where id = '${id}' and status = 'succeeded'`)).length === 1);
    await (await open({ databaseUrl })).start();
    await expect(backend.jobs.get(id)).rejects.toMatchObject({ code: "PLINTH_JOB_NOT_FOUND" });
    expect(await backend.jobs.get(lost.id)).toMatchObject({ status: "succeeded" });
  });
});

describe.runIf(url !== undefined)("a metadata database that goes away", () => {
  let server: StoppablePostgres;
  beforeAll(async () => {
    server = await startStoppablePostgres();
  });
  afterAll(() => server.remove());

  test("what was running is noted when it is back, what waited is done, and nothing needs a restart", async () => {
    const backend = await open({ databaseUrl: server.url, jobs: { ...JOBS, leaseMs: 20_000 } });
    let go: () => void = () => undefined;
    const job = defineJob({ name: "patient", payload: z.object({ wait: z.boolean() }), run: ({ wait }) => (wait ? new Promise<string>((resolve) => (go = () => resolve("whole"))) : "quick") });
    backend.jobs.register(job);
    await backend.start();
    const running = await backend.jobs.add(job, { wait: true });
    const waiting = await backend.jobs.add(job, { wait: false }, { runAt: new Date(Date.now() + 500) });
    await until(async () => (await backend.jobs.get(running.id)).status === "running");
    await server.crash();
    await expect(backend.jobs.add(job, { wait: false })).rejects.toMatchObject({ code: "PLINTH_DATABASE_UNAVAILABLE", status: 503 });
    await sleep(1_000);
    go();
    await sleep(300);
    await server.start();
    expect(await ended(backend, running.id, "succeeded")).toMatchObject({ result: "whole", attempts: 1 });
    await ended(backend, waiting.id, "succeeded");
    const { id } = await backend.jobs.add(job, { wait: false });
    await ended(backend, id, "succeeded");
  });

  test("a worker that can't reach it for most of the lease stops its jobs: others may have them", async () => {
    const backend = await open({ databaseUrl: server.url });
    let reason: unknown;
    let began = 0;
    const job = defineJob({
      name: "fenced",
      payload: z.object({}),
      run: async (_payload, { signal }) => {
        if (++began > 1) return "again";
        await sleep(20_000, undefined, { signal }).catch(() => (reason = signal.reason));
        return signal.throwIfAborted();
      },
    });
    backend.jobs.register(job);
    await backend.start();
    const { id } = await backend.jobs.add(job, {});
    await until(() => began === 1);
    const thaw = server.freeze();
    try {
      await until(() => reason !== undefined, 3_000);
    } finally {
      thaw();
    }
    expect(reason).toMatchObject({ code: "PLINTH_JOB_TAKEN" });
    expect(await ended(backend, id, "succeeded")).toMatchObject({ result: "again", attempts: 1 });
  });

  test("start says that it isn't there, and may be called again", async () => {
    const backend = await open({ databaseUrl: server.url });
    await server.shutDown();
    await expect(backend.start()).rejects.toMatchObject({ code: "PLINTH_DATABASE_UNAVAILABLE" });
    await server.start();
    await until(() => backend.start().then(() => true, () => false));
    const job = defineJob({ name: "after", payload: z.object({}), run: () => undefined });
    backend.jobs.register(job);
    await ended(backend, (await backend.jobs.add(job, {})).id, "succeeded");
  });
});

describe("an embedded metadata database", () => {
  const dataDirectory = mkdtempSync(path.join(tmpdir(), "plinth-jobs-"));
  afterAll(() => rmSync(dataDirectory, { recursive: true, force: true }));

  test("has the jobs of a process that was killed done by the next", async () => {
    const first = await open({ databaseUrl: false, dataDirectory });
    const job = longJob(() => "taken up");
    const { id } = await first.jobs.add(job, { ms: 60_000 }, { queue: "q" });
    await first.close();
    const worker = await spawnWorker(dataDirectory);
    await worker.prints(`begun ${id}`);
    await worker.kill();
    const next = await open({ databaseUrl: false, dataDirectory });
    next.jobs.register(job);
    await next.start();
    expect(await ended(next, id, "succeeded")).toMatchObject({ result: "taken up", attempts: 2 });
  }, 60_000);

  test("sleeps while nothing is due, and wakes for what is", async () => {
    const alive = new Set<Worker>();
    const onWorker = (worker: Worker) => {
      alive.add(worker);
      worker.once("exit", () => alive.delete(worker));
    };
    process.on("worker", onWorker);
    const backend = await open({ databaseUrl: false, dataDirectory });
    const job = defineJob({ name: "now.and.then", payload: z.object({}), run: () => "done" });
    backend.jobs.register(job);
    await backend.start();
    const { id } = await backend.jobs.add(job, {}, { runAt: new Date(Date.now() + 6_000) });
    await until(() => alive.size === 0, 5_000);
    await until(() => alive.size === 1, 8_000);
    await ended(backend, id, "succeeded");
    await until(() => alive.size === 0, 5_000);
    process.off("worker", onWorker);
  });
});
