import { READ_BODY, readBytes, readText } from "@plinth/core";
import { expect, test } from "vitest";

function post(body: BodyOf, headers: Record<string, string> = {}): Request {
  return new Request("http://localhost", { method: "POST", body, headers, duplex: "half" });
}

type BodyOf = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;

function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks.map((chunk) => Buffer.from(chunk)));
}

test.each<[string, () => BodyOf, string]>([
  ["a string", () => "grün", "grün"],
  ["bytes", () => new Uint8Array([0x61]), "a"],
  ["a stream in pieces", () => streamOf("gr", "ü", "n"), "grün"],
  ["nothing", () => null, ""],
  ["a byte order mark", () => "\uFEFFx", "x"],
])("%s is read as text", async (_name, body, text) => {
  expect(await readText(post(body()), { maxBytes: 5 })).toBe(text);
});

test("the limit is inclusive, in bytes, and cancels what is left", async () => {
  expect((await readBytes(post("12345"), { maxBytes: 5 })).byteLength).toBe(5);
  await expect(readText(post("grünn"), { maxBytes: 5 })).rejects.toMatchObject({ code: "PLINTH_BODY_TOO_LARGE", status: 413 });
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(Buffer.alloc(10)), cancel: () => void (cancelled = true) });
  await expect(readBytes(post(endless), { maxBytes: 25 })).rejects.toMatchObject({ code: "PLINTH_BODY_TOO_LARGE" });
  expect(cancelled).toBe(true);
});

test("a body declared too large is refused unread", async () => {
  const request = post(streamOf("x"), { "content-length": "6" });
  await expect(readBytes(request, { maxBytes: 5 })).rejects.toMatchObject({ status: 413 });
  expect(request.bodyUsed).toBe(false);
});

test("a body shorter than declared, or failing, is truncated", async () => {
  await expect(readBytes(post(streamOf("x"), { "content-length": "2" }), { maxBytes: 5 })).rejects.toMatchObject({ code: "PLINTH_BODY_TRUNCATED", status: 400 });
  const cause = new Error("reset");
  const failing = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(cause) });
  await expect(readBytes(post(failing), { maxBytes: 5 })).rejects.toMatchObject({ code: "PLINTH_BODY_TRUNCATED", cause });
});

test("bytes that are not UTF-8 are malformed", async () => {
  await expect(readText(post(new Uint8Array([0xc3])), { maxBytes: 5 })).rejects.toMatchObject({ code: "PLINTH_REQUEST_MALFORMED", status: 400 });
});

test("a request that hands over its body itself is asked for it", async () => {
  const request = Object.assign(post("unread"), { [READ_BODY]: async (maxBytes: number) => Buffer.from(`at most ${maxBytes}`) });
  expect(await readText(request, { maxBytes: 5 })).toBe("at most 5");
});
