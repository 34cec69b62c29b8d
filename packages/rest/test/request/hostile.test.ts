import { describe, expect, test } from "vitest";
import { errorOf, parse } from "./parse.ts";

const TOKENS = [
  "select", "order", "limit", "offset", "and", "or", "not", "columns", "on_conflict", "id", "name", "data", "*", "count()", "a.sum()", "=", "=", "&",
  "&", ";", ".", ".", ",", ",", "(", "(", ")", ")", ":", "::", "->", "->>", "-", "!", "!inner", "!left", "...", '"', "\\", "{", "}", "+", " ", "%20",
  "%", "%zz", "%00", "%c3%a9", "%ff", "%F0%A0%AE%B7", "é", "\ud800", "\t", "\n", "eq.", "in.", "is.null", "fts(english).", "not.", "asc", "desc",
  "nullsfirst", "like(any).", "0", "-1", "9999999999999999999", "__proto__", "constructor", "toString",
];

/** Mulberry32: the same numbers on every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** CPU rather than wall time: other processes may be busy. */
function milliseconds(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

test("any mix of the grammar's tokens parses or is a BackendError, at once", () => {
  const random = randomNumbers(20240607);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const outcomes = { parsed: 0, refused: 0 };
  let slowest = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const query = Array.from({ length: 1 + Math.floor(random() * 24) }, () => pick(TOKENS)).join("");
    const path = pick(["/items", "/rpc/f"]);
    slowest = Math.max(slowest, milliseconds(() => {
      const error = errorOf(() => parse(`${path}?${pick(["", "select=", "order=", "id=", "or=("])}${query}`).queryParams.canonical);
      outcomes[error === undefined ? "parsed" : "refused"] += 1;
      if (error !== undefined) expect(error.code).toMatch(/^PGRST10[03]$/);
    }));
  }
  expect(outcomes.parsed).toBeGreaterThan(1000);
  expect(outcomes.refused).toBeGreaterThan(1000);
  expect(slowest).toBeLessThan(50);
});

describe("nesting", () => {
  const deep = (levels: number) => `select=${"a(".repeat(levels)}id${")".repeat(levels)}`;
  const deepLogic = (levels: number) => `or=(${"and(".repeat(levels)}id.eq.1${")".repeat(levels)})`;

  test("to 90 levels is no problem", () => {
    expect(errorOf(() => parse(`/t?${deep(90)}`))).toBeUndefined();
    expect(errorOf(() => parse(`/t?${deepLogic(90)}`))).toBeUndefined();
  });

  test.for([deep(50_000), deepLogic(50_000), `select=${"a(".repeat(50_000)}`])("without end is refused", (query) => {
    expect(errorOf(() => parse(`/t?${query}`))).toMatchObject({ status: 400, code: "PGRST100", details: "nested more than 100 levels deep" });
  });
});

describe("more than PostgreSQL can take is refused", () => {
  test.for([
    ["1,665 items", `select=${"a,".repeat(1_664)}a`, "more than 1664 items"],
    ["1,665 embedded items", `select=b(${"a,".repeat(1_664)}a)`, "more than 1664 items"],
    ["1,001 steps into JSON", `select=a${"->b".repeat(1_001)}`, "more than 1000 steps into JSON"],
    ["1,001 steps of a filter", `a${"->0".repeat(1_001)}=eq.1`, "more than 1000 steps into JSON"],
    ["a value of 2,001 levels", `a=eq.${"[".repeat(2_001)}`, "A value is nested more than 2000 levels deep"],
    ["a quoted one", `or=(a.eq."${"{".repeat(2_001)}",a.eq.1)`, "A value is nested more than 2000 levels deep"],
  ])("%s", ([, query, details]) => {
    expect(errorOf(() => parse(`/t?${query}`))).toMatchObject({ status: 400, code: "PGRST100", details });
  });

  test("as much as it can isn't", () => {
    for (const query of [`select=${"a,".repeat(1_663)}a`, `select=a${"->b".repeat(1_000)}`, `a=eq.${"[".repeat(2_000)}${"]".repeat(2_000)}`, `a=eq.${"[]".repeat(5_000)}`]) {
      expect(errorOf(() => parse(`/t?${query}`))).toBeUndefined();
    }
  });
});

describe("time grows with length only", () => {
  const SHAPES: Readonly<Record<string, (length: number) => string>> = {
    "unclosed braces": (length) => `or=(${"a.eq.{,".repeat(length)}`,
    "unclosed quotes": (length) => `id=in.(${'"\\",'.repeat(length)}`,
    "quotes": (length) => `or=(${'"'.repeat(length)}`,
    "a long list": (length) => `id=in.(${'"v",'.repeat(length)}x)`,
    "many terms": (length) => `order=${"a,".repeat(length)}`,
    "blanks in a limit": (length) => `limit=${"+".repeat(length)}x`,
    "a long path": (length) => `select=a${"->b".repeat(length)}(`,
    "dashes": (length) => `select=${"a-".repeat(length)}`,
    "many parameters": (length) => "a=eq.1&".repeat(length),
  };

  test.for(Object.keys(SHAPES))("%s", (name) => {
    const shape = SHAPES[name] as (length: number) => string;
    const time = (length: number) => milliseconds(() => errorOf(() => parse(`/t?${shape(length)}`).queryParams.canonical));
    time(500);
    const short = Math.max(time(1_000), 1);
    expect(time(8_000)).toBeLessThan(short * 8 * 5);
  });
});
