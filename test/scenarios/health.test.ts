import { isUnrouted } from "@plinth/core";
import { toExpressHandler } from "@plinth/express";
import { toNextHandlers } from "@plinth/next";
import { toFastifyPlugin } from "@plinth/fastify";
import { toNodeHandler } from "@plinth/node";
import { createTestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import express from "express";
import fastify from "fastify";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { viaHttp } from "../../adapters/node/test/conformance/clients.ts";
import { listen } from "../../adapters/node/test/listen.ts";
import { openNativeOrEmbedded } from "./support/open-backend.ts";

const SQL = "create table public.things (id int); create function nap(ms int) returns int language plpgsql as 'begin perform pg_sleep(ms / 1000.0); return ms; end'";

describeDatabases("health", (databases) => {
  test("the process lives, and is ready until it closes; nobody needs a key to know", async () => {
    const { backend } = await openNativeOrEmbedded(databases, { sql: SQL });
    const at = async (path: string, init?: RequestInit): Promise<unknown> => {
      const response = await backend.fetch(`http://backend${path}`, init);
      return [response.status, await response.text()];
    };
    expect(await at("/health/live")).toEqual([200, '{"status":"ok"}']);
    expect(await at("/health/ready")).toEqual([200, '{"status":"ok"}']);
    expect(await at("/health/ready?x=1", { method: "HEAD" })).toEqual([200, ""]);
    expect(await backend.health()).toMatchObject({ status: "ok" });
    for (const [path, method] of [["/health", "GET"], ["/health/", "GET"], ["/health/ready/x", "GET"], ["/health/live", "POST"], ["/metrics", "GET"]] as const) expect(await at(path, { method })).toEqual([404, expect.stringContaining("PLINTH_ROUTE_NOT_FOUND")]);
    const slow = backend.fetch("http://backend/rest/v1/rpc/nap?ms=600", { headers: backend.headersFor("service") });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const closing = backend.close();
    expect(await at("/health/ready")).toEqual([503, '{"status":"closing"}']);
    expect(await at("/health/live")).toEqual([200, '{"status":"ok"}']);
    expect(await backend.health()).toMatchObject({ status: "closing" });
    expect((await slow).status).toBe(200);
    await closing;
    expect(await at("/health/ready")).toEqual([503, '{"status":"closing"}']);
  });
});

test("the endpoints are below the base path, elsewhere, or nowhere", async () => {
  await using based = await createTestBackend({ basePath: "/api", metrics: { path: "/figures" } });
  expect((await based.fetch("http://backend/api/health/ready")).status).toBe(200);
  expect((await based.fetch("http://backend/health/ready")).status).toBe(404);
  expect((await based.fetch("http://backend/api/figures")).status).toBe(200);
  // Whether pages may call what the host has beside them, is for the host to say.
  const preflight = { method: "OPTIONS", headers: { origin: "http://example.com", "access-control-request-method": "GET" } };
  for (const [path, isOurs] of [["/api/health/ready", true], ["/api/rest/v1/x", true], ["/api/x", false], ["/x", false]] as const) {
    const response = await based.fetch(`http://backend${path}`, preflight);
    expect([response.status, response.headers.get("access-control-allow-origin"), isUnrouted(response)], path).toEqual([200, "*", !isOurs]);
  }
  await using moved = await createTestBackend({ health: { path: "/status/of/plinth" } });
  expect((await moved.fetch("http://backend/status/of/plinth/live")).status).toBe(200);
  await using none = await createTestBackend({ health: false });
  expect((await none.fetch("http://backend/health/live")).status).toBe(404);
});

test("every host's adapter answers them, and sends the request's id back", async () => {
  await using backend = await createTestBackend();
  const app = fastify();
  await app.register(toFastifyPlugin(backend), { prefix: "/api" });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const next = toNextHandlers(backend, { basePath: "/api" });
  const hosts = [
    await listen(toNodeHandler(backend, { basePath: "/api" }), "/api"),
    await listen(express().use("/api", toExpressHandler(backend)), "/api"),
    await listen(toNodeHandler({ fetch: (request) => next.GET(new Request(request.url, { headers: Object.fromEntries(request.headers) })) }), "/api"),
    { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/api`, close: () => app.close() },
  ];
  for (const { url, close } of hosts) {
    expect(await viaHttp(`${url}/health/ready`)).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    expect((await viaHttp(`${url}/rest/v1/things`, { headers: { "x-request-id": "sent", ...backend.headersFor("anon") } })).headers["x-request-id"]).toBe("sent");
    await close();
  }
});
