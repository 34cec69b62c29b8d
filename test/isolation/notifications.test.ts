import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openNativeOrEmbedded } from "../scenarios/support/open-backend.ts";

describeDatabases("notifications", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases));
    for (const ref of ["a", "b"]) {
      await backend.projects.create({ ref });
      await backend.sql("create function public.tell(channel text, payload text) returns void language sql as 'select pg_notify(channel, payload)'", ref);
    }
  });
  afterAll(() => close());

  async function tell(ref: string, payload: string): Promise<void> {
    const { anonKey } = await backend.projects.get(ref);
    const response = await backend.fetch("http://backend/rest/v1/rpc/tell", { method: "POST", headers: { apikey: anonKey, "content-type": "application/json" }, body: JSON.stringify({ channel: "news", payload }) });
    expect(response.status, await response.text()).toBe(204);
  }

  test("stay within their project", async () => {
    const heard: Record<string, string[]> = { a: [], b: [] };
    const stops = await Promise.all(Object.entries(heard).map(async ([ref, payloads]) => (await backend.tenant(ref)).listen("news", (payload) => void payloads.push(payload))));
    await tell("a", "of a");
    await tell("b", "of b");
    await expect.poll(() => heard, { timeout: 5_000 }).toEqual({ a: ["of a"], b: ["of b"] });
    // Whatever was to leak had the time of another round trip.
    await tell("a", "a again");
    await expect.poll(() => heard["a"], { timeout: 5_000 }).toEqual(["of a", "a again"]);
    expect(heard["b"]).toEqual(["of b"]);
    for (const stop of stops) await stop();
  });
});
