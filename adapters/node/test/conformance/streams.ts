import { reply } from "@plinth/core";
import { Agent, request as httpRequest } from "node:http";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { pathOf, rawSocket, viaFetch, viaHttp } from "./clients.ts";
import { deferred, serving } from "./host.ts";
import type { Answer, HostTraits, StartHost } from "./host.ts";

const MEGABYTE = 1024 * 1024;
/** What kernels and clients may hold between the two ends on loopback, generously. */
const IN_FLIGHT = 16 * MEGABYTE;

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** What a response can be streamed from. */
const SOURCES = [
  ["web", (chunks: AsyncIterable<Uint8Array>) => ReadableStream.from(chunks)],
  ["Node", (chunks: AsyncIterable<Uint8Array>) => Readable.from(chunks)],
] as const;

export function testStreams(start: StartHost, traits: HostTraits): void {
  test.each(SOURCES)("a response goes out chunk by chunk: %s stream", async (_kind, from) => {
    const seen = deferred();
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      yield encode("first");
      await seen.promise;
      yield encode("second");
    };
    await serving(start, () => reply(from(chunks())), async (url) => {
      const reader = (await fetch(`${url}/x`)).body!.getReader();
      expect(Buffer.from((await reader.read()).value!).toString()).toBe("first");
      seen.resolve();
      expect(Buffer.from((await reader.read()).value!).toString()).toBe("second");
      expect((await reader.read()).done).toBe(true);
    });
  });

  test("an upload streams through to the response", async () => {
    await serving(start, (request) => reply(request.body), async (url) => {
      const body = ReadableStream.from([encode("a"), encode("b"), Buffer.alloc(300_000, "c")]);
      const response = await fetch(`${url}/x`, { method: "POST", body, duplex: "half" });
      expect((await response.text()).length).toBe(300_002);
    });
  });

  test("an upload waits for its reader", async () => {
    const goOn = deferred();
    const answer: Answer = async (request) => {
      const reader = request.body!.getReader();
      let size = (await reader.read()).value!.byteLength;
      await goOn.promise;
      for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) size += chunk.value.byteLength;
      return reply(String(size));
    };
    await serving(start, answer, async (url) => {
      let given = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (given === 50 * MEGABYTE) return controller.close();
          given += MEGABYTE;
          controller.enqueue(new Uint8Array(MEGABYTE));
        },
      });
      const response = fetch(`${url}/x`, { method: "POST", body, duplex: "half" });
      await settled(() => given);
      expect(given).toBeLessThan(IN_FLIGHT);
      goOn.resolve();
      expect(await (await response).text()).toBe(String(50 * MEGABYTE));
    });
  });

  test.each(SOURCES)("a download waits for its reader, and is cancelled when the reader leaves: %s stream", async (_kind, from) => {
    const cancelled = deferred();
    let made = 0;
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;; made += MEGABYTE) yield new Uint8Array(MEGABYTE);
      } finally {
        cancelled.resolve();
      }
    };
    await serving(start, () => reply(from(endless())), async (url) => {
      const socket = rawSocket(url, `GET ${pathOf(url)}/x HTTP/1.1\r\nHost: x\r\n\r\n`).pause();
      await settled(() => made);
      expect(made).toBeGreaterThan(0);
      expect(made).toBeLessThan(IN_FLIGHT);
      socket.destroy();
      await cancelled.promise;
    });
  });

  test.each(SOURCES)("a response whose stream fails is cut off, not ended: %s stream", async (_kind, from) => {
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield encode("part");
      await sleep(20);
      throw new Error("the source failed");
    };
    await serving(start, () => reply(from(failing())), async (url) => {
      await expect(fetch(`${url}/x`).then((response) => response.text())).rejects.toThrow();
    });
  });

  test("a Node stream that failed before it was sent is no success, and ends no process", async () => {
    const failed = (): Readable => new Readable({ read: () => undefined });
    const answer: Answer = async () => {
      const body = failed();
      const response = reply(body);
      body.destroy(new Error("the source failed"));
      await sleep(5);
      return response;
    };
    await serving(start, answer, async (url) => {
      const heard = await fetch(`${url}/x`).then(async (response) => (response.ok ? response.text() : "an error")).catch(() => "a cut connection");
      expect(["an error", "a cut connection"]).toContain(heard);
    });
  });

  test("an idle stream is cancelled, and the signal aborts, when the client hangs up", async () => {
    const aborted = deferred();
    const cancelled = deferred();
    const idle = (): ReadableStream<Uint8Array> => new ReadableStream({ start: (controller) => controller.enqueue(encode("hello")), cancel: () => cancelled.resolve() }, { highWaterMark: 0 });
    const answer: Answer = (request) => {
      request.signal.addEventListener("abort", () => aborted.resolve());
      return reply(idle());
    };
    await serving(start, answer, async (url) => {
      const controller = new AbortController();
      const response = await fetch(`${url}/x`, { signal: controller.signal });
      await response.body!.getReader().read();
      controller.abort();
      await Promise.all([aborted.promise, cancelled.promise]);
    });
  });

  test("the signal aborts when the client hangs up before the answer", async () => {
    const arrived = deferred();
    const aborted = deferred();
    const answer: Answer = async (request) => {
      request.signal.addEventListener("abort", () => aborted.resolve());
      arrived.resolve();
      await aborted.promise;
      return reply("nobody reads this");
    };
    await serving(start, answer, async (url) => {
      const controller = new AbortController();
      const response = fetch(`${url}/x`, { signal: controller.signal }).catch(() => undefined);
      await arrived.promise;
      controller.abort();
      await Promise.all([aborted.promise, response]);
    });
  });

  test("the signal of an answered request stays quiet", async () => {
    let signal: AbortSignal | undefined;
    await serving(start, (request) => ((signal = request.signal), reply("x")), async (url) => {
      await viaFetch(`${url}/x`);
      await sleep(20);
      expect(signal?.aborted).toBe(false);
    });
  });

  test.each([0, 1])("an answer after %i chunks of an upload arrives, and the connection goes on", async (chunks) => {
    const agent = new Agent({ keepAlive: traits.keepsConnection, maxSockets: 1 });
    const answer: Answer = async (request) => {
      if (request.body === null) return reply("next");
      const reader = request.body.getReader();
      for (let read = 0; read < chunks; read++) await reader.read();
      await reader.cancel();
      return reply("enough");
    };
    await serving(start, answer, async (url) => {
      expect((await viaHttp(`${url}/x`, { method: "POST", body: Buffer.alloc(2 * MEGABYTE), agent })).text).toBe("enough");
      expect((await viaHttp(`${url}/x`, { agent })).text).toBe("next");
      agent.destroy();
    });
  });

  test("an upload that is given up leaves the host in good order", async () => {
    const failed = deferred();
    const answer: Answer = async (request) => {
      if (request.method === "GET") return reply("fine");
      await request.text().catch(() => failed.resolve());
      return reply("too late");
    };
    await serving(start, answer, async (url) => {
      const outgoing = httpRequest(`${url}/x`, { method: "POST", headers: { "content-length": "1000" }, agent: false });
      outgoing.on("error", () => undefined).write("part", () => setTimeout(() => outgoing.destroy(), 20));
      await failed.promise;
      expect((await viaFetch(`${url}/x`)).text).toBe("fine");
    });
  });
}

/** Resolves when `count` has not changed for a while. */
async function settled(count: () => number): Promise<void> {
  for (let before = -1; before !== count(); await sleep(250)) before = count();
}
