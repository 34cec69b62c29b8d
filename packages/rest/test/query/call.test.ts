import { expect, test } from "vitest";
import type { CallActionPlan } from "../../src/plan/action-plan.ts";
import type { Routine } from "../../src/schema-cache/routine.ts";
import { embedding, makerOf } from "./embeds.ts";
import { callAction, compare, eq, order, param, routine, select, sourcePlan, target, where } from "./plans.ts";
import { describeShop } from "./shop.ts";

const direct = (values: Record<string, string | string[]> = {}): CallActionPlan["callPlan"]["args"] => ({ kind: "direct", values: new Map(Object.entries(values)) });
const body = (json: unknown): CallActionPlan["callPlan"]["args"] => ({ kind: "body", body: typeof json === "string" ? json : JSON.stringify(json) });

const returning = (kind: "scalar" | "composite", name: string, setOf = false): Routine["returns"] => ({
  setOf,
  kind,
  type: kind === "composite" ? target(name) : { schema: "pg_catalog", name },
  isDomainAlias: false,
});

const add = routine("add", { params: [param("a", "integer"), param("b", "integer")] });
const addOne = routine("add", { params: [param("a", "integer")] });
const total = routine("total", { params: [param("n", "integer[]", { variadic: true })] });
const numbers = routine("numbers", { params: [param("n", "integer")], returns: returning("scalar", "int4", true) });
const cheap = routine("cheap", { params: [param("below", "numeric")], returns: returning("composite", "products", true) });
const one = routine("one", { params: [param("which", "integer")], returns: returning("composite", "products") });
const nothing = routine("nothing", { returns: returning("scalar", "void") });

const positional = (called: Routine, type: string, value: string): CallActionPlan => {
  const plan = callAction(called, { kind: "body", body: value });
  return { ...plan, callPlan: { ...plan.callPlan, params: { kind: "positional", param: param("", type) } } };
};

const products = sourcePlan("products", { select: [select("id")], order: [order("id")] });

describeShop("calls", (shop) => {
  const CALLS: ReadonlyArray<readonly [string, CallActionPlan, string]> = [
    ["arguments of a query string", callAction(add, direct({ a: "1", b: "2" })), "3"],
    ["a default", callAction(addOne, direct({ a: "1" })), "11"],
    ["a JSON object", callAction(add, body({ a: 1, b: 2 })), "3"],
    ["an array, of which the first element counts", callAction(add, body([{ a: 1, b: 2 }, { a: 5, b: 5 }])), "3"],
    ["a null", callAction(add, body({ a: null, b: 2 })), "null"],
    ["a variadic list", callAction(total, direct({ n: ["1", "2", "3"] })), "6"],
    ["a variadic array literal", callAction(total, direct({ n: "{4,5}" })), "9"],
    ["a variadic JSON array", callAction(total, body({ n: [4, 6] })), "10"],
    ["a whole JSON body", positional(routine("echo", { returns: returning("scalar", "json") }), "json", '{"a": [1]}'), '{"a": [1]}'],
    ["bytes", positional(routine("size"), "bytea", "\\x00ff0a"), "3"],
    ["a set of scalars", callAction(numbers, direct({ n: "3" })), "[1, 2, 3]"],
    ["an empty set of scalars", callAction(numbers, direct({ n: "0" })), "[]"],
  ];
  test.for(CALLS)("takes %s", async ([, plan, text]) => {
    expect((await shop.run(plan)).body).toBe(text);
  });

  test("gives the columns of a row, or of nulls", async () => {
    expect(await shop.json(callAction(one, direct({ which: "2" })))).toMatchObject({ id: 2, name: "desk" });
    expect(await shop.json(callAction(one, direct({ which: "77" })))).toMatchObject({ id: null });
    expect(await shop.run(callAction(one, direct({ which: "2" })))).toMatchObject({ queryTotal: 1 });
  });

  test("gives a set of rows", async () => {
    expect(await shop.run(callAction(cheap, direct({ below: "10" })))).toMatchObject({ queryTotal: 2 });
  });

  test("filters, orders, limits and embeds its rows", async () => {
    const read = embedding({ ...products, where: [where("price", compare("lt", "50"))], order: [order("id", "desc")], range: { offset: 0, limit: 2 } }, makerOf({ schema: "", name: "products" }), "object");
    expect(await shop.json(callAction(cheap, direct({ below: "100" }), { readPlan: read }))).toMatchObject([{ id: 4, makers: null }, { id: 3, makers: { name: "Linus" } }]);
  });

  test("counts beyond the limit", async () => {
    const limited = { topLevelRange: { offset: 0, limit: 1 }, preferences: { count: "exact" } } as const;
    const plan = callAction(cheap, body({ below: 100 }), { readPlan: { ...products, range: limited.topLevelRange } });
    expect(await shop.run(plan, { request: limited })).toMatchObject({ queryTotal: 1, tableTotal: 4 });
  });

  test("returns only the columns that are selected and filtered by", async () => {
    const read = { ...products, where: [where("name", eq("lamp"))] };
    const plan = callAction(cheap, direct({ below: "100" }), { readPlan: read });
    const narrow = { ...plan, callPlan: { ...plan.callPlan, returning: new Set(["id"]), columnsRead: new Set(["name", "id"]) } };
    expect(await shop.json(narrow)).toEqual([{ id: 1 }]);
  });

  test("gives one row as an object", async () => {
    const object = { handler: { kind: "singleJson", stripNulls: true } } as const;
    expect(await shop.json(callAction(one, direct({ which: "4" }), object))).toEqual({ id: 4, name: "orphan", price: 5, tags: [], note: "x" });
    expect((await shop.run(callAction(add, direct({ a: "1", b: "1" }), object))).body).toBe("2");
  });

  test("runs a function of no result, and hands on what it set for the response", async () => {
    expect(await shop.run(callAction(nothing, direct()))).toMatchObject({ gucStatus: "202", gucHeaders: '[{"X-A":"1"}]' });
  });

  test("has a custom handler take the rows", async () => {
    const handler = { kind: "custom", function: target("names"), relation: target("products"), binary: false } as const;
    expect((await shop.run(callAction(cheap, direct({ below: "10" }), { handler }))).body).toBe(`it's a "trap";orphan;`);
  });

  test("renders CSV", async () => {
    expect((await shop.run(callAction(numbers, direct({ n: "2" }), { handler: { kind: "csv" } }))).body).toBe("pgrst_scalar\n1\n2");
  });
});
