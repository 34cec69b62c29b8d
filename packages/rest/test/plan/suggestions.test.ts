import { describe, expect, test } from "vitest";
import { mostSimilar } from "../../src/plan/suggestions/most-similar.ts";
import { errorOf } from "./builders/plans.ts";
import { call, embed, read } from "./builders/request.ts";
import { reference, routine, schemaCache, table } from "./builders/schema-cache.ts";

const cache = schemaCache({
  tables: ["films", "film", "projects"].map((name) => table(name, { id: "integer" })),
  relationships: ["directors", "roles", "actors", "car_model_sales"].flatMap((name) => reference("films", name, `${name}_fkey`, [["id", "id"]])),
  routines: [routine("filmz", [])],
});
const hint = (origin: string, target: string) => errorOf(read(origin, { select: [embed(target)] }), cache).hint;

describe("relationships", () => {
  test.each([
    ["film", "directors", "Perhaps you meant 'films' instead of 'film'."],
    ["projects", "directors", "Perhaps you meant 'directors' instead of 'projects'."],
    ["films", "role", "Perhaps you meant 'roles' instead of 'role'."],
    ["films", "car_model_sales_202101", "Perhaps you meant 'car_model_sales' instead of 'car_model_sales_202101'."],
    ["films", "actors!other", null],
    ["films", "noclosealternative", null],
  ])("%s with %s", (origin, target, expected) => {
    expect(hint(origin, target)).toBe(expected);
  });

  test("of a routine that returns no table's rows: its name may be meant for one", () => {
    expect(errorOf(call("read", "filmz", { select: [embed("directors")] }), cache).hint).toBe("Perhaps you meant 'films' instead of 'filmz'.");
  });
});

describe("tables", () => {
  test.each([
    ["projectx", "Perhaps you meant the table 'test.projects'"],
    ["projecxx", "Perhaps you meant the table 'test.projects'"],
    ["projxxxx", null],
    ["non_existent_table", null],
  ])("%s", (name, expected) => {
    expect(errorOf(read(name), cache).hint).toBe(expected);
  });

  test("aren't searched for in schemas of very many", () => {
    const many = (count: number) => schemaCache({ tables: Array.from({ length: count }, (_, index) => table(`table_number_${index}`, { id: "integer" })) });
    expect(errorOf(read("table_numbers_7"), many(499)).hint).toContain("table_number_7");
    expect(errorOf(read("table_numbers_7"), many(500)).hint).toBeNull();
  });
});

describe("similarity", () => {
  test("is equality but for case at best", () => {
    expect(mostSimilar("FILMS", ["films", "film"])).toEqual([{ score: 1, text: "films" }]);
  });

  test("goes by shorter sequences where the longer find nothing", () => {
    expect(mostSimilar("ab", ["xxxb", "ax"])).toEqual([{ score: 0.5, text: "ax" }]);
    expect(mostSimilar("abc", ["xxc", "abx"])).toEqual([{ score: 1 - 1 / 3, text: "abx" }]);
  });

  test("orders by distance, the least score included", () => {
    expect(mostSimilar("abcd", ["abxxx", "abcx", "abxx"], 0.5).map(({ text }) => text)).toEqual(["abcx", "abxx"]);
  });

  test("ignores punctuation but not spaces and commas, and can compare a text with nothing in it", () => {
    expect(mostSimilar("(a, b, smthelse)", ["(a, b)", "()"])).toMatchObject([{ text: "(a, b)" }]);
    expect(mostSimilar("()", ["(a)"])).toEqual([]);
  });
});
