import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type Backend, type BackendOptions, createBackend, signToken } from "plinth";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { startStoppablePostgres, type StoppablePostgres } from "../support/stoppable-postgres.ts";
import { createResident, readRows, type Resident, writeRow } from "./support/resident.ts";

const PER_CLUSTER = 4;
/** Far more than a request takes, far less than a time-out. */
const BOUND_MS = 4_000;

interface Answer {
  readonly ref: string;
  readonly status: number;
  readonly retryAfter: string | null;
  readonly ms: number;
}

describe.runIf(inject("nativePostgresUrl") !== undefined)("of two clusters, with load on both", () => {
  let [home, away]: [StoppablePostgres?, StoppablePostgres?] = [];
  let backend: Backend;
  let options: BackendOptions;
  let near: Resident;
  let far: Resident;
  beforeAll(async () => {
    [home, away] = await Promise.all([startStoppablePostgres(), startStoppablePostgres()]);
    options = {
      databaseUrl: home.url,
      masterKey: "m".repeat(32),
      clusters: [{ name: "default" }, { name: "away", databaseUrl: away.url, weight: 0 }],
      project: false,
      pool: { maxConnectionsPerCluster: PER_CLUSTER, acquireTimeoutMs: 2_000 },
      projects: { drainMs: 200 },
      onError: () => undefined,
    };
    backend = await createBackend(options);
    near = await createResident(backend, "near");
    far = await createResident(backend, "far");
    await backend.projects.move("far", { cluster: "away" });
    await Promise.all([near, far].map(({ serviceRoleKey }) => readRows(backend, serviceRoleKey)));
  });
  afterAll(async () => {
    await backend.close();
    await Promise.all([home?.remove(), away?.remove()]);
  });

  async function ask({ ref, serviceRoleKey }: Resident): Promise<Answer> {
    const start = performance.now();
    const response = await backend.fetch("http://backend/rest/v1/notes?limit=1", { headers: { apikey: serviceRoleKey } });
    await response.arrayBuffer();
    return { ref, status: response.status, retryAfter: response.headers.get("retry-after"), ms: performance.now() - start };
  }

  /** Asks each of the projects by several at a time for as long as the work takes. */
  async function loadDuring(residents: readonly Resident[], work: () => Promise<unknown>): Promise<readonly Answer[]> {
    const answers: Answer[] = [];
    let going = true;
    const asking = residents.flatMap((resident) =>
      Array.from({ length: 6 }, async () => {
        while (going) {
          answers.push(await ask(resident));
          await sleep(5);
        }
      }),
    );
    try {
      await work();
    } finally {
      going = false;
      await Promise.all(asking);
    }
    return answers;
  }

  async function connectionsOf(server: StoppablePostgres, ref: string): Promise<number> {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    try {
      return (await client.query("select from pg_stat_activity where usename = $1", [`plinth_${ref}`])).rowCount ?? Number.NaN;
    } finally {
      await client.end();
    }
  }

  const isServed = (resident: Resident) => expect.poll(() => ask(resident).then(({ status }) => status), { timeout: 15_000, interval: 100 }).toBe(200);
  const statuses = (answers: readonly Answer[], ref: string) => new Set(answers.filter((answer) => answer.ref === ref).map(({ status }) => status));

  test("the one that crashes concerns its own projects alone, and is back by itself, with no connection left behind", { timeout: 90_000 }, async () => {
    const answers = await loadDuring([near, far], async () => {
      for (const how of ["crash", "shutDown"] as const) {
        await away?.[how]();
        await sleep(700);
        await away?.start();
        await isServed(far);
      }
    });
    expect(statuses(answers, "near")).toEqual(new Set([200]));
    expect(statuses(answers, "far")).toEqual(new Set([200, 503]));
    for (const { status, retryAfter } of answers) if (status === 503) expect(retryAfter).toMatch(/^\d+$/);
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(BOUND_MS);
    expect(await connectionsOf(away as StoppablePostgres, "far")).toBeLessThanOrEqual(PER_CLUSTER);
    await writeRow(backend, far);
  });

  test("while the one with the metadata is away, what is open on the other is served; the rest is refused with 503", { timeout: 90_000 }, async () => {
    await isServed(far);
    const answers = await loadDuring([near, far], async () => {
      await home?.crash();
      await sleep(3_000);
      const refused = await backend.fetch("http://backend/rest/v1/notes", { headers: { apikey: anotherKey() } });
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, expect.stringMatching(/^\d+$/)]);
      await expect(backend.projects.get("far")).rejects.toMatchObject({ code: "PLINTH_DATABASE_UNAVAILABLE" });
      await home?.start();
      await isServed(near);
    });
    expect(statuses(answers, "far")).toEqual(new Set([200]));
    expect(statuses(answers, "near")).toEqual(new Set([200, 503]));
    for (const { status, retryAfter } of answers) if (status === 503) expect(retryAfter).toMatch(/^\d+$/);
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(BOUND_MS);
    await backend.projects.create({ ref: "later" });
    await backend.projects.delete("later");
  });

  /** Of a project that this process has never opened. */
  const anotherKey = (): string => signToken({ iss: "plinth", ref: "unknown", role: "anon" }, "x".repeat(32));

  test("moved by two processes at once, a project is moved once, and both are told so", { timeout: 90_000 }, async () => {
    const other = await createBackend(options);
    try {
      const moves = await Promise.all([backend, other].map((each) => each.projects.move("far", { cluster: "default" })));
      expect(moves.map(({ cluster, status }) => [cluster, status])).toEqual([["default", "active"], ["default", "active"]]);
      const opposite = await Promise.all([backend.projects.move("far", { cluster: "away" }), other.projects.move("far", { cluster: "default" })]);
      expect(new Set(opposite.map(({ cluster }) => cluster)).size).toBeGreaterThan(0);
      for (const each of [backend, other]) expect(await readRows(each, far.serviceRoleKey)).toEqual(expect.arrayContaining([...far.rows]));
      const { cluster } = await backend.projects.get("far");
      const [there, gone] = cluster === "away" ? [away, home] : [home, away];
      expect(await hasDatabase(there as StoppablePostgres, "plinth_far")).toBe(true);
      expect(await hasDatabase(gone as StoppablePostgres, "plinth_far")).toBe(false);
    } finally {
      await other.close();
    }
  });

  async function hasDatabase(server: StoppablePostgres, name: string): Promise<boolean> {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    try {
      return (await client.query("select from pg_database where datname like $1", [`${name}%`])).rowCount !== 0;
    } finally {
      await client.end();
    }
  }

  test("deleted while it serves, a project's requests are answered, refused or told to come again; none hangs", { timeout: 90_000 }, async () => {
    const doomed = await createResident(backend, "doomed");
    const answers = await loadDuring([doomed, near], async () => {
      await sleep(200);
      await backend.projects.delete("doomed", { graceMs: 0 });
      await sleep(300);
    });
    expect(statuses(answers, "near")).toEqual(new Set([200]));
    for (const status of statuses(answers, "doomed")) expect([200, 401, 404, 503]).toContain(status);
    expect(answers.filter(({ ref }) => ref === "doomed").at(-1)?.status).toBe(401);
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(BOUND_MS);
    expect(await connectionsOf(home as StoppablePostgres, "doomed")).toBe(0);
  });
});
