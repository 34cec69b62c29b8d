import { mountPathOf, reply } from "@plinth/core";
import { expect, test } from "vitest";
import { CLIENTS, viaHttp } from "./clients.ts";
import { serving } from "./host.ts";
import type { Answer, HostTraits, StartHost } from "./host.ts";

const echo: Answer = async (request) =>
  reply(JSON.stringify({ method: request.method, target: request.url.slice(new URL(request.url).origin.length), headers: Object.fromEntries(request.headers), text: await request.text() }), {
    headers: { "content-type": "application/json" },
  });

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

const TARGETS = [
  "/rest/v1/todos?select=*&id=eq.1",
  "/rest/v1/t%C3%A9%20x?name=eq.%22b%2Cc%22",
  "/a%2Fb/%F0%9F%98%80?q=%F0%9F%98%80&q=2",
  "/plus?a=+%2B&tags=cs.%7Ba,b%7D",
  "/lower?x=%e9%2f",
  "/parens?or=(a.eq.1,not.and(b.lt.2,c.is.null))&x=a'b",
  "/?empty",
  `/long/${"x".repeat(1000)}`,
];

export function testMessages(start: StartHost, { tellsMountPath }: HostTraits): void {
  for (const [name, client] of CLIENTS) {
    test.each(METHODS)(`a %s request arrives whole, sent with ${name}`, async (method) => {
      const body = method === "GET" || method === "OPTIONS" ? undefined : '{"title":"grün"}';
      await serving(start, echo, async (url) => {
        const { status, text } = await client(`${url}/rest/v1/todos?a=1`, { method, headers: { "content-type": "application/json", "x-note": "n" }, ...(body && { body }) });
        expect(status).toBe(200);
        expect(JSON.parse(text)).toMatchObject({ method, target: "/rest/v1/todos?a=1", headers: { "x-note": "n", "content-type": "application/json" }, text: body ?? "" });
      });
    });
  }

  test.each(["", "/api", "/deep/er/api"])("below %j the handler sees each path as it was sent", async (mountPath) => {
    await serving(start, echo, async (url) => {
      for (const target of TARGETS) expect(JSON.parse((await viaHttp(url + target)).text).target).toBe(new URL(url + target).href.slice(url.length));
    }, mountPath);
  });

  test.each(["", "/api", "/deep/er/api"])("below %j the handler can tell where it is", async (mountPath) => {
    await serving(start, (request) => reply(JSON.stringify(mountPathOf(request))), async (url) => {
      for (const target of ["/rest/v1/todos?a=/rest", "/rest/v1/", "/api/rest/v1/"]) expect(JSON.parse((await viaHttp(url + target)).text)).toBe(tellsMountPath ? mountPath : "");
    }, mountPath);
  });

  test("the URL's origin is the Host header's", async () => {
    await serving(start, (request) => reply(new URL(request.url).origin), async (url) => {
      expect((await viaHttp(`${url}/x`, { headers: { host: "acme.example:8080" } })).text).toBe("http://acme.example:8080");
    });
  });

  test("a header sent twice arrives joined, cookies with semicolons", async () => {
    await serving(start, (request) => reply(JSON.stringify(["x-twice", "cookie", "constructor"].map((name) => request.headers.get(name)))), async (url) => {
      const { text } = await viaHttp(`${url}/x`, { headers: { "x-twice": ["a", "b"], cookie: ["a=1", "b=2"] } });
      expect(JSON.parse(text)).toEqual(["a, b", "a=1; b=2", null]);
    });
  });

  test("a request passes for a Request in every way", async () => {
    const look: Answer = (request) => {
      const { headers } = request;
      return reply(JSON.stringify([request instanceof Request, headers instanceof Headers, headers.has("X-Note"), headers.has("x-none"), new Headers(headers).get("x-note"), [...headers.keys()].includes("x-note"), request.clone().headers.get("x-note"), request.body, request.redirect]));
    };
    await serving(start, look, async (url) => {
      const { text } = await viaHttp(`${url}/x`, { headers: { "x-note": "n" } });
      expect(JSON.parse(text)).toEqual([true, true, true, false, "n", true, "n", null, "follow"]);
    });
  });
}
