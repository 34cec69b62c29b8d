import { ACCEPTS_LIGHT, headersToRecord, isUnrouted, lightParts, markUnrouted, reply, responseFor, toRealResponse, withHeader } from "@plinth/core";
import { Readable } from "node:stream";
import { expect, test } from "vitest";

const init = { status: 201, headers: { "content-type": "application/json", "x-note": "n", "set-cookie": ["a=1", "b=2"] } };
const genuine = (): Response => new Response('{"a":"ü"}', { status: 201, headers: [["content-type", "application/json"], ["x-note", "n"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]] });

/** Everything that can be asked of a Response, each of a fresh one. */
const QUESTIONS: ReadonlyArray<readonly [name: string, ask: (response: Response) => unknown]> = [
  ["status", (response) => [response.status, response.statusText, response.ok, response.redirected, response.type, response.url]],
  ["headers", (response) => [...response.headers]],
  ["cookies", (response) => response.headers.getSetCookie()],
  ["text()", (response) => response.text()],
  ["json()", (response) => response.json()],
  ["bytes()", (response) => response.bytes()],
  ["arrayBuffer()", async (response) => new Uint8Array(await response.arrayBuffer())],
  ["blob()", async (response) => response.blob().then(async (blob) => [blob.type, await blob.text()])],
  ["clone()", async (response) => [await response.clone().text(), await response.text()]],
  ["bodyUsed", async (response) => [response.bodyUsed, await response.text(), response.bodyUsed]],
  ["a second read", async (response) => [await response.text(), await response.text().catch((error: Error) => error.name)]],
  ["body", async (response) => [response.body instanceof ReadableStream, response.body === response.body, await new Response(response.body).text()]],
  ["new Response(body, it)", (response) => [...new Response(response.body, response).headers]],
  ["instanceof", (response) => [response instanceof Response, Object.prototype.toString.call(response)]],
  ["a header set before reading", (response) => (response.headers.set("x-note", "m"), [...response.clone().headers])],
  ["a header set after reading", async (response) => [await response.text(), (response.headers.set("x-note", "m"), response.headers.get("x-note"))]],
];

test.each(QUESTIONS)("reply() answers as a genuine Response does: %s", async (_name, ask) => {
  const expected = await ask(genuine());
  expect(await ask(reply('{"a":"ü"}', init))).toEqual(expected);
  expect(await ask(reply(Buffer.from('{"a":"ü"}'), init))).toEqual(expected);
  expect(await ask(reply(new Blob(['{"a":"ü"}']).stream(), init))).toEqual(expected);
  expect(await ask(reply(Readable.from([Buffer.from('{"a":"ü"}')], { objectMode: false }), init))).toEqual(expected);
});

test("formData() works too", async () => {
  const form = new URLSearchParams({ a: "1" }).toString();
  expect((await reply(form, { headers: { "content-type": "application/x-www-form-urlencoded" } }).formData()).get("a")).toBe("1");
});

test.each([[199], [600], [2.5], [101]])("a status of %d is refused", (status) => {
  expect(() => reply(null, { status })).toThrow(RangeError);
});

test.each([[204], [205], [304]])("a body with %d is refused", (status) => {
  expect(() => reply("", { status })).toThrow(TypeError);
  expect(toRealResponse(reply(null, { status })).status).toBe(status);
});

test("a string is text unless it says otherwise, bytes and nothing are not", () => {
  const typeOf = (response: Response): string | null => response.headers.get("content-type");
  expect(typeOf(reply("x"))).toBe(typeOf(new Response("x")));
  expect(typeOf(reply("x", { headers: { "Content-Type": "text/csv" } }))).toBe("text/csv");
  expect([typeOf(reply(Buffer.from("x"))), typeOf(reply(null))]).toEqual([null, null]);
});

test("the parts are what was given until the body is handed out", async () => {
  const response = reply("x", init);
  expect(lightParts(response)).toEqual({ ...init, body: "x" });
  response.headers.append("x-note", "m");
  expect(lightParts(response)).toEqual({ status: 201, headers: { ...init.headers, "x-note": "n, m" }, body: "x" });
  await response.text();
  expect(lightParts(response)).toBeUndefined();
  expect(lightParts(new Response("x"))).toBeUndefined();
});

test("the headers given are not changed by those set later", () => {
  const headers = { "X-Note": "n" };
  withHeader(reply("x", { headers }), "x-note", "m");
  expect(headers).toEqual({ "X-Note": "n" });
});

test.each([
  ["a light response", () => reply("x", { headers: { "X-Note": "n" } })],
  ["one whose headers were looked at", () => touched(reply("x", { headers: { "X-Note": "n" } }))],
  ["one that became real", () => toRealResponse(reply("x", { headers: { "X-Note": "n" } }))],
  ["a genuine one", () => new Response("x", { headers: { "X-Note": "n" } })],
])("withHeader() replaces a header of %s", (_name, make) => {
  expect(withHeader(make(), "x-note", "m").headers.get("x-note")).toBe("m");
  expect(withHeader(make(), "Set-Cookie", ["a", "b"]).headers.getSetCookie()).toEqual(["a", "b"]);
});

test("withHeader() copies a response whose headers can't be changed", () => {
  const redirect = Response.redirect("http://localhost/x", 303);
  expect(withHeader(redirect, "x-note", "n")).toMatchObject({ status: 303 });
  expect(withHeader(redirect, "x-note", "n").headers.get("x-note")).toBe("n");
});

test("whoever doesn't read light responses gets a genuine one, marks and all", async () => {
  const plain = new Request("http://localhost");
  const lightReader = Object.assign(new Request("http://localhost"), { [ACCEPTS_LIGHT]: true });
  const response = markUnrouted(reply("x", init));
  expect(responseFor(lightReader, response)).toBe(response);
  const real = responseFor(plain, response);
  expect(lightParts(real)).toBeUndefined();
  expect(new Response(null, real).headers.get("x-note")).toBe("n");
  expect([isUnrouted(real), isUnrouted(responseFor(plain, reply("x")))]).toEqual([true, false]);
  expect(responseFor(plain, real)).toBe(real);
});

test("a record of headers keeps cookies apart", () => {
  expect(headersToRecord(genuine().headers)).toEqual(init.headers);
});

function touched(response: Response): Response {
  response.headers.append("x-note", "o");
  return response;
}
