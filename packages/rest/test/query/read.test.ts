import { expect, test } from "vitest";
import type { CoercibleLogicTree } from "../../src/plan/coercible.ts";
import type { ReadPlan } from "../../src/plan/read-plan.ts";
import { buildQuery } from "../../src/query/build-query.ts";
import type { Operation } from "../../src/request/filter.ts";
import { compare, CONFIG, eq, order, path, readAction, readPlan, request, select, where } from "./plans.ts";
import { describeShop } from "./shop.ts";

const simple = (operator: "neq" | "cs" | "cd" | "ov", value: string): Operation => ({ kind: "simple", operator, value });
const fts = (operator: "fts" | "plfts" | "phfts" | "wfts", value: string, language?: string): Operation => ({ kind: "fts", operator, value, language });
const any = (operator: "and" | "or", negated: boolean, ...children: CoercibleLogicTree[]): CoercibleLogicTree => ({ kind: "logic", negated, operator, children });
const json = { jsonPath: path(["->", "size"], ["->>", "w"]) };
const tsvector = { toTsVector: { language: "english" } };

const FILTERS: ReadonlyArray<readonly [string, CoercibleLogicTree[], number[]]> = [
  ["eq", [where("id", eq("2"))], [2]],
  ["not eq", [where("id", eq("2"), { negated: true })], [1, 3, 4]],
  ["neq", [where("id", simple("neq", "2"))], [1, 3, 4]],
  ["gt and lte", [where("price", compare("gt", "1")), where("price", compare("lte", "10"))], [1, 4]],
  ["like with stars", [where("name", compare("like", "*es*"))], [2]],
  ["ilike any", [where("name", compare("ilike", "{L*,%SK}", "any"))], [1, 2]],
  ["like all", [where("name", compare("like", "{l*,*p}", "all"))], [1]],
  ["eq any, of numbers", [where("id", compare("eq", "{1,3}", "any"))], [1, 3]],
  ["match", [where("name", compare("imatch", "^L.+P$"))], [1]],
  ["in", [where("id", { kind: "in", values: ["1", "4", "77"] })], [1, 4]],
  ["in, with quotes", [where("name", { kind: "in", values: ['it\'s a "trap"', "{,}", "\\"] })], [3]],
  ["in nothing", [where("id", { kind: "in", values: [""] })], []],
  ["is null", [where("note", { kind: "is", value: "null" })], [2]],
  ["is not_null", [where("maker_id", { kind: "is", value: "not_null" })], [1, 2, 3]],
  ["is distinct from", [where("note", { kind: "isDistinct", value: "x" })], [1, 2]],
  ["contains", [where("tags", simple("cs", "{light}"))], [1]],
  ["contains, of jsonb", [where("data", simple("cs", '{"size":{"w":120}}'))], [2]],
  ["contained", [where("tags", simple("cd", "{wood,desk}"))], [2, 3, 4]],
  ["overlaps", [where("tags", simple("ov", "{wood,desk}"))], [1, 2]],
  ["fts in a language", [where("name", fts("fts", "lamps", "english"), { field: tsvector })], [1]],
  ["wfts", [where("name", fts("wfts", "lamp or desk"), { field: { toTsVector: { language: undefined } } })], [1, 2]],
  ["a JSON path as text", [where("data", eq("120"), { field: json })], [2]],
  ["a JSON index", [where("data", eq("6"), { field: { jsonPath: path(["->", "list"], ["->>", "1"]) } })], [1]],
  ["a path into an array column", [where("tags", eq("wood"), { field: { toJson: true, jsonPath: path(["->>", "0"]) } })], [2]],
  ["or", [any("or", false, where("id", eq("1")), where("name", eq("orphan")))], [1, 4]],
  ["not and, nested", [any("and", true, where("price", compare("gt", "1")), any("or", false, where("id", eq("1")), where("id", eq("2"))))], [3, 4]],
  ["a representation", [where("colour", eq("#ff0000"), { field: { transform: "shop.unhex" } })], [3]],
  ["a representation, in", [where("colour", { kind: "in", values: ["#0000ff", "#000000"] }, { field: { transform: "shop.unhex" } })], [1, 2]],
];

describeShop("reads", (shop) => {
  const ids = async (plan: Partial<ReadPlan>) =>
    ((await shop.json(readAction(readPlan("products", { select: [select("id")], order: [order("id")], ...plan })))) as Array<{ id: number }>).map(({ id }) => id);

  test.for(FILTERS)("filters by %s", async ([, filters, expected]) => {
    expect(await ids({ where: filters })).toEqual(expected);
  });

  const ORDERS: ReadonlyArray<readonly [string, Partial<ReadPlan>, number[]]> = [
    ["descending", { order: [order("price", "desc")] }, [2, 1, 4, 3]],
    ["nulls first", { order: [order("note", "asc", "first"), order("id", "desc")] }, [2, 1, 4, 3]],
    ["nulls last", { order: [order("note", "desc", "last"), order("id")] }, [3, 4, 1, 2]],
    ["limit and offset", { range: { offset: 1, limit: 2 } }, [2, 3]],
    ["offset alone", { range: { offset: 3, limit: undefined } }, [4]],
    ["limit 0", { range: { offset: 0, limit: 0 } }, []],
  ];
  test.for(ORDERS)("orders and limits: %s", async ([, plan, expected]) => {
    expect(await ids(plan)).toEqual(expected);
  });

  test("selects columns with aliases, casts, paths and representations", async () => {
    const columns = [
      select("id", { alias: "key", cast: "text" }),
      select("data", { alias: "w", field: json }),
      select("colour", { alias: "colour", field: { transform: "shop.hex" } }),
    ];
    expect(await shop.json(readAction(readPlan("products", { select: columns, where: [where("id", eq("1"))] })))).toEqual([{ key: "1", w: "1", colour: "#0000ff" }]);
  });

  test("aggregates by what isn't aggregated", async () => {
    const columns = [select("note"), select("price", { aggregate: "sum", aggregateCast: "int", alias: "sum" }), select("*", { aggregate: "count", alias: "n" })];
    expect(await shop.json(readAction(readPlan("products", { select: columns, order: [order("note")] })))).toEqual([
      { note: "none", sum: 10, n: 1 },
      { note: "x", sum: 6, n: 2 },
      { note: null, sum: 100, n: 1 },
    ]);
  });

  const page = readAction(readPlan("products", { where: [where("id", compare("gt", "1"))], range: { offset: 0, limit: 1 } }));
  const range = { topLevelRange: { offset: 0, limit: 1 } };

  test("counts the rows beyond the limit, if asked", async () => {
    expect(await shop.run(page, { request: range })).toMatchObject({ queryTotal: 1, tableTotal: null });
    expect(await shop.run(page, { request: { ...range, preferences: { count: "exact" } } })).toMatchObject({ queryTotal: 1, tableTotal: 3 });
    expect(await shop.run(readAction(readPlan("products")), { request: { preferences: { count: "exact" } } })).toMatchObject({ queryTotal: 4, tableTotal: 4 });
  });

  test("counts for an estimate no further than max-rows", async () => {
    const result = await shop.run(page, { request: { ...range, preferences: { count: "estimated" } }, config: { maxRows: 1 } });
    expect(result.tableTotal).toBe(2);
  });

  test("explains the count", async () => {
    const query = buildQuery(page, request({ preferences: { count: "planned" } }), CONFIG);
    expect(query.explainCount?.sql).toContain('select 1 from "shop"."products"');
    expect(query.explainCount?.parameters).toEqual(["1"]);
    expect(query.columns).not.toContain("tableTotal");
  });

  test("builds no body for HEAD, but counts", async () => {
    expect(await shop.run({ ...page, headersOnly: true }, { request: { ...range, preferences: { count: "exact" } } })).toMatchObject({ body: "", queryTotal: 1, tableTotal: 3 });
  });

  test("fails a HEAD where the GET would", async () => {
    const casts = readPlan("products", { select: [select("name", { cast: "int" })] });
    await expect(shop.run(readAction(casts, { headersOnly: true }))).rejects.toMatchObject({ code: "22P02" });
  });

  test("gives settings that SQL made for the response", async () => {
    await shop.query("select set_config('response.status', '418', true), set_config('response.headers', '[]', true)");
    expect(await shop.run(page)).toMatchObject({ gucStatus: "418", gucHeaders: "[]" });
  });

  const columns = { select: [select("id"), select("note")], order: [order("id")], range: { offset: 0, limit: 2 } };
  const two = readPlan("products", columns);
  const one = readPlan("products", { ...columns, where: [where("id", eq("2"))] });
  const HANDLERS: ReadonlyArray<readonly [string, Parameters<typeof readAction>, string]> = [
    ["json", [two], '[{"id":1,"note":"none"}, \n {"id":2,"note":null}]'],
    ["json of nothing", [readPlan("products", { where: [where("id", eq("0"))] })], "[]"],
    ["array without nulls", [two, { handler: { kind: "arrayJsonStrip" } }], '[{"id":1,"note":"none"},{"id":2}]'],
    ["object", [one, { handler: { kind: "singleJson", stripNulls: false } }], '{"id":2,"note":null}'],
    ["object without nulls", [one, { handler: { kind: "singleJson", stripNulls: true } }], '{"id":2}'],
    ["csv", [two, { handler: { kind: "csv" } }], "id,note\n1,none\n2,"],
    ["csv of nothing", [readPlan("products", { where: [where("id", eq("0"))] }), { handler: { kind: "csv" } }], "\n"],
    ["custom", [readPlan("products"), { handler: { kind: "custom", function: { schema: "shop", name: "names" }, relation: { schema: "shop", name: "products" }, binary: false } }], `lamp;desk;it's a "trap";orphan;`],
  ];
  test.for(HANDLERS)("makes a body: %s", async ([, args, body]) => {
    expect((await shop.run(readAction(...args))).body).toBe(body);
  });

  test("explains, as text and as JSON, with options", async () => {
    const plan = (format: "text" | "json") => ({ mediaType: { kind: "plan", for: { kind: "json" }, format, options: ["analyze", "verbose", "buffers", "settings", "wal"] } }) as const;
    expect((await shop.run(readAction(two, plan("text")))).body).toMatch(/^Aggregate .*actual time/);
    expect(await shop.json(readAction(two, plan("json")))).toMatchObject([{ Plan: { "Node Type": "Aggregate" } }]);
  });

  test("is the same statement for the same shape of request", () => {
    const sqlOf = (values: string[], offset: number) =>
      buildQuery(readAction(readPlan("products", { where: [where("id", { kind: "in", values })], range: { offset, limit: 5 } })), request(), CONFIG).main.sql;
    expect(sqlOf(["1"], 0)).toBe(sqlOf(["1", "2", ""], 40));
  });
});
