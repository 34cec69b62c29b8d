import { createTestBackend, type TestBackend } from "@plinth/testing";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { startStoppablePostgres, type StoppablePostgres } from "./support/stoppable-postgres.ts";

describe.runIf(inject("nativePostgresUrl") !== undefined)("metadata that goes away", () => {
  let server: StoppablePostgres;
  let backend: TestBackend;
  beforeAll(async () => {
    server = await startStoppablePostgres();
    backend = await createTestBackend({ databaseUrl: server.url, domains: { base: "api.example.com" }, onError: () => undefined });
    await backend.projects.domains("default").add("shop.test");
  });
  afterAll(async () => {
    await backend.close();
    await server.remove();
  });

  const at = async (path: string, headers = {}): Promise<unknown> => {
    const response = await backend.fetch(`http://${path}`, { headers });
    return [response.status, ((await response.json()) as { code?: string; status?: string }).code ?? "ok"];
  };
  const ready = async (): Promise<number> => (await backend.fetch("http://backend/health/ready")).status;

  test("a backend that can't reach it lives and isn't ready, and is again when it can", async () => {
    expect(await ready()).toBe(200);
    const thaw = server.freeze();
    try {
      await expect.poll(ready, { timeout: 5_000, interval: 100 }).toBe(503);
      expect(await backend.health()).toMatchObject({ status: "unavailable", checkedAt: expect.stringMatching(/^\d{4}-/) });
      expect((await backend.fetch("http://backend/health/live")).status).toBe(200);
    } finally {
      thaw();
    }
    await expect.poll(ready, { timeout: 5_000, interval: 100 }).toBe(200);
  });

  test("hosts that are known go on leading to their projects; unknown ones are refused with 503", async () => {
    const known = backend.headersFor("service");
    expect(await at("shop.test/rest/v1/", known)).toEqual([200, "ok"]);
    await server.crash();
    try {
      // The database itself is away as well: the project is found, its schema is not.
      expect(await at("shop.test/rest/v1/nothing", known)).toEqual([503, "PGRST000"]);
      expect(await at("new.test/rest/v1/nothing", known)).toEqual([503, "PGRST000"]);
      expect(await at("other.test/rest/v1/nothing")).toEqual([503, "PGRST000"]);
      expect(await at("other.api.example.com/rest/v1/nothing")).toEqual([503, "PGRST000"]);
    } finally {
      await server.start();
    }
    await expect.poll(() => at("shop.test/rest/v1/", known), { timeout: 10_000, interval: 200 }).toEqual([200, "ok"]);
    await backend.projects.domains("default").remove("shop.test");
    await backend.projects.domains("default").add("again.test");
    expect(await at("again.test/rest/v1/", known)).toEqual([200, "ok"]);
  });
});
