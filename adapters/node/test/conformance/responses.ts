import { reply, withHeader } from "@plinth/core";
import { expect, test } from "vitest";
import { viaFetch, viaHttp } from "./clients.ts";
import { serving } from "./host.ts";
import type { Answer, HostTraits, StartHost } from "./host.ts";

const JSON_TYPE = { "content-type": "application/json" };

/** Makers of responses that should look alike on the wire, but for their framing. */
const RESPONSES: ReadonlyArray<readonly [name: string, answer: Answer]> = [
  ["reply() with a string", () => reply("grün", { status: 201, headers: { ...JSON_TYPE, "X-Note": "n" } })],
  ["reply() with bytes", () => reply(Buffer.from("grün"), { status: 201, headers: { ...JSON_TYPE, "X-Note": "n" } })],
  ["reply() with a stream", () => reply(new Response("grün").body, { status: 201, headers: { ...JSON_TYPE, "X-Note": "n" } })],
  ["reply() whose headers were changed", () => withNote(reply("grün", { status: 201, headers: JSON_TYPE }))],
  ["reply() given a header", () => withHeader(reply("grün", { status: 201, headers: JSON_TYPE }), "x-note", "n")],
  ["reply() that became real", () => reply("grün", { status: 201, headers: { ...JSON_TYPE, "x-note": "n" } }).clone() as Response],
  ["new Response()", () => new Response("grün", { status: 201, headers: { ...JSON_TYPE, "x-note": "n" } })],
  ["new Response() around reply()", () => around(reply("grün", { status: 201, headers: { ...JSON_TYPE, "x-note": "n" } }))],
];

function withNote(response: Response): Response {
  response.headers.set("x-note", "n");
  return response;
}

function around(response: Response): Response {
  return new Response(response.body, response);
}

export function testResponses(start: StartHost, traits: HostTraits): void {
  test.each(RESPONSES)("%s is sent whole", async (_name, answer) => {
    await serving(start, answer, async (url) => {
      for (const client of [viaFetch, viaHttp]) {
        const { status, headers, text } = await client(`${url}/x`);
        expect({ status, text, type: headers["content-type"], note: headers["x-note"] }).toEqual({ status: 201, text: "grün", type: "application/json", note: "n" });
      }
    });
  });

  test(traits.sendsLength ? "strings and bytes have their exact length and are not chunked" : "strings and bytes are chunked by this host", async () => {
    await serving(start, (request) => reply(request.url.endsWith("/bytes") ? Buffer.from("grün") : "grün"), async (url) => {
      for (const path of ["/string", "/bytes"]) {
        const { headers } = await viaHttp(url + path);
        expect([headers["content-length"], headers["transfer-encoding"]]).toEqual(traits.sendsLength ? ["5", undefined] : [undefined, "chunked"]);
      }
    });
  });

  test("a string without a content type is text", async () => {
    await serving(start, () => reply("x"), async (url) => {
      expect((await viaHttp(`${url}/x`)).headers["content-type"]).toMatch(/^text\/plain; ?charset=utf-8$/i);
    });
  });

  test("each cookie has a line of its own", async () => {
    await serving(start, () => reply("x", { headers: { "set-cookie": ["a=1; Path=/", "b=2, 3"] } }), async (url) => {
      expect((await viaHttp(`${url}/x`)).headers["set-cookie"]).toEqual(["a=1; Path=/", "b=2, 3"]);
    });
  });

  test("the response to HEAD has the headers and no body", async () => {
    await serving(start, () => reply("12345", { headers: { "content-range": "0-1/2" } }), async (url) => {
      const { status, headers, text } = await viaHttp(`${url}/x`, { method: "HEAD" });
      expect({ status, text, range: headers["content-range"] }).toEqual({ status: 200, text: "", range: "0-1/2" });
    });
  });

  test.each([204, 304])("a %i has neither body nor length", async (status) => {
    await serving(start, () => reply(null, { status, headers: { etag: '"1"' } }), async (url) => {
      const received = await viaHttp(`${url}/x`);
      expect([received.status, received.text, received.headers["content-length"], received.headers["transfer-encoding"], received.headers["etag"]]).toEqual([status, "", undefined, undefined, '"1"']);
    });
  });

  test("a response without a body ends", async () => {
    await serving(start, () => reply(null, { status: 201, headers: { location: "/x" } }), async (url) => {
      expect(await viaHttp(`${url}/x`)).toMatchObject({ status: 201, text: "", headers: { location: "/x" } });
    });
  });
}
