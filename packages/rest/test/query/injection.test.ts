import { expect, test } from "vitest";
import { buildQuery } from "../../src/query/build-query.ts";
import { callAction, compare, CONFIG, eq, field, insertPlan, mutateAction, order, param, path, readAction, readPlan, request, routine, select, where } from "./plans.ts";
import { describeShop } from "./shop.ts";

/** Each would delete a row or end a quotation, if it were ever read as SQL. */
const HOSTILE = [
  `'; delete from shop.labels; --`,
  `"; delete from shop.labels; --`,
  `x" from shop.labels; delete from shop.product_labels; --`,
  `\\'; delete from shop.labels; --`,
  `$1); delete from shop.labels; --`,
  `1) as text); delete from shop.labels; --`,
  `$$; delete from shop.labels; $$`,
  `a\0"; delete from shop.labels; --`,
  `{"a",'b'}`,
] as const;

describeShop("hostile texts", (shop) => {
  const rows = (plan: Partial<Parameters<typeof readPlan>[1]>) => readAction(readPlan("products", plan));
  const PLACES = {
    "a value": (text: string) => rows({ where: [where("name", eq(text))] }),
    "a pattern": (text: string) => rows({ where: [where("name", compare("ilike", text))] }),
    "a list": (text: string) => rows({ where: [where("name", { kind: "in", values: [text, "x"] })] }),
    "a language": (text: string) => rows({ where: [where("name", { kind: "fts", operator: "plfts", language: text, value: text })] }),
    "a filter's column": (text: string) => rows({ where: [where(text, eq("1"))] }),
    "an order's column": (text: string) => rows({ order: [order(text)] }),
    "a column": (text: string) => rows({ select: [select(text)] }),
    "an alias": (text: string) => rows({ select: [select("id", { alias: text })] }),
    "a cast": (text: string) => rows({ select: [select("id", { cast: text })] }),
    "an aggregate's cast": (text: string) => rows({ select: [select("id", { aggregate: "sum", aggregateCast: text })] }),
    "a JSON key": (text: string) => rows({ select: [select("data", { alias: "d", field: { jsonPath: path(["->", text]) } })] }),
    "a table": (text: string) => readAction(readPlan(text)),
    "a body": (text: string) => mutateAction(insertPlan("products", [field("name", { irType: "text" })], { name: text })),
    "a malformed body": (text: string) => mutateAction(insertPlan("products", [field("name", { irType: "text" })], text)),
    "a default's column": (text: string) => mutateAction(insertPlan("products", [field(text, { irType: "text", default: "'x'" })], {}, { applyDefaults: true })),
    "an argument": (text: string) => callAction(routine("add", { params: [param("a", "integer")] }), { kind: "direct", values: new Map([["a", text]]) }),
    "an argument's name": (text: string) => callAction(routine("add", { params: [param(text, "integer")] }), { kind: "direct", values: new Map([[text, "1"]]) }),
    "a function's name": (text: string) => callAction(routine(text), { kind: "direct", values: new Map() }),
  };
  const ATTEMPTS = Object.entries(PLACES).flatMap(([place, plan]) => HOSTILE.map((text) => [place, text, plan] as const));

  test.for(ATTEMPTS)("are no SQL as %s: %j", async ([, text, plan]) => {
    await shop.query("savepoint before");
    await shop.run(plan(text)).catch(() => shop.query("rollback to before"));
    expect(await shop.query("select (select count(*)::int from shop.labels) labels, (select count(*)::int from shop.product_labels) joined")).toEqual([{ labels: 2, joined: 3 }]);
  });

  const VALUES = ["a value", "a pattern", "a list", "a language", "a JSON key", "a body", "an argument"] as const;
  test.for(VALUES)("never get into the text of the statement as %s", (place) => {
    const marker = "marker-7f3a";
    const { main } = buildQuery(PLACES[place](marker), request(), CONFIG);
    expect(main.sql).not.toContain(marker);
    expect(main.parameters.join()).toContain(marker);
  });

  test("are kept as they are", async () => {
    for (const text of HOSTILE.filter((candidate) => !candidate.includes("\0"))) {
      expect(await shop.json(mutateAction(insertPlan("products", [field("name", { irType: "text" })], { name: text })))).toMatchObject([{ name: text }]);
      expect(await shop.run(rows({ where: [where("name", eq(text))] }))).toMatchObject({ queryTotal: 1 });
      expect(await shop.run(rows({ where: [where("name", { kind: "in", values: [text] })] }))).toMatchObject({ queryTotal: 1 });
    }
  });
});
