import { expect, test } from "vitest";
import type { FuzzRequest } from "../support/fuzz-request.ts";
import { answerProblem } from "../support/answer-check.ts";
import type { FuzzedBackend } from "../support/fuzzed-backend.ts";

const repeated = (count: number, make: (index: number) => string, separator = ","): string => Array.from({ length: count }, (_, index) => make(index)).join(separator);

const get = (path: string, query = "", headers: FuzzRequest["headers"] = []): FuzzRequest => ({ number: 0, method: "GET", path, query, headers, body: undefined, plain: false });
const post = (path: string, contentType: string, body: string | Uint8Array, query = ""): FuzzRequest => ({ ...get(path, query, [["Content-Type", contentType]]), method: "POST", body });
const bytes = (...parts: ReadonlyArray<string | number>): Uint8Array => Buffer.concat(parts.map((part) => (typeof part === "number" ? Buffer.of(part) : Buffer.from(part))));

const MEGABYTE = 1_000_000;

/** What each must be answered with: a status, and an error's code or the number of rows. */
const REQUESTS: ReadonlyArray<readonly [name: string, request: FuzzRequest, status: number, answer: string | number | undefined]> = [
  ["embeds 100 levels deep", get("/users", `select=${"profiles(users(".repeat(50)}id${"))".repeat(50)}`), 200, 3],
  ["embeds 101 levels deep", get("/users", `select=profiles(${"users(profiles(".repeat(50)}bio${"))".repeat(50)})`), 400, "PGRST100"],
  ["conditions 100 levels deep", get("/tasks", `or=(${"not.and(id.gt.0,or(".repeat(49)}id.eq.1${"))".repeat(49)})`), 200, undefined],
  ["brackets without end", get("/tasks", `or=${"(".repeat(MEGABYTE)}`), 400, "PGRST100"],
  ["conditions without end", get("/tasks", `or=(${"and(".repeat(MEGABYTE / 4)}`), 400, "PGRST100"],
  ["200 embeds", get("/tasks", `select=${repeated(200, (i) => `a${i}:projects(id)`)}`), 200, 4],
  ["1,665 items", get("/tasks", `select=${repeated(1_665, () => "id")}`), 400, "PGRST100"],
  ["a megabyte of items", get("/tasks", `select=${repeated(MEGABYTE / 3, () => "id")}`), 400, "PGRST100"],
  ["a megabyte of embeds", get("/tasks", `select=${repeated(MEGABYTE / 12, () => "projects(id)")}`), 400, "PGRST100"],
  ["100,000 values", get("/tasks", `select=id&order=id&id=in.(${repeated(100_000, String)})`), 200, 4],
  ["100,000 quoted values", get("/tasks", `select=id&name=in.(${repeated(100_000, (i) => `"a,${i}"`)},design)`), 200, 1],
  ["a value of a megabyte", get("/tasks", `name=eq.${"x".repeat(MEGABYTE)}`), 200, 0],
  ["a pattern of a megabyte", get("/tasks", `name=like.${"%25a*".repeat(MEGABYTE / 5)}`), 200, 0],
  ["a regular expression of a megabyte", get("/tasks", `name=match.${"(a)".repeat(MEGABYTE / 3)}`), 400, "2201B"],
  ["a regular expression without end", get("/tasks", `name=match.${"(".repeat(100_000)}`), 400, "2201B"],
  ["a regular expression that takes its time", get("/tasks", "name=match.((a{1,100}){1,100}){1,100}"), 400, "2201B"],
  ["5,000 conditions", get("/tasks", `or=(${repeated(5_000, () => "id.gt.0")})`), 200, 4],
  ["2,000 filters", get("/tasks", repeated(2_000, () => "id=gt.0", "&")), 200, 4],
  ["100,000 orders", get("/tasks", `order=${repeated(100_000, () => "id")}`), 200, 4],
  ["1,000 steps into JSON", get("/kinds", `select=jsb${"->a".repeat(1_000)}`), 200, 3],
  ["100,000 steps into JSON", get("/kinds", `jsb${"->a".repeat(100_000)}=eq.1`), 400, "PGRST100"],
  ["a name of a megabyte", get(`/${"t".repeat(MEGABYTE)}`), 404, "PGRST205"],
  ["a routine's name of a megabyte", get(`/rpc/${"t".repeat(MEGABYTE)}`), 404, "PGRST202"],
  ["an embed's name of 100,000 letters", get("/tasks", `select=${"x".repeat(100_000)}(id)`), 400, "PGRST200"],
  ["an alias of 100,000 letters", get("/tasks", `select=${"x".repeat(100_000)}:id`), 200, 4],
  ["a path of 200,000 levels", get("/tasks", `${"a.".repeat(200_000)}b=eq.1`), 400, "PGRST108"],
  ["10,000 arguments", get("/rpc/add", repeated(10_000, (i) => `a${i}=1`, "&")), 404, "PGRST202"],
  ["10,000 times the same argument", get("/rpc/total", repeated(10_000, () => "n=1", "&")), 200, undefined],
  ["100,000 columns", post("/tasks", "application/json", "[]", `columns=${repeated(100_000, (i) => `c${i}`)}`), 400, "PGRST204"],
  ["100,000 conflicts", post("/tasks", "application/json", '{"name":"x"}', `on_conflict=${repeated(100_000, () => "id")}`), 201, undefined],
  ["100,000 preferences", get("/tasks", "", [["Prefer", repeated(100_000, () => "a=b")]]), 200, 4],
  ["100,000 accepted types", get("/tasks", "", [["Accept", repeated(100_000, () => "a/b;q=0.1")]]), 406, "PGRST107"],
  ["a type of 100,000 parameters", get("/tasks", "", [["Accept", `application/json${";a=b".repeat(100_000)}`]]), 200, 4],
  ["100,000 cookies", get("/tasks", "", [["Cookie", repeated(100_000, () => "a=b", ";")]]), 200, 4],
  ["a header of a megabyte", get("/tasks", "", [["X-Own", "x".repeat(MEGABYTE)]]), 200, 4],
  ["a range of a megabyte", get("/tasks", "", [["Range", `${"9".repeat(MEGABYTE)}-`]]), 200, 0],
  ["a limit beyond bigint", get("/tasks", "limit=9223372036854775808&offset=9223372036854775807"), 200, 0],
  ["JSON in a filter", get("/kinds", `jsb=eq.${"[".repeat(100_000)}`), 400, "PGRST100"],
  ["JSON in an argument", get("/rpc/of_json", `j=${"[".repeat(100_000)}`), 400, "PGRST100"],
  ["JSON as deep as is taken", get("/rpc/of_jsonb", `j=${"[".repeat(2_000)}${"]".repeat(2_000)}`), 200, undefined],
  ["a composite without end", get("/rpc/a_point", `p=${"(".repeat(100_000)}`), 400, "22P02"],
  ["a number of 200,000 digits", get("/kinds", `num=eq.${"9".repeat(200_000)}`), 400, "22003"],
  ["a NUL in the path", get("/ta%00sks"), 404, "PGRST125"],
  ["a NUL in a name", get("/tasks", "na%00me=eq.1"), 400, "PGRST100"],
  ["a NUL in a value", get("/tasks", "name=eq.%00"), 400, "PGRST100"],
  ["a NUL in select", get("/tasks", "select=id%00"), 400, "PGRST100"],
  ["bytes that are no UTF-8 in the path", get("/%ff%fe"), 404, "PGRST125"],
  ["bytes that are no UTF-8 in a value", get("/tasks", "name=eq.%c3%28"), 400, "PGRST100"],
  ["a lone surrogate's bytes in a name", get("/tasks", "select=%ed%a0%80"), 400, "PGRST100"],
  ["a lone surrogate in the path", get("/\ud800"), 404, "PGRST205"],
  ["a lone surrogate in a value", get("/tasks", "name=eq.\udfff"), 200, 0],
  ["a lone surrogate in a body", post("/tasks", "application/json", '{"name":"\\udc00"}'), 400, "22P02"],
  ["a lone surrogate in a defaulted body", post("/loose", "application/json", '{"c":"\\ud83d"}', "columns=c"), 400, "22P02"],
  ["a NUL in a body", post("/tasks", "application/json", '{"name":"\\u0000"}'), 400, "22P05"],
  ["a NUL in a body's key", post("/tasks", "application/json", '{"na\\u0000me":"x"}'), 400, "PGRST204"],
  ["a NUL in a body of given columns", post("/tasks", "application/json", bytes('{"name":"', 0, '"}'), "columns=name"), 400, undefined],
  ["a NUL in CSV", post("/tasks", "text/csv", bytes("name\n", 0)), 400, undefined],
  ["a NUL in a CSV header", post("/tasks", "text/csv", bytes("name", 0, "\nx")), 400, undefined],
  ["a NUL in a form", post("/tasks", "application/x-www-form-urlencoded", "name=%00"), 400, "PGRST102"],
  ["a NUL in text", post("/rpc/echo_text", "text/plain", bytes("a", 0)), 400, undefined],
  ["NULs as bytes", post("/rpc/size", "application/octet-stream", bytes(0, 0xff, 0)), 200, undefined],
  ["bytes that are no UTF-8 in JSON", post("/tasks", "application/json", bytes('{"name":"', 0xff, '"}')), 400, undefined],
  ["bytes that are no UTF-8 in CSV", post("/tasks", "text/csv", bytes("name\n", 0xed, 0xa0, 0x80)), 400, undefined],
  ["bytes that are no UTF-8 in a form", post("/tasks", "application/x-www-form-urlencoded", bytes("name=", 0xff)), 400, undefined],
  ["bytes that are no UTF-8 in text", post("/rpc/echo_text", "text/plain", bytes(0xc3)), 400, undefined],
];

/** In milliseconds of this process; what PostgreSQL does in it is bounded by its time-out. */
const TIME = 2_000;

export function testExtremes(fuzzed: () => FuzzedBackend): void {
  test(`${REQUESTS.length} extremes`, { timeout: 120_000 }, async () => {
    const problems: string[] = [];
    for (const [name, request, status, expected] of REQUESTS) {
      const before = process.threadCpuUsage();
      const answer = await fuzzed().answer(request, { Prefer: "tx=rollback" });
      const { user, system } = process.threadCpuUsage(before);
      const told = toldBy(answer.body);
      const problem = answerProblem(request, answer) ?? ((user + system) / 1_000 > TIME ? "kept everybody waiting" : undefined);
      if (problem !== undefined || answer.status !== status || (expected !== undefined && told !== expected)) problems.push(`${name}: ${problem ?? ""} ${answer.status} ${told}, not ${status} ${expected}: ${answer.body.slice(0, 200)}`);
    }
    expect(problems.join("\n")).toBe("");
  });

  test("a HEAD of nobody's path has no body", async () => {
    const response = await fuzzed().backend.fetch("http://backend/nobody", { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([404, ""]);
  });
}

/** An error's code, or how many rows there are. */
function toldBy(body: string): string | number | undefined {
  if (body === "") return undefined;
  const json = JSON.parse(body) as { code?: string } | null;
  return Array.isArray(json) ? json.length : json?.code;
}
