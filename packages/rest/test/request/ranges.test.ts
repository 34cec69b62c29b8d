import { describe, expect, test } from "vitest";
import { contentRange, rangeStatus } from "../../src/request/content-range.ts";
import { restrictRange } from "../../src/request/row-range.ts";
import { errorOf, parse } from "./parse.ts";

const range = (query: string, header?: string, method = "GET") => parse(`/items?${query}`, { method, ...(header === undefined ? {} : { headers: { range: header } }) }).topLevelRange;

describe("the rows asked for", () => {
  const CASES: ReadonlyArray<readonly [string, string | undefined, number, number | undefined]> = [
    ["", undefined, 0, undefined],
    ["limit=5", undefined, 0, 5],
    ["limit=5&offset=10", undefined, 10, 5],
    ["offset=10", undefined, 10, undefined],
    ["limit=0", undefined, 0, 0],
    ["limit=0", "5-9", 0, 0],
    ["limit=x", undefined, 0, undefined],
    ["offset=-3", undefined, 0, undefined],
    ["limit=1&limit=2", undefined, 0, 2],
    ["", "0-4", 0, 5],
    ["", "5-", 5, undefined],
    ["", "bytes=0-4", 0, undefined],
    ["limit=3&offset=2", "0-2", 2, 1],
    ["limit=9999999999999999999999", undefined, 0, Number.MAX_SAFE_INTEGER],
  ];

  test.for(CASES)("%s with Range %s", ([query, header, offset, limit]) => {
    expect(range(query, header)).toEqual({ offset, limit });
  });

  test("of embedded levels", () => {
    const { ranges } = parse("/items?a.limit=2&a.b.offset=3&c.limit=-1&limit=7");
    expect(Object.fromEntries(ranges)).toEqual({
      "a.limit": { offset: 0, limit: 2 }, "a.b.limit": { offset: 3, limit: undefined },
      "c.limit": { offset: 0, limit: -1 }, limit: { offset: 0, limit: 7 },
    });
  });

  test("only GET heeds the Range header", () => {
    expect(range("", "0-4", "HEAD")).toEqual({ offset: 0, limit: undefined });
    expect(range("", "0-4", "DELETE")).toEqual({ offset: 0, limit: undefined });
  });

  const REFUSED: ReadonlyArray<readonly [string, string | undefined, string]> = [
    ["limit=-1", undefined, "Limit should be greater than or equal to zero."],
    ["limit=0&offset=1", undefined, "Limit should be greater than or equal to zero."],
    ["", "1-0", "The lower boundary must be lower than or equal to the upper boundary in the Range header."],
  ];

  test.for(REFUSED)("%s with Range %s is refused", ([query, header, details]) => {
    expect(errorOf(() => range(query, header))).toEqual({ status: 416, code: "PGRST103", message: "Requested range not satisfiable", details, hint: null });
  });

  test.for(["limit=1", "offset=1", "limit=0"])("PUT takes no %s", (query) => {
    const put = () => parse(`/items?id=eq.1&${query}`, { method: "PUT", body: "{}" });
    expect(errorOf(put)).toEqual({
      status: 400, code: "PGRST114", message: "limit/offset querystring parameters are not allowed for PUT", details: null, hint: null,
    });
  });
});

test("max-rows restricts a range", () => {
  expect(restrictRange(10, { offset: 5, limit: undefined })).toEqual({ offset: 5, limit: 10 });
  expect(restrictRange(10, { offset: 5, limit: 20 })).toEqual({ offset: 5, limit: 10 });
  expect(restrictRange(10, { offset: 5, limit: 2 })).toEqual({ offset: 5, limit: 2 });
  expect(restrictRange(10, { offset: 0, limit: 0 })).toEqual({ offset: 0, limit: 0 });
  expect(restrictRange(undefined, { offset: 5, limit: undefined })).toEqual({ offset: 5, limit: undefined });
});

test("Content-Range and its status", () => {
  expect(contentRange(0, 24, 573)).toBe("0-24/573");
  expect(contentRange(0, -1, 0)).toBe("*/0");
  expect(contentRange(0, -1, undefined)).toBe("*/*");
  expect(rangeStatus({ offset: 0, limit: 5 }, 5, 15)).toEqual({ status: 206, contentRange: "0-4/15" });
  expect(rangeStatus({ offset: 0, limit: 15 }, 15, 15)).toEqual({ status: 200, contentRange: "0-14/15" });
  expect(rangeStatus({ offset: 0, limit: 5 }, 5, undefined)).toEqual({ status: 200, contentRange: "0-4/*" });
  expect(rangeStatus({ offset: 100, limit: 100 }, 0, 15)).toEqual({ status: 416, contentRange: "*/15" });
  expect(rangeStatus({ offset: 15, limit: 5 }, 0, 15)).toEqual({ status: 206, contentRange: "*/15" });
});
