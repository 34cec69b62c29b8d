import { describe, expect, test } from "vitest";
import { errorOf, parse } from "./parse.ts";

const target = (name: string, schema = "public") => ({ schema, name });

describe("the action", () => {
  const CASES: ReadonlyArray<readonly [string, string, object]> = [
    ["GET", "/items", { kind: "relationRead", target: target("items"), headersOnly: false }],
    ["HEAD", "/items", { kind: "relationRead", target: target("items"), headersOnly: true }],
    ["POST", "/items", { kind: "relationMutate", target: target("items"), mutation: "create" }],
    ["PUT", "/items", { kind: "relationMutate", target: target("items"), mutation: "singleUpsert" }],
    ["PATCH", "/items", { kind: "relationMutate", target: target("items"), mutation: "update" }],
    ["DELETE", "/items", { kind: "relationMutate", target: target("items"), mutation: "delete" }],
    ["OPTIONS", "/items", { kind: "relationInfo", target: target("items") }],
    ["GET", "/rpc", { kind: "relationRead", target: target("rpc"), headersOnly: false }],
    ["GET", "/rpc/f", { kind: "routineCall", target: target("f"), invoke: { kind: "read", headersOnly: false } }],
    ["HEAD", "/rpc/f", { kind: "routineCall", target: target("f"), invoke: { kind: "read", headersOnly: true } }],
    ["POST", "/rpc/f", { kind: "routineCall", target: target("f"), invoke: { kind: "write" } }],
    ["OPTIONS", "/rpc/f", { kind: "routineInfo", target: target("f") }],
    ["GET", "/", { kind: "schemaRead", schema: "public", headersOnly: false }],
    ["HEAD", "/", { kind: "schemaRead", schema: "public", headersOnly: true }],
    ["OPTIONS", "/", { kind: "schemaInfo" }],
    ["GET", "/%D9%85%D9%88%D8%A7%D8%B1%D8%AF", { kind: "relationRead", target: target("موارد"), headersOnly: false }],
    ["GET", "/a%2Fb+c%zz", { kind: "relationRead", target: target("a/b+c%zz"), headersOnly: false }],
  ];

  test.for(CASES)("%s %s", ([method, path, action]) => {
    expect(parse(path, { method, body: "{}" }).action).toEqual(action);
  });

  test("of the root is a routine's where root-spec names one", () => {
    expect(parse("/", { config: { rootSpec: target("root") } }).action).toEqual({ kind: "routineCall", target: target("root"), invoke: { kind: "read", headersOnly: false } });
  });

  const REFUSED: ReadonlyArray<readonly [string, string, number, string, string]> = [
    ["DELETE", "/rpc/f", 405, "PGRST101", "Cannot use the DELETE method on RPC"],
    ["PATCH", "/rpc/f", 405, "PGRST101", "Cannot use the PATCH method on RPC"],
    ["CONNECT", "/items", 405, "PGRST117", "Unsupported HTTP method: CONNECT"],
    ["POST", "/", 405, "PGRST117", "Unsupported HTTP method: POST"],
    ["GET", "/invalid/nested/paths", 404, "PGRST125", "Invalid path specified in request URL"],
    ["GET", "/items/", 404, "PGRST125", "Invalid path specified in request URL"],
    ["GET", "/a%00b", 404, "PGRST125", "Invalid path specified in request URL"],
    ["GET", "/a%ff", 404, "PGRST125", "Invalid path specified in request URL"],
  ];

  test.for(REFUSED)("%s %s is refused", ([method, path, status, code, message]) => {
    expect(errorOf(() => parse(path, { method }))).toEqual({ status, code, message, details: null, hint: null });
  });

  test("of the root is refused where openapi-mode is disabled", () => {
    const error = errorOf(() => parse("/", { config: { openapiMode: "disabled", rootSpec: target("root") } }));
    expect(error).toEqual({ status: 404, code: "PGRST126", message: "Root endpoint metadata is disabled", details: null, hint: null });
  });
});

describe("the schema", () => {
  const SPECIAL = 'SPECIAL "@/\\#~_-';
  const config = { schemas: ["v1", "v2", SPECIAL, "تست"] as const };
  const schemaOf = (method: string, headers: Record<string, string>) => {
    const { schema, negotiatedByProfile } = parse("/items", { method, headers, config: { schemas: [...config.schemas] }, body: "{}" });
    return [schema, negotiatedByProfile];
  };

  test("is the first, or the one of the profile header", () => {
    expect(schemaOf("GET", {})).toEqual(["v1", true]);
    expect(schemaOf("GET", { "accept-profile": "v2", "content-profile": "v1" })).toEqual(["v2", true]);
    expect(schemaOf("HEAD", { "accept-profile": SPECIAL })).toEqual([SPECIAL, true]);
    for (const method of ["POST", "PATCH", "PUT", "DELETE"]) {
      expect(schemaOf(method, { "accept-profile": "v1", "content-profile": "v2" })).toEqual(["v2", true]);
    }
    expect(parse("/items").negotiatedByProfile).toBe(false);
  });

  test("may be named in UTF-8", () => {
    expect(schemaOf("GET", { "accept-profile": Buffer.from("تست").toString("latin1") })).toEqual(["تست", true]);
  });

  test("must be exposed", () => {
    expect(errorOf(() => schemaOf("GET", { "accept-profile": "unknown" }))).toEqual({
      status: 406, code: "PGRST106", message: "Invalid schema: unknown", details: null,
      hint: `Only the following schemas are exposed: v1, v2, ${SPECIAL}, تست`,
    });
  });
});

test("headers come without cookies, cookies by name", () => {
  const { headers, cookies } = parse("/items", { headers: { "X-One": Buffer.from("é").toString("latin1"), Cookie: "a=1; b=x=y;c;" } });
  expect(headers).toEqual([["x-one", "é"]]);
  expect(cookies).toEqual([["a", "1"], ["b", "x=y"], ["c", ""]]);
});
