import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { createTestBackend, type TestBackend } from "@plinth/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

const SCHEMA = `
  create table public.things (id int primary key, secret text);
  create function fails() returns int language plpgsql as 'begin raise exception ''in the message'' using errcode = ''XX000''; end';`;

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";

const exporter = new InMemorySpanExporter();
const lines: Array<Record<string, unknown>> = [];
const log = (fields: object): void => void lines.push({ ...fields });
const logger = { debug: log, info: log, warn: log, error: log, child: () => logger };
let backend: TestBackend;

beforeAll(async () => {
  // Made before the host sets its tracing up, as may be: it is found all the same.
  backend = await createTestBackend({ sql: SCHEMA, logger, onError: () => undefined });
  await backend.fetch("http://backend/rest/v1/things", { headers: backend.headersFor("service") });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
});
afterAll(async () => {
  await backend.close();
  trace.disable();
  context.disable();
  propagation.disable();
});
beforeEach(() => exporter.reset());

const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}): Promise<Response> => backend.fetch(`http://api.example.com:8080/rest/v1/${path}`, { ...init, headers: { ...backend.headersFor("service"), ...headers } });
const spanOf = (kind: SpanKind): ReadableSpan => {
  const found = exporter.getFinishedSpans().filter((span) => span.kind === kind);
  expect(found).toHaveLength(1);
  return found[0]!;
};

test("a request is a span of the trace that it names, and its transaction a child", async () => {
  await ask("things?select=id&secret=eq.hidden", { traceparent: `00-${TRACE}-${PARENT}-01`, "x-request-id": "traced" });
  const server = spanOf(SpanKind.SERVER);
  expect(server.name).toBe("GET /rest/v1");
  expect(server.spanContext().traceId).toBe(TRACE);
  expect(server.parentSpanContext?.spanId).toBe(PARENT);
  expect(server.attributes).toEqual({
    "http.request.method": "GET",
    "http.route": "/rest/v1",
    "http.response.status_code": 200,
    "url.scheme": "http",
    "url.path": "/rest/v1/things",
    "server.address": "api.example.com",
    "server.port": 8080,
    "plinth.request.id": "traced",
    "plinth.operation": "rest.read",
    "plinth.project": "default",
  });
  expect(server.status.code).toBe(SpanStatusCode.UNSET);
  const database = spanOf(SpanKind.CLIENT);
  expect(database.name).toBe("execute");
  expect(database.parentSpanContext?.spanId).toBe(server.spanContext().spanId);
  expect(database.attributes).toEqual({ "db.system.name": "postgresql", "db.namespace": "default", "db.operation.name": "execute" });
});

test("failures are told by their codes, of the server's own alone as errors of the request", async () => {
  await ask("rpc/fails", {}, { method: "POST" });
  expect(spanOf(SpanKind.SERVER)).toMatchObject({ status: { code: SpanStatusCode.ERROR }, attributes: { "error.type": "500", "http.response.status_code": 500 } });
  expect(spanOf(SpanKind.CLIENT)).toMatchObject({ status: { code: SpanStatusCode.ERROR }, attributes: { "error.type": "XX000" } });
  exporter.reset();
  await ask("things", { "content-type": "application/json" }, { method: "POST", body: '{"id":1}' });
  await ask("things", { "content-type": "application/json" }, { method: "POST", body: '{"id":1}' });
  const [, refused] = exporter.getFinishedSpans().filter(({ kind }) => kind === SpanKind.SERVER);
  expect(refused).toMatchObject({ status: { code: SpanStatusCode.UNSET }, attributes: { "http.response.status_code": 409 } });
});

test("no secret is in a span", async () => {
  await ask("things?secret=eq.in-the-query", { authorization: `Bearer ${backend.serviceRoleKey}`, "x-note": "in-a-header" });
  await ask("things", { "content-type": "application/json" }, { method: "POST", body: '[{"id":2,"secret":"in-the-body"}]' });
  await ask("rpc/fails", {}, { method: "POST" });
  const text = JSON.stringify(exporter.getFinishedSpans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status })));
  for (const secret of ["in-the-query", "in-a-header", "in-the-body", "in the message", backend.serviceRoleKey]) expect(text).not.toContain(secret);
});

test("spans of requests at the same time keep apart", async () => {
  const traces = Array.from({ length: 8 }, (_, index) => `${index}`.padStart(32, "a"));
  await Promise.all(traces.map((id) => ask("things?limit=1", { traceparent: `00-${id}-${PARENT}-01` })));
  const spans = exporter.getFinishedSpans();
  for (const id of traces) expect(spans.filter((span) => span.spanContext().traceId === id).map(({ kind }) => kind).toSorted()).toEqual([SpanKind.SERVER, SpanKind.CLIENT].toSorted());
});

test("log lines name the trace, and tracing can be turned off", async () => {
  await ask("things", { traceparent: `00-${TRACE}-${PARENT}-01` });
  expect(lines.at(-1)).toMatchObject({ traceId: TRACE, service: "rest" });
  exporter.reset();
  await using other = await createTestBackend({ tracing: false, logger });
  await other.fetch("http://backend/rest/v1/things", { headers: { ...other.headersFor("service"), traceparent: `00-${TRACE}-${PARENT}-01` } });
  expect(exporter.getFinishedSpans()).toEqual([]);
  expect(lines.at(-1)).not.toHaveProperty("traceId");
});
