import { BackendError, readBytes, readText, reply } from "@plinth/core";
import { Agent, request as httpRequest } from "node:http";
import { expect, test } from "vitest";
import { pathOf, rawSocket, readAll, viaFetch, viaHttp } from "./clients.ts";
import { deferred, rejection, serving } from "./host.ts";
import type { Answer, HostTraits, StartHost } from "./host.ts";

/** Ways to read a body, each giving its text. */
const READERS: ReadonlyArray<readonly [name: string, read: (request: Request) => Promise<string>]> = [
  ["text()", (request) => request.text()],
  ["json()", async (request) => JSON.stringify(await request.json())],
  ["arrayBuffer()", async (request) => Buffer.from(await request.arrayBuffer()).toString()],
  ["bytes()", async (request) => Buffer.from(await request.bytes()).toString()],
  ["blob()", async (request) => (await request.blob()).text()],
  ["clone()", (request) => request.clone().text()],
  ["body", (request) => new Response(request.body).text()],
  ["readText()", (request) => readText(request, { maxBytes: 100 })],
  ["readBytes()", async (request) => Buffer.from(await readBytes(request, { maxBytes: 100 })).toString()],
  ["readText() of a clone", (request) => readText(request.clone(), { maxBytes: 100 })],
];

const limited: Answer = async (request) => {
  try {
    return reply(String((await readBytes(request, { maxBytes: 1000 })).byteLength));
  } catch (error) {
    if (error instanceof BackendError) return reply(error.code, { status: error.status });
    throw error;
  }
};

export function testBodies(start: StartHost, traits: HostTraits): void {
  test.each(READERS)("a body can be read with %s", async (_name, read) => {
    await serving(start, async (request) => reply(await read(request)), async (url) => {
      expect((await viaHttp(`${url}/x`, { method: "POST", headers: { "content-type": "application/json" }, body: '{"a":"grün"}' })).text).toBe('{"a":"grün"}');
    });
  });

  test("a multipart body can be read with formData()", async () => {
    await serving(start, async (request) => reply(String((await request.formData()).get("a"))), async (url) => {
      const form = new FormData();
      form.set("a", "grün");
      expect(await (await fetch(`${url}/x`, { method: "POST", body: form })).text()).toBe("grün");
    });
  });

  test("a body can be read once", async () => {
    const twice: Answer = async (request) => {
      const before = request.bodyUsed;
      await request.text();
      return reply(JSON.stringify([before, request.bodyUsed, (await rejection(request.text())) instanceof TypeError]));
    };
    await serving(start, twice, async (url) => {
      expect((await viaHttp(`${url}/x`, { method: "POST", body: "x" })).text).toBe("[false,true,true]");
    });
  });

  test.each([[{ "content-length": "0" }], [{}]])("a POST with no body is empty (%j)", async (headers) => {
    await serving(start, async (request) => reply(JSON.stringify(await readText(request, { maxBytes: 0 }))), async (url) => {
      expect((await viaHttp(`${url}/x`, { method: "POST", headers })).text).toBe('""');
    });
  });

  test("a chunked body arrives", async () => {
    await serving(start, (request) => request.text().then((text) => reply(text)), async (url) => {
      expect((await viaHttp(`${url}/x`, { method: "POST", headers: { "transfer-encoding": "chunked" }, body: "12345" })).text).toBe("12345");
    });
  });

  test("a byte order mark is dropped, and bytes that are not UTF-8 are refused", async () => {
    const codeOf: Answer = async (request) => readText(request, { maxBytes: 100 }).then((text) => reply(text), (error: BackendError) => reply(error.code));
    await serving(start, codeOf, async (url) => {
      expect((await viaHttp(`${url}/x`, { method: "POST", body: "\uFEFFx" })).text).toBe("x");
      expect((await viaHttp(`${url}/x`, { method: "POST", body: Buffer.from([0x22, 0xff, 0x22]) })).text).toBe("PLINTH_REQUEST_MALFORMED");
    });
  });

  test("a body that is too large is refused, and the connection goes on", async () => {
    const agent = new Agent({ keepAlive: traits.keepsConnection, maxSockets: 1 });
    const large = Buffer.alloc(300_000);
    await serving(start, limited, async (url) => {
      for (const headers of [{}, { "transfer-encoding": "chunked" }]) {
        expect(await viaHttp(`${url}/x`, { method: "POST", headers, body: large, agent })).toMatchObject({ status: 413, text: "PLINTH_BODY_TOO_LARGE" });
        expect((await viaHttp(`${url}/x`, { method: "POST", body: Buffer.alloc(1000), agent })).text).toBe("1000");
      }
      agent.destroy();
    });
  });

  test("a client that waits for 100 Continue is told to go on", async () => {
    await serving(start, async (request) => reply(await request.text()), async (url) => {
      const outgoing = httpRequest(`${url}/x`, { method: "POST", headers: { expect: "100-continue", "content-length": "4" }, agent: false });
      outgoing.flushHeaders();
      outgoing.on("continue", () => outgoing.end("body"));
      const text = await new Promise<string>((resolve, reject) => outgoing.on("error", reject).on("response", (incoming) => incoming.setEncoding("utf8").on("data", resolve)));
      expect(text).toBe("body");
    });
  });

  test.each(["readText", "text"])("a body that breaks off makes %s reject", async (reader) => {
    const failed = deferred<unknown>();
    const answer: Answer = async (request) => {
      failed.resolve(await rejection(reader === "text" ? request.text() : readText(request, { maxBytes: 1000 })));
      return reply("too late");
    };
    await serving(start, answer, async (url) => {
      rawSocket(url, `POST ${pathOf(url)}/x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n0123456789`).end();
      const error = await failed.promise;
      expect(error).toBeInstanceOf(Error);
      if (reader === "readText") expect(error).toMatchObject({ code: "PLINTH_BODY_TRUNCATED" });
    });
  });

  test("what follows a body is not part of it", async () => {
    await serving(start, async (request) => reply(`<${await request.text()}>`), async (url) => {
      const socket = rawSocket(url, `POST ${pathOf(url)}/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhelloEXTRA`);
      expect(await readAll(socket)).not.toContain("EXTRA");
      expect((await viaFetch(`${url}/x`, { method: "POST", body: "still here" })).text).toBe("<still here>");
    });
  });
}
