import { setTimeout as sleep } from "node:timers/promises";
import { type BackendOptions, defineJob, type Job, type JobContext, type JobStatus } from "plinth";
import { type TestBackend, type TestDatabases } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { openNativeOrEmbedded } from "./support/open-backend.ts";
import { until } from "./support/until.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

const QUICK = { firstDelayMs: 20, jitter: 0 };
const jobsOptions: BackendOptions["jobs"] = { concurrency: 4, pollMs: 200, leaseMs: 1_000, drainMs: 300 };

/** A job that does what the test at hand says. */
const scripted = () => {
  let script: (payload: { n: number }, context: JobContext) => unknown = () => undefined;
  const ran: number[] = [];
  const job = defineJob({
    name: `scripted.${Math.random().toString(36).slice(2)}`,
    payload: z.object({ n: z.number() }),
    retries: { ...QUICK, maxAttempts: 3 },
    run: (payload, context) => {
      ran.push(payload.n);
      return script(payload, context);
    },
  });
  return { job, ran, does: (next: typeof script) => (script = next) };
};

describeDatabases("jobs", (databases: TestDatabases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  const errors: Error[] = [];
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { jobs: jobsOptions, onError: (error) => void errors.push(error as Error) }));
    await backend.start();
  });
  afterAll(() => close());

  const fresh = () => {
    const made = scripted();
    backend.jobs.register(made.job);
    return made;
  };
  const ended = (id: string, status: JobStatus) => until(async () => [await backend.jobs.get(id)].find((job) => job.status === status));

  describe("a job", () => {
    test("runs, and its result can be read", async () => {
      const { job, does } = fresh();
      does(({ n }) => ({ doubled: 2 * n }));
      const added = await backend.jobs.add(job, { n: 21 });
      expect(added).toMatchObject({ status: "pending", payload: { n: 21 }, attempts: 0, maxAttempts: 3, priority: 0, projectRef: undefined });
      expect(await ended(added.id, "succeeded")).toMatchObject({ result: { doubled: 42 }, attempts: 1, error: undefined });
    });

    test("waits for its time", async () => {
      const { job, ran } = fresh();
      const runAt = new Date(Date.now() + 1_200);
      const { id } = await backend.jobs.add(job, { n: 1 }, { runAt });
      await sleep(600);
      expect(ran).toEqual([]);
      const { startedAt } = await ended(id, "succeeded");
      expect(startedAt?.getTime()).toBeGreaterThanOrEqual(runAt.getTime());
      expect(startedAt?.getTime()).toBeLessThan(runAt.getTime() + 3_000);
    });

    test("is tried again after growing delays, then done", async () => {
      const { job, ran, does } = fresh();
      does((_payload, { attempt }) => {
        if (attempt < 3) throw new Error(`attempt ${attempt}`);
      });
      const { id } = await backend.jobs.add(job, { n: 1 });
      expect(await ended(id, "succeeded")).toMatchObject({ attempts: 3, error: undefined });
      expect(ran).toEqual([1, 1, 1]);
    });

    test("says how far it is", async () => {
      const { job, does } = fresh();
      let go: () => void = () => undefined;
      does(async (_payload, { progress }) => {
        progress(0.5, "half");
        await new Promise<void>((resolve) => (go = resolve));
        progress(7, "all");
      });
      const { id } = await backend.jobs.add(job, { n: 1 });
      const half = await until(async () => [await backend.jobs.get(id)].find(({ progress }) => progress !== undefined));
      expect(half).toMatchObject({ status: "running", progress: { value: 0.5, message: "half" } });
      go();
      expect(await ended(id, "succeeded")).toMatchObject({ progress: { value: 1, message: "all" } });
    });

    test("is stopped after its time, and tried again", async () => {
      const job = defineJob({
        name: "slow",
        payload: z.object({}),
        timeoutMs: 100,
        retries: { ...QUICK, maxAttempts: 2 },
        run: (_payload, { signal }) => sleep(20_000, undefined, { signal }),
      });
      backend.jobs.register(job);
      const { id } = await backend.jobs.add(job, {});
      expect(await ended(id, "failed")).toMatchObject({ attempts: 2, error: { code: "PLINTH_JOB_TIMED_OUT" } });
    });

  });

  describe("what a job takes", () => {
    const job = defineJob({ name: "strict", payload: z.strictObject({ email: z.email(), at: z.coerce.date().optional() }), run: () => undefined });

    test.each([
      ["a missing field", {}],
      ["a field of another kind", { email: 1 }],
      ["a field too many", { email: "a@b.example", secret: "s3cr3t-value" }],
      ["nothing", undefined],
    ])("%s is refused, without the values", async (_title, payload) => {
      const refused = backend.jobs.add(job, payload as never);
      await expect(refused).rejects.toMatchObject({ code: "PLINTH_JOB_PAYLOAD_INVALID", status: 400 });
      await expect(refused).rejects.not.toThrow("s3cr3t-value");
    });

    test("what can't be JSON is refused, and so is what is too long", async () => {
      const any = defineJob({ name: "any", payload: z.unknown(), run: () => undefined });
      const ring: Record<string, unknown> = {};
      ring["ring"] = ring;
      for (const payload of [ring, 1n, "x".repeat(1024 * 1024)]) await expect(backend.jobs.add(any, payload)).rejects.toMatchObject({ code: "PLINTH_JOB_PAYLOAD_INVALID" });
    });

    test("any text passes unchanged", async () => {
      const seen: unknown[] = [];
      const echo = defineJob({ name: "echo", payload: z.unknown(), run: (payload) => (seen.push(payload), payload) });
      backend.jobs.register(echo);
      const payload = { nul: "a\0b", lone: "\ud800", quote: `'"\\$1`, emoji: "👋", deep: [[[]]], big: 1e300 };
      const { id } = await backend.jobs.add(echo, payload);
      expect((await ended(id, "succeeded")).result).toEqual(payload);
      expect(seen).toEqual([payload]);
    });

    test("it is parsed again where it runs", async () => {
      const seen: unknown[] = [];
      const dated = defineJob({ name: "dated", payload: z.object({ at: z.coerce.date() }), run: ({ at }) => void seen.push(at) });
      backend.jobs.register(dated);
      const { id } = await backend.jobs.add(dated, { at: new Date(0) });
      await ended(id, "succeeded");
      expect(seen).toEqual([new Date(0)]);
    });

    test.each([
      [{ priority: 1.5 }, "priority"],
      [{ maxAttempts: 0 }, "maxAttempts"],
      [{ runAt: new Date(Number.NaN) }, "runAt"],
      [{ dedupeKey: "" }, "dedupeKey"],
      [{ queue: "a\0b" }, "queue"],
      [{ mode: "other" }, "mode"],
      [{ runat: new Date() }, "runat"],
    ])("options %j are refused", async (options, named) => {
      await expect(backend.jobs.add(job, { email: "a@b.example" }, options as never)).rejects.toMatchObject({ code: "PLINTH_JOB_OPTIONS_INVALID", message: expect.stringContaining(named) });
    });

    test("a definition out of bounds is refused, and a second one of a name", () => {
      expect(() => defineJob({ name: "no spaces", payload: z.unknown(), run: () => undefined })).toThrow(expect.objectContaining({ code: "PLINTH_JOB_INVALID" }));
      expect(() => defineJob({ name: "x", payload: z.unknown(), retries: { jitter: 2 }, run: () => undefined })).toThrow(/jitter/);
      const twin = () => defineJob({ name: "twin", payload: z.unknown(), run: () => undefined });
      const one = twin();
      backend.jobs.register(one, one);
      expect(() => backend.jobs.register(twin())).toThrow(/twin/);
    });
  });

  describe("the same key", () => {
    const later = { runAt: new Date(Date.now() + 3_600_000) };

    test("replaces the pending job, or preserves it", async () => {
      const { job } = fresh();
      const first = await backend.jobs.add(job, { n: 1 }, { ...later, dedupeKey: "k" });
      const second = await backend.jobs.add(job, { n: 2 }, { ...later, dedupeKey: "k", priority: 5 });
      expect(second).toMatchObject({ id: first.id, payload: { n: 2 }, priority: 5 });
      expect(await backend.jobs.add(job, { n: 3 }, { ...later, dedupeKey: "k", mode: "preserve" })).toMatchObject({ id: first.id, payload: { n: 2 }, priority: 5 });
      expect((await backend.jobs.list({ name: job.name })).jobs).toHaveLength(1);
      expect((await backend.jobs.add(job, { n: 4 }, { ...later, dedupeKey: "other" })).id).not.toBe(first.id);
      expect((await backend.jobs.add(fresh().job, { n: 5 }, { ...later, dedupeKey: "k" })).id).not.toBe(first.id);
    });

    test("makes one job of many that are added at once", async () => {
      const { job } = fresh();
      const added = await Promise.all(Array.from({ length: 20 }, (_, n) => backend.jobs.add(job, { n }, { ...later, dedupeKey: "race" })));
      expect(new Set(added.map(({ id }) => id)).size).toBe(1);
    });

    test("makes another job beside one that runs, which can be tried again all the same", async () => {
      const { job, ran, does } = fresh();
      let go: () => void = () => undefined;
      does(async ({ n }, { attempt }) => {
        if (n !== 1 || attempt > 1) return;
        await new Promise<void>((resolve) => (go = resolve));
        throw new Error("tried again beside the other");
      });
      const first = await backend.jobs.add(job, { n: 1 }, { dedupeKey: "k" });
      await until(() => ran.length === 1);
      const second = await backend.jobs.add(job, { n: 2 }, { dedupeKey: "k", ...later });
      expect(second.id).not.toBe(first.id);
      go();
      await ended(first.id, "succeeded");
      expect(ran).toEqual([1, 1]);
      expect(await backend.jobs.get(second.id)).toMatchObject({ status: "pending", dedupeKey: "k" });
    });

    test("moves a job to now that was to run later", async () => {
      const { job, ran } = fresh();
      const { id } = await backend.jobs.add(job, { n: 1 }, { ...later, dedupeKey: "soon" });
      await backend.jobs.add(job, { n: 2 }, { dedupeKey: "soon" });
      await ended(id, "succeeded");
      expect(ran).toEqual([2]);
    });
  });

  describe("order", () => {
    test("jobs of a queue run one at a time, in order", async () => {
      const { job, does } = fresh();
      const log: string[] = [];
      does(async ({ n }) => {
        log.push(`+${n}`);
        await sleep(30);
        log.push(`-${n}`);
      });
      const added: Job[] = [];
      for (let n = 0; n < 5; n++) added.push(await backend.jobs.add(job, { n }, { queue: "serial" }));
      for (const { id } of added) await ended(id, "succeeded");
      expect(log).toEqual([0, 1, 2, 3, 4].flatMap((n) => [`+${n}`, `-${n}`]));
      expect(added[0]?.queue).toBe("serial");
    });

    test("smaller priorities go first", async () => {
      const { job, ran } = fresh();
      const runAt = new Date(Date.now() + 500);
      const added = await Promise.all([3, -2, 1].map((priority) => backend.jobs.add(job, { n: priority }, { priority, queue: "ordered", runAt })));
      for (const { id } of added) await ended(id, "succeeded");
      expect(ran).toEqual([-2, 1, 3]);
    });
  });

  describe("cancelling", () => {
    test("a pending job never runs", async () => {
      const { job, ran } = fresh();
      const { id } = await backend.jobs.add(job, { n: 1 }, { runAt: new Date(Date.now() + 300) });
      expect(await backend.jobs.cancel(id)).toMatchObject({ status: "cancelled", finishedAt: expect.any(Date) });
      await sleep(800);
      expect(ran).toEqual([]);
      expect(await backend.jobs.cancel(id)).toMatchObject({ status: "cancelled" });
    });

    test("a running job is told, and is not tried again", async () => {
      const { job, ran, does } = fresh();
      let reason: unknown;
      does(async (_payload, { signal }) => {
        await sleep(20_000, undefined, { signal }).catch(() => (reason = signal.reason));
        signal.throwIfAborted();
      });
      const { id } = await backend.jobs.add(job, { n: 1 });
      await until(() => ran.length === 1);
      await backend.jobs.cancel(id);
      expect(await ended(id, "cancelled")).toMatchObject({ attempts: 1, error: { code: "PLINTH_JOB_CANCELLED" } });
      expect(reason).toMatchObject({ code: "PLINTH_JOB_CANCELLED" });
      await sleep(300);
      expect(ran).toEqual([1]);
    });

    test("a job that finishes all the same has succeeded", async () => {
      const { job, ran, does } = fresh();
      let go: () => void = () => undefined;
      does(async () => {
        await new Promise<void>((resolve) => (go = resolve));
        return "whole";
      });
      const { id } = await backend.jobs.add(job, { n: 1 });
      await until(() => ran.length === 1);
      expect(await backend.jobs.cancel(id)).toMatchObject({ status: "running", isCancelling: true });
      go();
      expect(await ended(id, "succeeded")).toMatchObject({ result: "whole", isCancelling: false });
    });

    test.each(["00000000-0000-4000-8000-000000000000", "no uuid", "'; drop table plinth_jobs.jobs; --"])("of %j there is nothing to cancel", async (id) => {
      await expect(backend.jobs.cancel(id)).rejects.toMatchObject({ code: "PLINTH_JOB_NOT_FOUND", status: 404 });
      await expect(backend.jobs.get(id)).rejects.toMatchObject({ code: "PLINTH_JOB_NOT_FOUND" });
      await expect(backend.jobs.deadLetters.retry(id)).rejects.toMatchObject({ code: "PLINTH_JOB_NOT_FOUND" });
      await expect(backend.jobs.deadLetters.delete(id)).rejects.toMatchObject({ code: "PLINTH_JOB_NOT_FOUND" });
    });
  });

  describe("dead letters", () => {
    const failing = async (count: number) => {
      const made = fresh();
      made.does(() => {
        throw new Error("no");
      });
      const added: Job[] = [];
      for (let n = 0; n < count; n++) added.push(await backend.jobs.add(made.job, { n }, { maxAttempts: 1 }));
      for (const { id } of added) await ended(id, "failed");
      return { ...made, added };
    };

    test("are listed, retried one by one or all, and deleted", async () => {
      const { job, does, ran, added } = await failing(3);
      const filter = { name: job.name };
      expect((await backend.jobs.deadLetters.list(filter)).jobs.map(({ id }) => id)).toEqual(added.map(({ id }) => id).toReversed());
      does(() => "well");
      const [first, second, third] = added as [Job, Job, Job];
      expect(await backend.jobs.deadLetters.retry(first.id)).toMatchObject({ status: "pending", attempts: 0 });
      expect(await ended(first.id, "succeeded")).toMatchObject({ result: "well", error: undefined });
      await backend.jobs.deadLetters.delete(second.id);
      await expect(backend.jobs.get(second.id)).rejects.toMatchObject({ code: "PLINTH_JOB_NOT_FOUND" });
      await expect(backend.jobs.deadLetters.retry(first.id)).rejects.toMatchObject({ code: "PLINTH_JOB_NOT_FOUND" });
      expect(await backend.jobs.deadLetters.retryAll(filter)).toBe(1);
      await ended(third.id, "succeeded");
      expect(ran).toHaveLength(5);
    });

    test("are deleted all at once, of one job alone", async () => {
      const [one, other] = [await failing(2), await failing(1)];
      expect(await backend.jobs.deadLetters.deleteAll({ name: one.job.name })).toBe(2);
      expect((await backend.jobs.deadLetters.list({ name: other.job.name })).jobs).toHaveLength(1);
    });

    test("tell why, and no secrets; onError is told as well", async () => {
      const { job, does } = fresh();
      does(() => {
        throw Object.assign(new Error("connect postgres://admin:hunter2@db.example/x failed, password=swordfish, Authorization: Bearer abcdefghijkl"), { code: "ECONNREFUSED" });
      });
      errors.length = 0;
      const { id } = await backend.jobs.add(job, { n: 1 }, { maxAttempts: 1 });
      const { error } = await ended(id, "failed");
      expect(error).toMatchObject({ name: "Error", code: "ECONNREFUSED", message: expect.stringContaining("db.example/x failed") });
      const told = errors.find(({ message }) => message.includes(id));
      expect(told).toMatchObject({ code: "PLINTH_JOB_FAILED" });
      for (const secret of ["hunter2", "swordfish", "abcdefghijkl"]) expect(JSON.stringify([error, told?.message])).not.toContain(secret);
    });

    test("come at once from errors that the policy calls final, and from what is no error", async () => {
      const job = defineJob({ name: "final", payload: z.object({}), retries: { when: (error) => error !== "gone" }, run: () => Promise.reject("gone") });
      backend.jobs.register(job);
      const { id } = await backend.jobs.add(job, {});
      expect(await ended(id, "failed")).toMatchObject({ attempts: 1, maxAttempts: 10, error: { name: "Error", message: "gone" } });
    });

    test("come from results that can't be kept", async () => {
      const { job, does } = fresh();
      does(() => 1n);
      const { id } = await backend.jobs.add(job, { n: 1 }, { maxAttempts: 1 });
      expect(await ended(id, "failed")).toMatchObject({ error: { message: expect.stringContaining("no JSON") } });
    });
  });

  test("lists come in pages, newest first, by status, name and queue", async () => {
    const { job } = fresh();
    const runAt = new Date(Date.now() + 3_600_000);
    for (let n = 0; n < 5; n++) await backend.jobs.add(job, { n }, { runAt, ...(n < 2 ? { queue: "q" } : {}) });
    const numbers = ({ jobs }: { jobs: readonly Job[] }) => jobs.map(({ payload }) => (payload as { n: number }).n);
    const first = await backend.jobs.list({ name: job.name, limit: 3 });
    const second = await backend.jobs.list({ name: job.name, limit: 3, after: first.next as string });
    expect([numbers(first), numbers(second), second.next]).toEqual([[4, 3, 2], [1, 0], undefined]);
    expect(numbers(await backend.jobs.list({ name: job.name, queue: "q", status: ["pending", "running"] }))).toEqual([1, 0]);
    expect(numbers(await backend.jobs.list({ name: job.name, status: "succeeded" }))).toEqual([]);
    await expect(backend.jobs.list({ after: "1; drop" })).rejects.toMatchObject({ code: "PLINTH_JOB_OPTIONS_INVALID" });
    await expect(backend.jobs.list({ limit: 0 })).rejects.toMatchObject({ code: "PLINTH_JOB_OPTIONS_INVALID" });
  });

  describe("schedules", () => {
    test("make a job at each tick", async () => {
      const { job, ran } = fresh();
      const schedule = await backend.jobs.schedules.set(job, { cron: "* * * * * *", payload: { n: 7 } });
      expect(schedule).toMatchObject({ name: job.name, job: job.name, timeZone: "UTC", backfill: "none", lastAt: undefined });
      await until(() => ran.length >= 3);
      const { jobs } = await backend.jobs.list({ name: job.name });
      const times = jobs.map(({ runAt }) => runAt.getTime());
      expect(new Set(times).size).toBe(times.length);
      for (const time of times) expect(time % 1_000).toBe(0);
      expect(jobs[0]).toMatchObject({ schedule: job.name, payload: { n: 7 } });
      expect(await backend.jobs.schedules.delete(job.name)).toBe(true);
      expect(await backend.jobs.schedules.delete(job.name)).toBe(false);
      await sleep(1_100);
      const count = ran.length;
      await sleep(1_100);
      expect(ran.length).toBe(count);
    });

    test("go by their time zone, and keep their next tick when they are set again", async () => {
      const { job } = fresh();
      const berlin = await backend.jobs.schedules.set(job, { name: "nightly", cron: "30 2 * * *", timeZone: "Europe/Berlin", payload: { n: 1 } });
      const local = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Berlin", hour: "2-digit", minute: "2-digit" }).format(berlin.nextAt);
      expect(local).toBe("02:30");
      expect(await backend.jobs.schedules.set(job, { name: "nightly", cron: "30 2 * * *", timeZone: "Europe/Berlin", payload: { n: 2 } })).toMatchObject({ nextAt: berlin.nextAt, payload: { n: 2 } });
      expect((await backend.jobs.schedules.set(job, { name: "nightly", cron: "31 2 * * *", timeZone: "Europe/Berlin", payload: { n: 2 } })).nextAt).not.toEqual(berlin.nextAt);
      expect((await backend.jobs.schedules.list()).map(({ name }) => name)).toContain("nightly");
      await backend.jobs.schedules.delete("nightly");
    });

    test.each([
      [{ cron: "61 * * * *" }, "PLINTH_JOB_SCHEDULE_INVALID"],
      [{ cron: "* * * * *", timeZone: "Mars/Olympus" }, "PLINTH_JOB_SCHEDULE_INVALID"],
      [{ cron: "0 0 30 2 *" }, "PLINTH_JOB_SCHEDULE_INVALID"],
      [{ cron: "* * * * *", backfil: "all" }, "PLINTH_JOB_SCHEDULE_INVALID"],
      [{ cron: "* * * * *", payload: {} }, "PLINTH_JOB_PAYLOAD_INVALID"],
      [{ cron: "* * * * *", projectRef: "nobody" }, "PLINTH_PROJECT_NOT_FOUND"],
    ])("%j is refused: %s", async (options, code) => {
      await expect(backend.jobs.schedules.set(fresh().job, { payload: { n: 1 }, ...options } as never)).rejects.toMatchObject({ code });
    });
  });

  describe("projects", () => {
    test("jobs go with their project, and none is added to one that isn't there", async () => {
      const { job, ran } = fresh();
      await backend.projects.create({ ref: "doomed" });
      const { id, projectRef } = await backend.jobs.add(job, { n: 1 }, { projectRef: "doomed", runAt: new Date(Date.now() + 1_500) });
      expect(projectRef).toBe("doomed");
      await backend.jobs.schedules.set(job, { name: "doomed", cron: "* * * * * *", payload: { n: 2 }, projectRef: "doomed" });
      await until(() => ran.includes(2));
      await backend.projects.delete("doomed");
      await expect(backend.jobs.get(id)).rejects.toMatchObject({ code: "PLINTH_JOB_NOT_FOUND" });
      await expect(backend.jobs.add(job, { n: 3 }, { projectRef: "doomed" })).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
      expect((await backend.jobs.schedules.list()).map(({ name }) => name)).not.toContain("doomed");
      await sleep(1_500);
      expect(ran).not.toContain(1);
    });

    test("a running job is told when its project is deleted", async () => {
      const { job, ran, does } = fresh();
      let stopped = false;
      does((_payload, { signal }) => sleep(20_000, undefined, { signal }).catch(() => (stopped = true)));
      await backend.projects.create({ ref: "leaving" });
      await backend.jobs.add(job, { n: 1 }, { projectRef: "leaving" });
      await until(() => ran.length === 1);
      await backend.projects.delete("leaving");
      await until(() => stopped);
    });

    test("keys and queues of one are none of another's", async () => {
      const { job } = fresh();
      await backend.projects.create({ ref: "other" });
      const [runAt, dedupeKey, queue] = [new Date(Date.now() + 3_600_000), "same", "same"];
      const mine = await backend.jobs.add(job, { n: 1 }, { runAt, dedupeKey, queue, projectRef: "default" });
      const theirs = await backend.jobs.add(job, { n: 2 }, { runAt, dedupeKey, queue, projectRef: "other" });
      const nobodys = await backend.jobs.add(job, { n: 3 }, { runAt, dedupeKey, queue });
      expect(new Set([mine.id, theirs.id, nobodys.id]).size).toBe(3);
      expect((await backend.jobs.list({ name: job.name, projectRef: "other" })).jobs.map(({ id }) => id)).toEqual([theirs.id]);
      expect(theirs).toMatchObject({ queue: "same", projectRef: "other" });
    });

    test("a queue that one keeps busy is none of another's", async () => {
      const { job, ran, does } = fresh();
      let go: () => void = () => undefined;
      does(({ n }) => (n === 1 ? new Promise<void>((resolve) => (go = resolve)) : undefined));
      await backend.projects.create({ ref: "queued" });
      const busy = await backend.jobs.add(job, { n: 1 }, { queue: "busy", projectRef: "default" });
      await until(() => ran.length === 1);
      await ended((await backend.jobs.add(job, { n: 2 }, { queue: "busy", projectRef: "queued" })).id, "succeeded");
      go();
      await ended(busy.id, "succeeded");
    });

    test("of one that is deleted for the time being none is added, those that come due are cancelled, the others kept", async () => {
      const { job, ran } = fresh();
      await backend.projects.create({ ref: "fading" });
      const due = await backend.jobs.add(job, { n: 1 }, { projectRef: "fading", runAt: new Date(Date.now() + 1_000) });
      const later = await backend.jobs.add(job, { n: 2 }, { projectRef: "fading", runAt: new Date(Date.now() + 3_600_000) });
      await backend.projects.delete("fading", { graceMs: 60_000 });
      await expect(backend.jobs.add(job, { n: 3 }, { projectRef: "fading" })).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
      await ended(due.id, "cancelled");
      await backend.projects.restore("fading");
      expect(await backend.jobs.get(later.id)).toMatchObject({ status: "pending", projectRef: "fading" });
      expect(ran).toEqual([]);
    });

    test("those of one that is paused wait until it is resumed", async () => {
      const { job, ran } = fresh();
      await backend.projects.create({ ref: "resting" });
      await backend.projects.pause("resting");
      const { id } = await backend.jobs.add(job, { n: 1 }, { projectRef: "resting", dedupeKey: "k" });
      await until(async () => (await backend.jobs.get(id)).runAt.getTime() > Date.now() + 1_000);
      expect(ran).toEqual([]);
      await backend.projects.resume("resting");
      // It would be looked at again in some seconds.
      await backend.jobs.add(job, { n: 2 }, { projectRef: "resting", dedupeKey: "k" });
      expect(await ended(id, "succeeded")).toMatchObject({ attempts: 1 });
    });

    test("one with many jobs leaves room for another", async () => {
      const { job, does } = fresh();
      await backend.projects.create({ ref: "noisy" });
      let [noisy, most] = [0, 0];
      does(async (_payload, { projectRef, signal }) => {
        if (projectRef !== "noisy") return;
        most = Math.max(most, ++noisy);
        await sleep(100, undefined, { signal });
        noisy--;
      });
      const crowd = await Promise.all(Array.from({ length: 30 }, (_, n) => backend.jobs.add(job, { n }, { projectRef: "noisy" })));
      const { id } = await backend.jobs.add(job, { n: 99 }, { projectRef: "default" });
      await ended(id, "succeeded");
      const left = (await backend.jobs.list({ name: job.name, status: "pending", limit: 100 })).jobs.length;
      expect(left).toBeGreaterThan(10);
      expect(most).toBe(2);
      for (const { id: one } of crowd) await ended(one, "succeeded");
      expect(most).toBe(2);
    });
  });

  test("start can be called again", async () => {
    await Promise.all([backend.start(), backend.start()]);
  });
}, NATIVE_UNLESS_LONG);
