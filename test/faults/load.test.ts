import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterEach, expect, test, vi } from "vitest";
import { openServer, type ServedBackend } from "./support/open-server.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

const SCHEMA = `
  create table things (id int primary key);
  create function nap(ms int) returns int language plpgsql as 'begin perform pg_sleep(ms / 1000.0); return ms; end';`;

describeDatabases("load", (databases) => {
  let served: ServedBackend | undefined;
  afterEach(async () => {
    await served?.close();
    served = undefined;
  });

  const open = async (options: Parameters<typeof openServer>[1] = {}): Promise<(path: string) => Promise<{ status: number; body: unknown; headers: Headers }>> => {
    served = await openServer(databases, { sql: SCHEMA, ...options });
    const { url, backend } = served;
    return async (path) => {
      const response = await fetch(`${url}/rest/v1/${path}`, { headers: { apikey: backend.serviceRoleKey } });
      return { status: response.status, body: await response.json(), headers: response.headers };
    };
  };

  test("200 requests at the same moment on a pool of 4 are all answered, each with its own", async () => {
    const ask = await open();
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => ask(`rpc/nap?ms=${i % 7}`)));
    expect(answers.map(({ status, body }) => [status, body])).toEqual(Array.from({ length: 200 }, (_, i) => [200, i % 7]));
    expect(served?.errors).toEqual([]);
    if (databases.kind === "embedded") return;
    const [row] = await served!.backend.sql<{ count: number }>("select count(*)::int as count from pg_stat_activity where application_name = 'plinth' and datname = current_database()");
    expect(row?.count).toBeLessThanOrEqual(4);
  });

  test("who waits too long for a connection is told so with PGRST003", async () => {
    const ask = await open({ pool: { maxConnectionsPerProject: 1, acquireTimeoutMs: 300 } });
    await ask("things");
    const [slow, late] = await Promise.all([ask("rpc/nap?ms=1500"), new Promise((resolve) => setTimeout(resolve, 100)).then(() => ask("things"))]);
    expect(slow).toMatchObject({ status: 200, body: 1500 });
    expect({ ...late, headers: late.headers.get("retry-after") }).toEqual({ status: 504, headers: "1", body: { code: "PGRST003", message: "Timed out acquiring connection from connection pool.", details: null, hint: null } });
    expect((await ask("things")).status).toBe(200);
  });

  test("a statement that runs too long ends with 57014 and status 500, others go on", async () => {
    const ask = await open({ statementTimeoutMs: 700 });
    await ask("things");
    const start = performance.now();
    const [late, ...others] = await Promise.all([ask("rpc/nap?ms=30000"), ask("things"), ask("things")]);
    expect(late).toMatchObject({ status: 500, body: { code: "57014", message: "canceling statement due to statement timeout", details: null, hint: null } });
    expect(others.map(({ status }) => status)).toEqual([200, 200]);
    expect(performance.now() - start).toBeLessThan(5_000);
    expect((await ask("things")).status).toBe(200);
  });

  test("close() lets requests in flight end; what comes after it is refused with PLINTH_CLOSED", async () => {
    const ask = await open();
    await ask("things");
    const { backend, url, errors } = served!;
    const inFlight: Array<ReturnType<typeof ask>> = [];
    // The naps hold every connection, so that the others are still waiting for one.
    for (const [count, path] of [[4, "rpc/nap?ms=500"], [20, "things"]] as const) {
      for (let i = 0; i < count; i++) inFlight.push(ask(path));
      await vi.waitFor(() => expect(backend.metrics().requests.inFlight).toBe(inFlight.length), { interval: 10 });
    }
    const closing = backend.close();
    const late = await fetch(`${url}/rest/v1/things`, { headers: { apikey: backend.serviceRoleKey } });
    expect({ status: late.status, retryAfter: late.headers.get("retry-after"), body: await late.json() }).toEqual({
      status: 503,
      retryAfter: "1",
      body: { code: "PLINTH_CLOSED", message: "The backend is closed.", details: null, hint: null },
    });
    expect((await Promise.all(inFlight)).filter(({ status }) => status !== 200)).toEqual([]);
    await closing;
    await backend.close();
    for (const call of [() => backend.tenant(), () => backend.projects.list(), () => backend.ownerDatabase(), () => backend.migrate("test/faults")]) {
      await expect(call()).rejects.toMatchObject({ code: "PLINTH_CLOSED" });
    }
    expect(errors).toEqual([]);
  });
}, NATIVE_UNLESS_LONG);

const run = async (script: string): Promise<string> => {
  const file = fileURLToPath(new URL(`support/${script}`, import.meta.url));
  return (await promisify(execFile)(process.execPath, ["--conditions=plinth-source", file], { timeout: 25_000 })).stdout;
};

test("a process whose backend was closed amid requests ends by itself", async () => {
  expect(await run("close-and-end.ts")).toBe("204 204 204 204 204\nclosed\n");
});

test("a statement that breaks the embedded engine is answered, and the next one finds it open again", async () => {
  expect(await run("break-engine.ts")).toBe("10 200 -\n3000000 500 58000\n11 200 -\n");
});
