import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import type { ProjectWithKeys } from "plinth";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openNativeOrEmbedded } from "./support/open-backend.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

const SCHEMA = `
  create table public.things (id int);
  grant all on things to anon, service_role;
  insert into things select generate_series(1, 20);
  create function nap(ms int) returns int language plpgsql as 'begin perform pg_sleep(ms / 1000.0); return ms; end';`;

describeDatabases("limits", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { onError: () => undefined }));
  });
  afterAll(() => close());

  async function project(ref: string, limits: object): Promise<ProjectWithKeys> {
    const made = await backend.projects.create({ ref, settings: { limits } });
    await backend.sql(SCHEMA, ref);
    expect((await ask(made, "things?limit=1")).status).toBe(200);
    return made;
  }

  const ask = (of: ProjectWithKeys, path: string, init: RequestInit = {}): Promise<Response> => {
    const { headers, ...rest } = init;
    return backend.fetch(`http://backend/rest/v1/${path}`, { ...rest, headers: { apikey: of.serviceRoleKey, "content-type": "application/json", ...(headers as Record<string, string>) } });
  };
  const statuses = async (answers: ReadonlyArray<Promise<Response>>): Promise<readonly number[]> => (await Promise.all(answers)).map(({ status }) => status);

  test("requests beyond the rate are refused with 429, in the service's words, until there is room again", async () => {
    const limited = await project("rated", { requestsPerSecond: 0.5, burst: 6 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(limited, "things?limit=1")));
    const allowed = answers.filter(({ status }) => status === 200).length;
    // One was asked for before; what is beyond the burst has come in since then.
    expect(allowed).toBeGreaterThanOrEqual(5);
    expect(allowed).toBeLessThanOrEqual(7);
    const refused = answers.find(({ status }) => status !== 200)!;
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ code: "PLINTH_RATE_LIMITED", details: null });
    expect(Object.fromEntries(["retry-after", "ratelimit-policy", "ratelimit", "proxy-status"].map((name) => [name, refused.headers.get(name)]))).toEqual({
      "retry-after": expect.stringMatching(/^[12]$/),
      "ratelimit-policy": '"project";q=6;w=12',
      ratelimit: expect.stringMatching(/^"project";r=0;t=1[12]$/),
      "proxy-status": "PostgREST; error=PLINTH_RATE_LIMITED",
    });
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const again = await ask(limited, "things?limit=1");
    expect(again.status).toBe(200);
    expect(again.headers.get("ratelimit")).toMatch(/^"project";r=\d;t=\d+$/);
    expect(backend.metrics().requests.rateLimited).toBeGreaterThanOrEqual(13);
  });

  test("who has no key of the project can't use its rate up", async () => {
    const limited = await project("guarded", { requestsPerSecond: 0.01, burst: 3 });
    const forged = limited.anonKey.replace(/\.[^.]*$/, ".forged");
    const got = await statuses(Array.from({ length: 20 }, () => ask(limited, "things", { headers: { apikey: forged } })));
    expect(new Set(got)).toEqual(new Set([401]));
    expect(await statuses([ask(limited, "things?limit=1"), ask(limited, "things?limit=1"), ask(limited, "things?limit=1")])).toEqual([200, 200, 429]);
  });

  test("a limit that is changed counts within a second, and leaves no fresh budget behind", async () => {
    const limited = await project("changing", { requestsPerSecond: 0.01, burst: 1 });
    expect((await ask(limited, "things?limit=1")).status).toBe(429);
    await backend.projects.update("changing", { settings: { limits: { requestsPerSecond: 0.02, burst: 50 } } });
    expect((await ask(limited, "things?limit=1")).status).toBe(429);
    await backend.projects.update("changing", { settings: { limits: { requestsPerSecond: null } } });
    await expect.poll(async () => (await ask(limited, "things?limit=1")).status, { timeout: 2_000, interval: 50 }).toBe(200);
    expect((await ask(limited, "things?limit=1")).headers.get("ratelimit")).toBeNull();
  });

  test("requests beyond those answered at once wait, and beyond those that may wait are refused with 503", async () => {
    const limited = await project("crowded", { concurrentRequests: 2, waitingRequests: 2 });
    const got = await Promise.all(Array.from({ length: 8 }, () => ask(limited, "rpc/nap?ms=150")));
    expect(got.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 503, 503, 503, 503]);
    const refused = got.find(({ status }) => status === 503);
    expect(refused?.headers.get("retry-after")).toBe("1");
    expect(await refused?.json()).toMatchObject({ code: "PLINTH_TOO_BUSY" });
    expect(await statuses([ask(limited, "things?limit=1"), ask(limited, "things?limit=1")])).toEqual([200, 200]);
  });

  test("who waits for too long is refused, and who goes away meanwhile takes nobody's turn", async () => {
    const limited = await project("waiting", { concurrentRequests: 1, waitingRequests: 10, waitTimeoutMs: 200 });
    const slow = ask(limited, "rpc/nap?ms=700");
    const gone = new AbortController();
    const leaving = ask(limited, "things?limit=1", { signal: gone.signal }).catch((error: unknown) => (error as Error).name);
    const late = ask(limited, "things?limit=1");
    gone.abort();
    expect(await leaving).toBe("AbortError");
    expect((await late).status).toBe(503);
    expect((await slow).status).toBe(200);
    expect((await ask(limited, "things?limit=1")).status).toBe(200);
  });

  test("a statement, an answer and a body are held to the project's own limits", async () => {
    const limited = await project("small", { statementTimeoutMs: 300, maxRows: 5, maxBodyBytes: 100 });
    expect(await (await ask(limited, "things")).json()).toHaveLength(5);
    expect(await (await ask(limited, "things?limit=20")).json()).toHaveLength(5);
    const long = await ask(limited, "rpc/nap?ms=5000");
    expect(await long.json()).toMatchObject({ code: "57014" });
    const body = (bytes: number): string => JSON.stringify([{ id: 21 }]).padEnd(bytes);
    expect((await ask(limited, "things", { method: "POST", body: body(100) })).status).toBe(201);
    const large = await ask(limited, "things", { method: "POST", body: body(101) });
    expect(large.status).toBe(413);
    expect(await large.json()).toMatchObject({ code: "PLINTH_BODY_TOO_LARGE", details: "The limit is 100 bytes." });
    await backend.projects.update("small", { settings: { limits: { statementTimeoutMs: 5_000, maxRows: 7 }, rest: { maxRows: 6 } } });
    await expect.poll(async () => ((await (await ask(limited, "things")).json()) as unknown[]).length, { timeout: 2_000, interval: 50 }).toBe(6);
    expect((await ask(limited, "rpc/nap?ms=600")).status).toBe(200);
    expect((await ask(limited, "things", { method: "POST", body: body(10_000) })).status).toBe(201);
  });

  test.each([
    [{ requestsPerSecond: 0 }, "settings.limits.requestsPerSecond"],
    [{ requestsPerSecond: -1 }, "settings.limits.requestsPerSecond"],
    [{ requestsPerSecond: "10" }, "settings.limits.requestsPerSecond"],
    [{ requestsPerSecond: Infinity }, "settings.limits.requestsPerSecond"],
    [{ burst: 0.5 }, "settings.limits.burst"],
    [{ concurrentRequests: 0 }, "settings.limits.concurrentRequests"],
    [{ waitTimeoutMs: 2 ** 31 }, "settings.limits.waitTimeoutMs"],
    [{ maxRows: -1 }, "settings.limits.maxRows"],
    [{ maxBodyBytes: 0 }, "settings.limits.maxBodyBytes"],
    [{ requests: 1 }, "settings.limits"],
    [null, "settings.limits"],
    ["fast", "settings.limits"],
  ])("%j is no limit", async (limits, name) => {
    const error = await backend.projects.create({ ref: "wrong", settings: { limits } }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "PLINTH_CONFIG_INVALID", message: expect.stringContaining(name) });
  });
}, NATIVE_UNLESS_LONG);
