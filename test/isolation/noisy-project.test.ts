import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import type { ProjectWithKeys } from "plinth";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openNativeOrEmbedded } from "../scenarios/support/open-backend.ts";

const SCHEMA = `
  create table public.things (id int);
  insert into things select generate_series(1, 10);
  create function burn(rounds int) returns bigint language sql as 'select count(*) from generate_series(1, rounds) a where md5(a::text) like ''%ff''';`;

/** Milliseconds. A quiet project's requests take a few; what is waited for here is the machine, not the neighbour's queue. */
const BOUND = 1_500;
const QUIET_REQUESTS = 40;

const at = (share: number, durations: readonly number[]): number => durations.toSorted((a, b) => a - b)[Math.floor(durations.length * share)] ?? Infinity;

interface Noise {
  readonly statuses: ReadonlyMap<number, number>;
  /** How long the noisy project's own light requests took, where they were answered. Milliseconds. */
  readonly took: readonly number[];
}

describeDatabases("a noisy project", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let noisy: ProjectWithKeys;
  let quiet: ProjectWithKeys;

  beforeAll(async () => {
    const pool = { maxConnections: 4, maxConnectionsPerProject: 3 };
    ({ backend, close } = await openNativeOrEmbedded(databases, { pool, onError: () => undefined }));
    noisy = await backend.projects.create({ ref: "noisy", settings: { limits: { concurrentRequests: 20, waitingRequests: 20, statementTimeoutMs: 20_000 } } });
    quiet = await backend.projects.create({ ref: "quiet" });
    for (const { ref } of [noisy, quiet]) await backend.sql(SCHEMA, ref);
  });
  afterAll(() => close());

  const ask = async ({ serviceRoleKey }: ProjectWithKeys, path: string): Promise<number> => {
    const response = await backend.fetch(`http://backend/rest/v1/${path}`, { headers: { apikey: serviceRoleKey } });
    await response.arrayBuffer();
    return response.status;
  };

  /** Asks for heavy statements, and for anything at all, for as long as it isn't told to stop. */
  async function makeNoise(stop: AbortSignal): Promise<Noise> {
    const statuses = new Map<number, number>();
    const took: number[] = [];
    const askOn = async (path: string): Promise<void> => {
      while (!stop.aborted) {
        const start = performance.now();
        const status = await ask(noisy, path);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status === 200 && path === "things") took.push(performance.now() - start);
        // As a client over a network would, it leaves the process a moment.
        await new Promise((resolve) => setTimeout(resolve, status === 503 ? 5 : 0));
      }
    };
    await Promise.all([...Array.from({ length: 10 }, () => askOn("rpc/burn?rounds=200000")), ...Array.from({ length: 45 }, () => askOn("things"))]);
    return { statuses, took };
  }

  test("that runs heavy statements and floods the backend keeps nobody else waiting", async () => {
    for (const project of [noisy, quiet]) expect(await ask(project, "things")).toBe(200);
    const stop = new AbortController();
    const noise = makeNoise(stop.signal);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const took: number[] = [];
    for (let i = 0; i < QUIET_REQUESTS; i++) {
      const start = performance.now();
      expect(await ask(quiet, "things")).toBe(200);
      took.push(performance.now() - start);
    }
    stop.abort();
    const { statuses, took: own } = await noise;
    // It was noisy indeed: more came than may wait.
    expect(statuses.get(503) ?? 0).toBeGreaterThan(0);
    expect(own.length).toBeGreaterThan(0);
    // Whoever waited in one line with the noisy project would wait as its own requests do.
    expect(at(0.9, took)).toBeLessThan(at(0.5, own));
    expect(at(0.9, took)).toBeLessThan(BOUND);
  });
});
