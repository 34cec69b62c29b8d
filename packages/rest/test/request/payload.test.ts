import { describe, expect, test } from "vitest";
import { bodyKind } from "../../src/request/body-kind.ts";
import { readBody } from "../../src/request/read-body.ts";
import { errorOf, parse } from "./parse.ts";

const post = async (url: string, sent: string | Uint8Array, type = "application/json", method: "POST" | "PUT" = "POST") => {
  const http = { method, body: Buffer.from(sent), headers: { "content-type": type } };
  return parse(url, { ...http, body: await readBody(new Request("http://x", http), 1e6) });
};

const refusalOf = async (request: Promise<unknown>) => {
  const error: unknown = await request.then(() => expect.unreachable(), (reason: unknown) => reason);
  return errorOf(() => { throw error; });
};

describe("a payload", () => {
  const CASES: ReadonlyArray<readonly [string, string, string, object, string[]]> = [
    ["/t", "application/json", '{"a":1,"b":2}', { kind: "json", raw: '{"a":1,"b":2}' }, ["a", "b"]],
    ["/t", "application/json; charset=utf-8", '[{"a":1,"b":2},{"b":3,"a":4}]', { kind: "json", raw: '[{"a":1,"b":2},{"b":3,"a":4}]' }, ["a", "b"]],
    ["/t", "application/json", "[]", { kind: "json", raw: "[]" }, []],
    ["/t", "application/json", "17", { kind: "json", raw: "[]" }, []],
    ["/t", "application/json", " null ", { kind: "json", raw: "[]" }, []],
    ["/t?columns=a", "application/json", "}{", { kind: "rawJson", raw: "}{" }, ["a"]],
    ["/rpc/f", "application/json", "", { kind: "json", raw: "" }, []],
    ["/rpc/f", "application/x-www-form-urlencoded", "a=1&b=x+y&a=2", { kind: "urlEncoded", pairs: [["a", "1"], ["b", "x y"], ["a", "2"]] }, ["a", "b"]],
    ["/t", "application/x-www-form-urlencoded", "a=1&b&a=2", { kind: "json", raw: '{"a":"2","b":""}' }, ["a", "b"]],
    ["/t", "text/csv", 'a,b\nNULL,foo\n"x, ""y""",\n', { kind: "json", raw: '[{"a":null,"b":"foo"},{"a":"x, \\"y\\"","b":""}]' }, ["a", "b"]],
    ["/t", "text/csv", "a,b\n", { kind: "json", raw: "[]" }, []],
    ["/rpc/f", "text/plain", "any\ntext", { kind: "raw", raw: "any\ntext" }, []],
    ["/rpc/f", "text/xml", "<a/>", { kind: "raw", raw: "<a/>" }, []],
  ];

  test.for(CASES)("%s %s %s", async ([url, type, body, payload, columns]) => {
    const request = await post(url, body, type);
    expect(request.payload).toMatchObject(payload);
    expect(request.columns).toEqual(new Set(columns));
  });

  test("of bytes is a bytea's text", async () => {
    expect((await post("/rpc/f", new Uint8Array([0, 255, 16]), "application/octet-stream")).payload).toEqual({ kind: "raw", raw: "\\x00ff10" });
  });

  test("isn't read where nothing is written, and PUT doesn't heed columns", async () => {
    expect(parse("/t", { method: "DELETE", body: "x" }).payload).toBeUndefined();
    expect(parse("/rpc/f", { method: "GET" }).payload).toBeUndefined();
    expect((await post("/t?columns=b", '{"a":1}', "application/json", "PUT")).columns).toEqual(new Set(["a"]));
  });

  const REFUSED: ReadonlyArray<readonly [string, string, string, string]> = [
    ["/t", "application/json", "", "Empty or invalid json"],
    ["/t", "application/json", "}{ x = 2", "Empty or invalid json"],
    ["/t", "application/json", '[{"id":100,"body":"x"},123,"x"]', "All object keys must match"],
    ["/t", "application/json", '[{"id":100,"body":"x"},{"id":111,"body":"x","owner":"me"}]', "All object keys must match"],
    ["/t", "application/json", "[1]", "All object keys must match"],
    ["/t", "text/csv", "a,b\nfoo,bar\nbaz", "All lines must have same number of fields"],
    ["/t", "text/plain", "x", "Content-Type not acceptable: text/plain"],
    ["/t", "Text/Html; charset=x", "x", "Content-Type not acceptable: Text/Html; charset=x"],
    ["/rpc/f", "application/xhtml+xml", "x", "Content-Type not acceptable: application/xhtml+xml"],
  ];

  test.for(REFUSED)("%s %s %s is refused", async ([url, type, body, message]) => {
    expect(await refusalOf(post(url, body, type))).toEqual({ status: 400, code: "PGRST102", message, details: null, hint: null });
  });

  test.for([["text/csv", ""], ["text/csv", 'a,b\nx"y,z'], ["application/x-www-form-urlencoded", "a=%00"], ["application/x-www-form-urlencoded", "a=%ff"]])(
    "%s %s is refused", async ([type = "", body = ""]) => {
      expect(await refusalOf(post("/t", body, type))).toMatchObject({ status: 400, code: "PGRST102" });
    },
  );

  test("keys of the prototype are keys like any", async () => {
    const request = await post("/t", "__proto__=1&constructor=2", "application/x-www-form-urlencoded");
    expect(request.payload).toMatchObject({ raw: '{"__proto__":"1","constructor":"2"}' });
  });
});

test("what is to be read of a body", () => {
  expect(bodyKind("GET", "application/json")).toBe("none");
  expect(bodyKind("DELETE", null)).toBe("none");
  expect(bodyKind("POST", null)).toBe("text");
  expect(bodyKind("PATCH", "application/octet-stream; x=y")).toBe("bytes");
  expect(bodyKind("POST", "text/csv; charset=utf-8")).toBe("csv");
});
