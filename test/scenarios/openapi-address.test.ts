import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toExpressHandler } from "@plinth/express";
import { toNodeHandler } from "@plinth/node";
import { createTestBackend, type TestBackend } from "@plinth/testing";
import express from "express";
import { afterAll, beforeAll, expect, test } from "vitest";

let backend: TestBackend;
beforeAll(async () => {
  backend = await createTestBackend();
});
afterAll(() => backend.close());

/** Where the OpenAPI document says the API is, of a server that listens while it is asked. */
async function address(listener: Parameters<typeof createServer>[1], path: string, headers: Record<string, string> = {}): Promise<object> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { ...backend.headersFor("anon"), ...headers } });
    const { host, basePath, schemes } = (await response.json()) as { host: string; basePath: string; schemes: string[] };
    return { host: host.replace(`:${port}`, ":port"), basePath, schemes };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const here = { host: "127.0.0.1:port", schemes: ["http"] };
const FORWARDED = { "x-forwarded-proto": "https", "x-forwarded-host": "api.example.com" };

test("is the request's, with what the host has taken off its path", async () => {
  expect(await address(toNodeHandler(backend), "/rest/v1/")).toEqual({ ...here, basePath: "/rest/v1" });
  expect(await address(toNodeHandler(backend, { basePath: "/api" }), "/api/rest/v1/")).toEqual({ ...here, basePath: "/api/rest/v1" });
  expect(await address(express().use("/deep", express.Router().use("/api", toExpressHandler(backend))), "/deep/api/rest/v1/")).toEqual({ ...here, basePath: "/deep/api/rest/v1" });
});

test("is what a proxy says, where that is trusted", async () => {
  expect(await address(toNodeHandler(backend), "/rest/v1/", FORWARDED)).toEqual({ ...here, basePath: "/rest/v1" });
  expect(await address(toNodeHandler(backend, { trustProxy: true, basePath: "/api" }), "/api/rest/v1/", FORWARDED)).toEqual({ host: "api.example.com:443", schemes: ["https"], basePath: "/api/rest/v1" });
});
