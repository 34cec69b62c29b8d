import { markUnrouted, reply } from "@plinth/core";
import { expect, test } from "vitest";
import { viaFetch, viaHttp } from "./clients.ts";
import { handlerOf, serving } from "./host.ts";
import type { StartHost } from "./host.ts";

const GLOBALS = ["Request", "Response", "Headers", "fetch", "ReadableStream", "AbortController", "URL", "FormData", "Blob"] as const;
const before = Object.fromEntries(GLOBALS.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));

export function testLifecycle(start: StartHost): void {
  test("a handler that fails is answered 500, its message kept inside", async () => {
    const failing = (request: Request): Response => {
      if (request.url.endsWith("/fail")) throw new Error("a secret");
      return reply("fine");
    };
    await serving(start, failing, async (url) => {
      expect((await viaHttp(`${url}/fail`)).status).toBe(500);
      expect((await viaHttp(`${url}/x`)).text).toBe("fine");
    });
  });

  test("what is not routed is answered 404", async () => {
    await serving(start, () => markUnrouted(reply("nothing here", { status: 404 })), async (url) => {
      expect((await viaHttp(`${url}/x`)).status).toBe(404);
    });
  });

  test("handlers in one process keep apart", async () => {
    const mounts = ["/a", "/b/c", ""];
    const hosts = await Promise.all(mounts.map((mount, index) => start(handlerOf((request) => reply(`${index}:${new URL(request.url).pathname}`)), mount)));
    const texts = await Promise.all(hosts.map(async ({ url }) => (await viaFetch(`${url}/x`)).text));
    expect(texts).toEqual(["0:/x", "1:/x", "2:/x"]);
    await Promise.all(hosts.map((host) => host.close()));
  });

  test("many requests at once get their own answers", async () => {
    await serving(start, async (request) => reply(await request.text()), async (url) => {
      const sent = Array.from({ length: 100 }, (_, index) => `body ${index}`);
      const received = await Promise.all(sent.map(async (body) => (await viaFetch(`${url}/x`, { method: "POST", body })).text));
      expect(received).toEqual(sent);
    });
  });

  test("the host's globals are untouched", async () => {
    await serving(start, () => reply("x"), async (url) => {
      await viaFetch(`${url}/x`);
      for (const name of GLOBALS) expect(Object.getOwnPropertyDescriptor(globalThis, name), name).toEqual(before[name]);
    });
  });
}
