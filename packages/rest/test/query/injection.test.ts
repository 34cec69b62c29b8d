import { expect, test } from "vitest";
import { buildQuery } from "../../src/query/build-query.ts";
import { callAction, compare, CONFIG, eq, field, insertPlan, mutateAction, order, param, path, readAction, readPlan, request, routine, select, where } from "./plans.ts";
import { describeShop } from "./shop.ts";

/** Each would change the statement, if it were ever read as SQL. */
const HOSTILE = [
  `'; delete from shop.labels; --`,
  `"; delete from shop.labels; --`,
  `id", (select label from shop.labels limit 1) as "x`,
  `id" is not null or "id`,
  `text), (select label from shop.labels limit 1`,
  `\\' or true --`,
  `' || (select label from shop.labels limit 1) || '`,
  `$1) or ($1 is not null`,
  `text) as "x", ("id`,
  `$$ or true or $$`,
  `a\0" or true --`,
  `{"a",'b'}`,
] as const;

/** What PostgreSQL says of a name or value that is simply unknown; a syntax error would mean that the text was read as SQL. */
const UNKNOWN: ReadonlySet<string | undefined> = new Set(["42703", "42P01", "42883", "42704", "42602", "22P02", "22P05", "22021"]);

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
    const outcome = await shop.run(plan(text)).catch((error: { code?: string }) => error.code);
    if (typeof outcome === "object") expect(outcome.body).not.toMatch(/"new"|"sale"/);
    else expect(UNKNOWN).toContain(outcome);
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
