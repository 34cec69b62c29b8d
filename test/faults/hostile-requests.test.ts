import { signToken } from "plinth";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openServer, type ServedBackend } from "./support/open-server.ts";
import { type RawRequest, rawRequest, type RawResponse } from "./support/raw-http.ts";

const SCHEMA = `
  create table things (id int primary key, name text, data jsonb);
  insert into things values (1, 'one', '{"a": 1}');
  create function echo(value text) returns text language sql as 'select value';`;

/** What nobody sends on purpose. */
const GARBAGE: ReadonlyArray<readonly [name: string, value: string]> = [
  ["nothing", ""],
  ["blanks", "  \t "],
  ["high bytes", "\x80\xff\xfe caf\xe9"],
  ["UTF-8", Buffer.from("ключ 🔑").toString("latin1")],
  ["punctuation", `,;=:"'\\(){}[]<>*/?&%`],
  ["SQL", `'; drop table things; --`],
  ["percent signs", "%00%ff%zz"],
  ["very long", "x".repeat(12_000)],
  ["very many commas", ",".repeat(5_000)],
  ["very many brackets", "(".repeat(3_000)],
  ["numbers", "9".repeat(400)],
  ["negative", "-1--2"],
  ["names of Object's", "__proto__"],
  ["JSON", '{"toString": null}'],
];

const HEADERS = ["apikey", "Authorization", "Prefer", "Range", "Range-Unit", "Accept", "Content-Type", "Accept-Profile", "Content-Profile", "Cookie", "Origin", "X-Forwarded-Host", "X-Forwarded-Proto", "Accept-Encoding", "If-None-Match", "Expect", "X-HTTP-Method-Override"];
const METHODS: readonly RawRequest[] = [
  { line: "GET /rest/v1/things?select=id,name" },
  { line: "POST /rest/v1/things?on_conflict=id", body: '{"id": 1}', headers: [["Content-Length", "9"], ["Prefer", "resolution=merge-duplicates"]] },
];

describeDatabases("hostile requests", (databases) => {
  let served: ServedBackend;
  let key: string;
  beforeAll(async () => {
    served = await openServer(databases, { sql: SCHEMA, maxBodyBytes: 100_000 });
    key = served.backend.serviceRoleKey;
  });
  afterAll(() => served.close());
  beforeEach(() => void served.errors.splice(0));

  const send = (request: RawRequest): Promise<RawResponse> => rawRequest(served.url, request);
  /** With the service role's key, unless the request names another. */
  const sendWithKey = ({ headers = [], ...request }: RawRequest): Promise<RawResponse> => send({ ...request, headers: headers.some(([name]) => name === "apikey") ? headers : [["apikey", key], ...headers] });

  function expectClean(response: RawResponse, where: string): void {
    expect(response.status, `${where}: ${response.body}`).toBeLessThan(500);
    if (response.status >= 400 && response.headers["content-type"] !== undefined) expectPostgrestError(response, where);
    expect(served.errors, where).toEqual([]);
  }

  function expectPostgrestError({ headers, body }: RawResponse, where = ""): void {
    expect(headers["content-type"], where).toBe("application/json; charset=utf-8");
    expect(Object.keys(JSON.parse(body)).toSorted(), where).toEqual(["code", "details", "hint", "message"]);
  }

  describe.each(HEADERS)("%s", (header) => {
    test("whatever is in it", async () => {
      for (const [what, value] of GARBAGE) {
        for (const { headers = [], ...request } of METHODS) {
          expectClean(await sendWithKey({ ...request, headers: [...headers.filter(([name]) => name !== header), [header, value]] }), `${request.line}, ${header}: ${what}`);
        }
      }
    });

    test("sent twice", async () => {
      for (const { headers = [], ...request } of METHODS) {
        const response = await sendWithKey({ ...request, headers: [...headers, [header, "one"], [header, "two"]] });
        expectClean(response, `${request.line}, ${header} twice`);
      }
    });
  });

  test("headers that are too large are node's to refuse", async () => {
    expect((await sendWithKey({ line: "GET /rest/v1/things", headers: [["X-Long", "x".repeat(20_000)]] })).status).toBe(431);
  });

  test.for<[string, Record<string, string>, number, string, string]>([
    ["no key", {}, 401, "PGRST302", "Anonymous access is disabled"],
    ["an empty key", { apikey: "" }, 401, "PGRST301", "Empty JWT is sent in apikey header"],
    ["a key that is none", { apikey: "key" }, 401, "PGRST301", "Expected 3 parts in JWT; got 1"],
    ["a key of three parts that are none", { apikey: "a.b.c" }, 401, "PGRST301", "JWT cryptographic operation failed"],
    ["another project's key", { apikey: signToken({ ref: "default", role: "service_role" }, "another project's secret, long enough") }, 401, "PGRST301", "No suitable key or wrong key type"],
    ["a key of no project", { apikey: signToken({ ref: "nobody", role: "anon" }, "another project's secret, long enough") }, 401, "PGRST301", "No suitable key or wrong key type"],
    ["a ref with a NUL", { apikey: signToken({ ref: "a\0b", role: "anon" }, "another project's secret, long enough") }, 401, "PGRST301", "No suitable key or wrong key type"],
    ["a ref with a lone surrogate", { apikey: signToken({ ref: "a\ud800b", role: "anon" }, "another project's secret, long enough") }, 401, "PGRST301", "No suitable key or wrong key type"],
    ["a very long ref", { apikey: signToken({ ref: "a".repeat(5_000), role: "anon" }, "another project's secret, long enough") }, 401, "PGRST301", "No suitable key or wrong key type"],
  ])("%s", async ([, headers, status, code, message]) => {
    const response = await send({ line: "GET /rest/v1/things", headers: Object.entries(headers) });
    expectPostgrestError(response);
    expect({ status: response.status, ...JSON.parse(response.body) }).toMatchObject({ status, code, message });
    expect(served.errors).toEqual([]);
  });

  test.for<[string, string | Uint8Array, number, string, string | RegExp]>([
    ["broken JSON", '[{"id": 2}', 400, "PGRST102", "Empty or invalid json"],
    ["invalid UTF-8", Buffer.from('{"id": 2, "name": "\xff\xfe"}', "latin1"), 400, "PLINTH_REQUEST_MALFORMED", "The request could not be read."],
    ["a NUL in text", '{"id": 2, "name": "a\\u0000b"}', 400, "22P05", "unsupported Unicode escape sequence"],
    ["a bare NUL", '{"id": 2}\0', 400, "PGRST102", "Empty or invalid json"],
    ["a lone surrogate", '{"id": 2, "name": "\\ud800"}', 400, "22P02", "invalid input syntax for type json"],
    ["an array of other things", '[{"id": 2}, 7]', 400, "PGRST102", "All object keys must match"],
    ["an unknown column", '{"id": 2, "nope": 1}', 400, "PGRST204", "Could not find the 'nope' column of 'things' in the schema cache"],
    ["a number beyond int", '{"id": 1e99}', 400, "22P02", /^invalid input syntax for type integer|out of range/],
    ["too deep an array", `{"id": 2, "data": ${"[".repeat(20_000)}${"]".repeat(20_000)}}`, 400, "PGRST102", "The JSON is nested more than 2000 levels deep"],
    ["too deep an object", `{"id": 2, "data": ${'{"]":'.repeat(10_000)}1${"}".repeat(10_000)}}`, 400, "PGRST102", "The JSON is nested more than 2000 levels deep"],
    ["too large a body", `{"id": 2, "name": "${"x".repeat(100_000)}"}`, 413, "PLINTH_BODY_TOO_LARGE", "The request's body is larger than this backend accepts."],
  ])("a body: %s", async ([, body, status, code, message]) => {
    const length = String(Buffer.byteLength(body as string));
    const response = await sendWithKey({ line: "POST /rest/v1/things", body, headers: [["Content-Type", "application/json"], ["Content-Length", length]] });
    expectPostgrestError(response);
    const given = JSON.parse(response.body) as { code: string; message: string };
    expect({ status: response.status, code: given.code }).toEqual({ status, code });
    expect(given.message).toMatch(message);
  });

  test("JSON as deep as is let through is PostgreSQL's to take", async () => {
    const body = JSON.stringify({ id: 1, data: "here" }).replace('"here"', `${"[".repeat(1_990)}"[[[{{{"${"]".repeat(1_990)}`);
    const headers = [["Content-Length", String(body.length)], ["Prefer", "resolution=merge-duplicates"]] as const;
    expect(await sendWithKey({ line: "POST /rest/v1/things", body, headers })).toMatchObject({ status: 200, body: "" });
  });

  test.for<[string, string]>([["text", '"text"'], ["a number", "7"], ["null", "null"], ["an empty array", "[]"]])("a body of %s inserts nothing, as with PostgREST", async ([, body]) => {
    expect(await sendWithKey({ line: "POST /rest/v1/things", body, headers: [["Content-Length", String(body.length)]] })).toMatchObject({ status: 201, body: "" });
  });

  test.for<[string, RawRequest, number, string | undefined]>([
    ["announces more than the limit", { line: "POST /rest/v1/things", headers: [["Content-Length", "99999999999"]] }, 413, "PLINTH_BODY_TOO_LARGE"],
    ["sends more than the limit in chunks", { line: "POST /rest/v1/things", headers: [["Transfer-Encoding", "chunked"]], body: `1ffff\r\n${"x".repeat(0x1_ffff)}\r\n0\r\n\r\n` }, 413, "PLINTH_BODY_TOO_LARGE"],
    ["has a length that is no number", { line: "POST /rest/v1/things", headers: [["Content-Length", "abc"]] }, 400, undefined],
    ["has two lengths", { line: "POST /rest/v1/things", headers: [["Content-Length", "2"], ["Content-Length", "3"]], body: "{}" }, 400, undefined],
    ["has a length and chunks", { line: "POST /rest/v1/things", headers: [["Content-Length", "2"], ["Transfer-Encoding", "chunked"]], body: "2\r\n{}\r\n0\r\n\r\n" }, 400, undefined],
    ["has a chunk of no length", { line: "POST /rest/v1/things", headers: [["Transfer-Encoding", "chunked"]], body: "zz\r\n{}\r\n0\r\n\r\n" }, 400, undefined],
    ["is of a type nobody reads", { line: "POST /rest/v1/things", headers: [["Content-Type", "image/png"], ["Content-Length", "3"]], body: "PNG" }, 400, "PGRST102"],
  ])("a body that %s", async ([, request, status, code]) => {
    const response = await sendWithKey(request);
    expect({ status: response.status, code: response.body === "" ? undefined : (JSON.parse(response.body) as { code: string }).code }).toEqual({ status, code });
  });

  test.for<[string, string, number]>([
    ["a NUL in a filter", "GET /rest/v1/things?name=eq.%00", 400],
    ["broken percent encoding", "GET /rest/v1/things?name=eq.%zz", 200],
    ["invalid UTF-8 in a filter", "GET /rest/v1/things?name=eq.%ff%fe", 400],
    ["a NUL in the table's name", "GET /rest/v1/th%00ings", 404],
    ["a lone surrogate's bytes", "GET /rest/v1/things?name=eq.%ed%a0%80", 400],
    ["a NUL in a function's argument", "GET /rest/v1/rpc/echo?value=%00", 400],
    ["a way up", "GET /rest/v1/../../etc/passwd", 404],
    ["an unknown method", "PROPFIND /rest/v1/things", 405],
    ["an absolute URL", "GET http://evil.example/rest/v1/things", 200],
    ["deep brackets", `GET /rest/v1/things?or=${"(".repeat(3_000)}`, 400],
    ["deep embeds", `GET /rest/v1/things?select=${"things(".repeat(800)}`, 400],
    ["very many parameters", `GET /rest/v1/things?${"id=gt.0&".repeat(1_500)}`, 200],
    ["a limit beyond bigint", "GET /rest/v1/things?limit=99999999999999999999999999", 200],
  ])("a URL with %s", async ([, line, status]) => {
    const response = await sendWithKey({ line });
    if (status >= 400) expectPostgrestError(response);
    expect({ status: response.status, body: response.body }).toEqual({ status, body: expect.any(String) });
    expectClean(response, line);
  });

  test("after all that the table is as it was, and answers", async () => {
    expect((await sendWithKey({ line: "GET /rest/v1/things?select=id,name" })).body).toBe('[{"id":1,"name":"one"}]');
  });
});
