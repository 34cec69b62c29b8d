import { readText, reply } from "@plinth/core";
import { toNodeHandler } from "@plinth/node";
import { connect, createServer } from "node:http2";
import type { ClientHttp2Session, IncomingHttpHeaders } from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { RequestListener } from "node:http";
import { deferred, handlerOf } from "./conformance/host.ts";
import type { Answer } from "./conformance/host.ts";

/** The compatibility API has node:http's shape, though not its types. */
async function overHttp2(answer: Answer, use: (session: ClientHttp2Session) => Promise<void>): Promise<void> {
  const server = createServer(toNodeHandler(handlerOf(answer), { onError: () => undefined }) as unknown as Parameters<typeof createServer>[1] & RequestListener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await use(session).finally(() => session.destroy());
  await new Promise((resolve) => server.close(resolve));
}

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

async function send(session: ClientHttp2Session, headers: Record<string, string>, body?: string): Promise<Received> {
  const stream = session.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  let received: IncomingHttpHeaders = {};
  stream.on("response", (incoming) => (received = incoming));
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return { headers: received, text: Buffer.concat(chunks).toString() };
}

test("requests arrive whole over HTTP/2, without its pseudo-headers", async () => {
  const answer: Answer = async (request) => reply(JSON.stringify([request.method, request.url, request.headers.get(":path"), [...request.headers.keys()].filter((name) => name.startsWith(":")), await request.text()]));
  await overHttp2(answer, async (session) => {
    const { text } = await send(session, { ":method": "POST", ":path": "/rest/v1/t%C3%A9?a=1", ":authority": "acme.example" }, "body");
    expect(JSON.parse(text)).toEqual(["POST", "http://acme.example/rest/v1/t%C3%A9?a=1", null, [], "body"]);
  });
});

test("a body without a length is limited, one that isn't there is empty", async () => {
  const answer: Answer = (request) => readText(request, { maxBytes: 4 }).then((text) => reply(JSON.stringify([text, request.clone().body])), () => reply("too large", { status: 413 }));
  await overHttp2((request) => (request.headers.has("x-stream") ? reply(JSON.stringify(request.body)) : answer(request)), async (session) => {
    expect((await send(session, { ":method": "POST", ":path": "/" }, "12345")).headers[":status"]).toBe(413);
    expect((await send(session, { ":method": "POST", ":path": "/", "x-stream": "1" })).text).toBe("null");
  });
});

test("responses of all kinds are sent, headers about the connection left out", async () => {
  const stream = (): ReadableStream<Uint8Array> => ReadableStream.from([Buffer.from("a"), Buffer.from("b")]);
  const headers = { connection: "keep-alive", "transfer-encoding": "chunked", "set-cookie": ["a=1", "b=2"] };
  await overHttp2((request) => reply(request.url.endsWith("/stream") ? stream() : "ab", { headers }), async (session) => {
    for (const path of ["/stream", "/string"]) {
      expect(await send(session, { ":path": path })).toMatchObject({ text: "ab", headers: { ":status": 200, "set-cookie": ["a=1", "b=2"] } });
    }
    expect((await send(session, { ":method": "HEAD", ":path": "/string" })).text).toBe("");
  });
});

test("a stream that fails resets its HTTP/2 stream and no other", async () => {
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from("part");
    await sleep(10);
    throw new Error("the source failed");
  };
  await overHttp2((request) => reply(request.url.endsWith("/fail") ? ReadableStream.from(failing()) : "fine"), async (session) => {
    await expect(send(session, { ":path": "/fail" })).rejects.toThrow();
    expect((await send(session, { ":path": "/" })).text).toBe("fine");
  });
});

test("the signal aborts and the stream is cancelled when an HTTP/2 client resets", async () => {
  const aborted = deferred();
  const cancelled = deferred();
  const answer: Answer = (request) => {
    request.signal.addEventListener("abort", () => aborted.resolve());
    return reply(new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from("x")), cancel: () => cancelled.resolve() }));
  };
  await overHttp2(answer, async (session) => {
    const stream = session.request({ ":path": "/" });
    stream.on("data", () => stream.close(8)).on("error", () => undefined);
    await Promise.all([aborted.promise, cancelled.promise]);
  });
});
