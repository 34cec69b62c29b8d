import { Writable } from "node:stream";
import { toNodeHandler } from "@plinth/node";
import { createTestBackend, type TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { pino } from "pino";
import { defineJob } from "plinth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { viaHttp } from "../../adapters/node/test/conformance/clients.ts";
import { listen } from "../../adapters/node/test/listen.ts";
import { openNativeOrEmbedded } from "./support/open-backend.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

const SCHEMA = `
  create table public.things (id int, secret text);
  create function fails() returns int language plpgsql as 'begin raise exception ''broken'' using errcode = ''XX000''; end';`;

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A real pino logger, and the lines that it has written. */
function logged(): { readonly logger: ReturnType<typeof pino>; lines(): readonly Line[]; text(): string } {
  let text = "";
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  const lines = (): readonly Line[] => text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Line);
  return { logger: pino({ level: "debug", name: "host" }, stream), lines, text: () => text };
}

describeDatabases("observability", (databases) => {
  const log = logged();
  let backend: TestBackend;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { logger: log.logger, metrics: { token: "a token that scrapers know", projects: 1 } }));
    await backend.sql(SCHEMA);
  });
  afterAll(() => close());

  const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}): Promise<Response> => backend.fetch(`http://backend${path}`, { ...init, headers: { ...backend.headersFor("service"), ...headers } });
  const lineOf = (requestId: string): Line | undefined => log.lines().find((line) => line["requestId"] === requestId && line.msg === "request");

  test("each request is one line, with what it was and how long it took", async () => {
    const response = await ask("/rest/v1/things?select=id&secret=eq.hidden", { "x-request-id": "first" });
    expect(response.status).toBe(200);
    expect(lineOf("first")).toMatchObject({ level: 30, name: "host", project: "default", service: "rest", operation: "rest.read", method: "GET", path: "/rest/v1/things", status: 200, durationMs: expect.any(Number) });
    await ask("/rest/v1/rpc/fails", { "x-request-id": "second" }, { method: "POST" });
    expect(lineOf("second")).toMatchObject({ operation: "rest.call", status: 500 });
    expect(log.lines().filter((line) => line["requestId"] === "first")).toHaveLength(1);
  });

  test("errors of the server's own are told to the logger, with the request's id and project", async () => {
    await ask("/rest/v1/rpc/fails", { "x-request-id": "third" }, { method: "POST" });
    expect(log.lines().find((line) => line["requestId"] === "third" && line.level === 50)).toMatchObject({ msg: "error", project: "default", err: { message: "broken", code: "XX000" } });
  });

  test("neither keys nor tokens, bodies or query strings get into the log", async () => {
    const secrets = [backend.anonKey, backend.serviceRoleKey, backend.tokenFor({ sub: "someone" }), "in-the-body", "in-the-query", "in-a-header", "in-a-cookie"];
    const [anonKey = "", , token = ""] = secrets;
    await ask("/rest/v1/things?secret=eq.in-the-query&apikey=in-the-query", { apikey: anonKey, authorization: `Bearer ${token}`, cookie: "session=in-a-cookie", "x-note": "in-a-header" });
    await ask("/rest/v1/things", { "content-type": "application/json" }, { method: "POST", body: '[{"id":1,"secret":"in-the-body"}]' });
    await ask("/rest/v1/things", { "content-type": "application/json" }, { method: "POST", body: '[{"nothing":"in-the-body"}]' });
    await ask("/rest/v1/things?select=in-the-query(");
    await ask("/rest/v1/things", { apikey: `${anonKey}x` });
    for (const secret of [...secrets, backend.jwtSecret, "a token that scrapers know"]) expect(log.text().includes(secret), secret).toBe(false);
  });

  test("a path is cut, and can't make a line of its own", async () => {
    await ask(`/rest/v1/${"x".repeat(5_000)}%0A{"level":60}`, { "x-request-id": "long" });
    expect(String(lineOf("long")?.["path"])).toHaveLength(200);
    expect(log.lines().every((line) => line.level < 60)).toBe(true);
  });

  test("a request's id comes back: its own where that is a sane one, else a new one", async () => {
    for (const id of ["abc", "a".repeat(128), "1-2_3.4:5/6+7=8@9"]) expect((await ask("/rest/v1/things", { "x-request-id": id })).headers.get("x-request-id")).toBe(id);
    for (const id of ["", " ", "a b", "a".repeat(129), "<script>", '"', "a,b", "é"]) expect((await ask("/rest/v1/things", { "x-request-id": id })).headers.get("x-request-id")).toMatch(UUID);
    const refused = await ask("/rest/v1/things", { apikey: "no key" });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("x-request-id")).toMatch(UUID);
    const preserved = await ask("/rest/v1/nothing", { "x-request-id": "mine" });
    expect([preserved.status, preserved.headers.get("x-request-id")]).toEqual([404, "mine"]);
  });

  test("requests are counted by service and class of status, and the first projects by their refs", async () => {
    const before = backend.metrics().requests;
    const other = await backend.projects.create({ ref: "other" });
    await ask("/rest/v1/things");
    await ask("/rest/v1/nothing");
    await ask("/rest/v1/", { apikey: other.anonKey, authorization: `Bearer ${other.anonKey}` });
    const { requests, tenants } = backend.metrics();
    const count = ({ series }: typeof requests, status: string): number => series.find((one) => one.service === "rest" && one.status === status)?.duration.count ?? 0;
    expect(count(requests, "2xx") - count(before, "2xx")).toBe(2);
    expect(count(requests, "4xx") - count(before, "4xx")).toBe(1);
    expect(requests.inFlight).toBe(0);
    expect(new Set(requests.projects.map(({ project }) => project))).toEqual(new Set(["default", ""]));
    expect(tenants.open).toBeGreaterThanOrEqual(1);
    const { duration } = requests.series[0]!;
    expect(duration.buckets.at(-1)).toEqual({ le: Infinity, count: duration.count });
    expect(duration.buckets.map((bucket) => bucket.count)).toEqual(duration.buckets.map((bucket) => bucket.count).toSorted((a, b) => a - b));
  });

  test("connections and jobs are counted as well", async () => {
    const job = defineJob({ name: "test.flaky", payload: z.object({ fails: z.boolean() }), retries: { maxAttempts: 1 }, run: ({ fails }) => {
      if (fails) throw new Error("as it was told");
    } });
    backend.jobs.register(job);
    backend.jobs.register(job);
    await backend.start();
    for (const fails of [true, false, false]) await backend.jobs.add(job, { fails });
    await ask("/rest/v1/things");
    await expect.poll(() => backend.metrics().jobs.find(({ name }) => name === "test.flaky"), { timeout: 40_000 }).toEqual({ name: "test.flaky", running: 0, succeeded: 2, failed: 1 });
    const { connections } = backend.metrics();
    expect(connections.open).toBeGreaterThanOrEqual(1);
    expect(connections.open).toBe(connections.idle + connections.busy);
    const text = backend.metrics.prometheus();
    expect(text).toMatch(/^plinth_job_runs_total\{job="test.flaky",outcome="succeeded"\} 2$/m);
    expect(text).toMatch(/^plinth_connections\{cluster="[^"]+",state="idle"\} \d+$/m);
    expect(text).toMatch(/^plinth_database_up\{cluster="[^"]+"\} 1$/m);
  }, 60_000);

  test("the metrics are Prometheus' text, for who has the token", async () => {
    const refused = await backend.fetch("http://backend/metrics");
    expect([refused.status, refused.headers.get("www-authenticate"), await refused.text()]).toEqual([401, "Bearer", ""]);
    expect((await backend.fetch("http://backend/metrics", { headers: { authorization: "Bearer a token that scrapers knew" } })).status).toBe(401);
    const response = await backend.fetch("http://backend/metrics", { headers: { authorization: "Bearer a token that scrapers know" } });
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await response.text();
    expect(text).toMatch(/^# TYPE plinth_request_duration_seconds histogram$/m);
    expect(text).toMatch(/^plinth_request_duration_seconds_bucket\{service="rest",status="2xx",le="\+Inf"\} \d+$/m);
    expect(text).toMatch(/^plinth_project_requests_total\{project="default",status="2xx"\} \d+$/m);
    for (const line of text.trimEnd().split("\n")) expect(line).toMatch(/^(# (HELP|TYPE) plinth_\w+ .+|plinth_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? ([\d.e+-]+|\+Inf))$/);
    expect(backend.metrics.prometheus().split("\n").length).toBeGreaterThan(10);
  });

  test("through node:http a request's id comes back as well", async () => {
    const host = await listen(toNodeHandler(backend));
    try {
      const { headers } = await viaHttp(`${host.url}/rest/v1/things`, { headers: { ...backend.headersFor("anon"), "x-request-id": "over-http" } });
      expect(headers["x-request-id"]).toBe("over-http");
      expect(lineOf("over-http")).toMatchObject({ service: "rest", path: "/rest/v1/things" });
    } finally {
      await host.close();
    }
  });
}, NATIVE_UNLESS_LONG);

describe("options", () => {
  test("requests are logged at debug, or not at all, and a logger is told of errors even then", async () => {
    for (const [logRequests, level] of [["debug", 20], [false, undefined]] as const) {
      const log = logged();
      await using backend = await createTestBackend({ logger: log.logger, logRequests, sql: SCHEMA });
      await backend.fetch("http://backend/rest/v1/rpc/fails", { method: "POST", headers: backend.headersFor("service") });
      expect(log.lines().find(({ msg }) => msg === "request")?.level).toBe(level);
      expect(log.lines().filter(({ msg }) => msg === "error")).toHaveLength(1);
    }
  });

  test("onError goes before the logger, and hears of the request's id", async () => {
    const log = logged();
    const heard: unknown[] = [];
    await using backend = await createTestBackend({ logger: log.logger, sql: SCHEMA, onError: (error, request, context) => heard.push((error as Error).message, request?.method, context) });
    await backend.fetch("http://backend/rest/v1/rpc/fails", { method: "POST", headers: { ...backend.headersFor("service"), "x-request-id": "known" } });
    expect(heard).toEqual(["broken", "POST", { requestId: "known", project: "default" }]);
    expect(log.lines().filter(({ msg }) => msg === "error")).toEqual([]);
  });

  test("a logger that fails fails no request", async () => {
    const errors: unknown[] = [];
    const fail = (): never => {
      throw new Error("disk full");
    };
    const logger = { debug: fail, info: fail, warn: fail, error: fail, child: () => logger };
    await using backend = await createTestBackend({ logger, onError: (error) => errors.push(error), sql: SCHEMA });
    expect((await backend.fetch("http://backend/rest/v1/things", { headers: backend.headersFor("service") })).status).toBe(200);
    expect(errors).toMatchObject([{ message: "disk full" }]);
  });

  test.each([
    [{ logger: {} }, "logger"],
    [{ logger: console }, "logger"],
    [{ logRequests: "warn" }, "logRequests"],
    [{ metrics: { token: "short" } }, "metrics.token"],
    [{ metrics: { path: "metrics" } }, "metrics.path"],
    [{ health: { path: "/" } }, "health.path"],
    [{ domains: { base: "localhost" } }, "domains.base"],
    [{ limits: { burst: 0 } }, "limits.burst"],
    [{ limits: { maxRows: 1 } }, "limits"],
  ])("%j is refused", async (options, name) => {
    await expect(createTestBackend(options as object)).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID", message: expect.stringContaining(name) });
  });
});
