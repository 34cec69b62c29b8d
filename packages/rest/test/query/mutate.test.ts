import { expect, test } from "vitest";
import type { CoercibleField } from "../../src/plan/coercible.ts";
import type { UpdatePlan } from "../../src/plan/mutate-plan.ts";
import { embedding, makerOf } from "./embeds.ts";
import { eq, field, insertPlan, mutateAction, order, select, sourcePlan, target, where } from "./plans.ts";
import { describeShop } from "./shop.ts";

const TYPES: Readonly<Record<string, Partial<CoercibleField>>> = {
  id: { irType: "integer", default: "nextval('shop.products_id_seq'::regclass)" },
  name: { irType: "text" },
  price: { irType: "numeric", default: "9.5" },
  note: { irType: "text", default: "'none'::text" },
  colour: { irType: "json", transform: "shop.unhex" },
};
const columns = (...names: string[]) => names.map((name) => field(name, TYPES[name]));

const updatePlan = (names: readonly string[], body: unknown, more: Partial<UpdatePlan> = {}): UpdatePlan => ({
  kind: "update",
  into: target("products"),
  columns: columns(...names),
  body: JSON.stringify(body),
  where: [],
  returning: ["*"],
  applyDefaults: false,
  ...more,
});

const NONE = { handler: { kind: "none" } } as const;
const only = (...names: string[]) => ({ returning: names, readPlan: sourcePlan("products", { select: names.map((name) => select(name)) }) });

describeShop("mutations", (shop) => {
  const rows = (sql: string) => shop.query(`select ${sql}`);

  test("inserts one object", async () => {
    const plan = insertPlan("products", columns("name", "price"), { name: "rug", price: 3 });
    expect(await shop.json(mutateAction(plan))).toMatchObject([{ id: 101, name: "rug", price: 3, note: "none", tags: [] }]);
  });

  test("inserts an array, missing keys being null", async () => {
    const plan = insertPlan("products", columns("name", "note"), [{ name: "a", note: "b" }, { name: "c" }]);
    expect(await shop.run(mutateAction(plan))).toMatchObject({ queryTotal: 2 });
    expect(await rows("name, note from shop.products where id > 100")).toEqual([{ name: "a", note: "b" }, { name: "c", note: null }]);
  });

  const DEFAULTED: ReadonlyArray<readonly [string, unknown]> = [
    ["an object", { name: "a" }],
    ["arrays", [{ name: "a" }, { name: "b", price: 2, note: null }]],
  ];
  test.for(DEFAULTED)("gives missing keys of %s their defaults", async ([, body]) => {
    const plan = insertPlan("products", columns("id", "name", "price", "note"), body, { applyDefaults: true });
    const [first, second] = (await shop.json(mutateAction(plan))) as Array<Record<string, unknown>>;
    expect(first).toMatchObject({ id: 101, name: "a", price: 9.5, note: "none" });
    if (second) expect(second).toMatchObject({ id: 102, name: "b", price: 2, note: null });
  });

  test("inserts rows of nothing but defaults", async () => {
    await shop.query("alter table shop.products alter name set default 'thing'");
    expect(await shop.run(mutateAction(insertPlan("products", [], {})))).toMatchObject({ queryTotal: 1 });
    expect(await shop.run(mutateAction(insertPlan("products", [], [{}, {}])))).toMatchObject({ queryTotal: 2 });
    expect(await shop.run(mutateAction(insertPlan("products", [], [])))).toMatchObject({ queryTotal: 0, body: "[]" });
  });

  test("reads what it inserted as from a table, embeds included", async () => {
    const plan = insertPlan("products", columns("name"), [{ name: "b" }, { name: "a" }], { returning: ["name", "maker_id", "id"] });
    const read = embedding(sourcePlan("products", { select: [select("name")], order: [order("name")] }), makerOf({ schema: "", name: "products" }), "object");
    expect(await shop.json(mutateAction(plan, { readPlan: read }))).toEqual([{ name: "a", makers: null }, { name: "b", makers: null }]);
  });

  test("parses a representation", async () => {
    const plan = insertPlan("products", columns("name", "colour"), { name: "r", colour: "#ff0000" });
    expect(await shop.json(mutateAction(plan))).toMatchObject([{ colour: 16711680 }]);
  });

  test("tells where a single row was inserted, and of no others", async () => {
    const headersOnly = { request: { preferences: { return: "headers-only" } } } as const;
    const one = insertPlan("products", columns("name"), { name: "a" }, { returning: ["id"] });
    expect(await shop.run(mutateAction(one, NONE), headersOnly)).toMatchObject({ location: [["id", "eq.101"]], body: "" });
    const two = insertPlan("products", columns("name"), [{ name: "a" }, { name: "b" }], { returning: ["id"] });
    expect(await shop.run(mutateAction(two, NONE), headersOnly)).toMatchObject({ location: [] });
  });

  test("needs no privilege to select where nothing is returned", async () => {
    await shop.query("create role shop_writer; grant usage on schema shop to shop_writer; grant insert on shop.makers to shop_writer; set local role shop_writer");
    const plan = insertPlan("makers", [field("id", { irType: "integer" }), field("name", { irType: "text" })], { id: 9, name: "z" }, { returning: [] });
    expect(await shop.run(mutateAction(plan, NONE))).toMatchObject({ queryTotal: 1, inserted: null });
  });

  const UPSERTS = [
    ["merge-duplicates", { queryTotal: 2, inserted: 1 }, { name: "LAMP", price: "10" }],
    ["ignore-duplicates", { queryTotal: 1, inserted: null }, { name: "lamp", price: "10" }],
  ] as const;
  test.for(UPSERTS)("upserts: %s, only the columns given", async ([resolution, outcome, product]) => {
    const plan = insertPlan("products", columns("id", "name"), [{ id: 1, name: "LAMP" }, { id: 50, name: "new" }], { onConflict: { resolution, columns: ["id"] } });
    expect(await shop.run(mutateAction(plan))).toMatchObject(outcome);
    expect(await rows("name, price from shop.products where id = 1")).toEqual([product]);
  });

  const PUTS = [
    ["replaces", 1, "1", { queryTotal: 1, inserted: 0 }],
    ["creates", 60, "60", { queryTotal: 1, inserted: 1 }],
    ["does nothing for another key than the URL's", 2, "1", { queryTotal: 0 }],
  ] as const;
  test.for(PUTS)("a PUT %s", async ([, id, inUrl, outcome]) => {
    const plan = insertPlan("products", columns("id", "name"), { id, name: "put" }, { onConflict: { resolution: "merge-duplicates", columns: ["id"] }, where: [where("id", eq(inUrl))] });
    expect(await shop.run(mutateAction(plan, { mutation: "singleUpsert" }))).toMatchObject(outcome);
  });

  test("updates what matches", async () => {
    const plan = updatePlan(["price", "note"], { price: 7, note: null }, { where: [where("maker_id", eq("1"))], returning: ["id"] });
    expect(await shop.run(mutateAction(plan, NONE))).toMatchObject({ queryTotal: 2 });
    expect(await rows("id, price, note from shop.products where price = 7 order by id")).toEqual([{ id: 1, price: "7", note: null }, { id: 2, price: "7", note: null }]);
  });

  test("updates to defaults", async () => {
    const plan = updatePlan(["price", "note"], { note: "x" }, { applyDefaults: true, where: [where("id", eq("1"))] });
    expect(await shop.json(mutateAction(plan))).toMatchObject([{ id: 1, price: 9.5, note: "x" }]);
  });

  test("changes nothing by an empty body, and still selects", async () => {
    const plan = updatePlan([], {}, only("id"));
    expect(await shop.run(mutateAction(plan, only("id")))).toMatchObject({ queryTotal: 0, body: "[]" });
  });

  test("deletes what matches and returns it", async () => {
    const plan = { kind: "delete", from: target("products"), where: [where("id", eq("4"))], returning: ["id", "name"] } as const;
    expect(await shop.json(mutateAction(plan, { readPlan: only("name").readPlan }))).toEqual([{ name: "orphan" }]);
    expect(await rows("count(*)::int from shop.products")).toEqual([{ count: 3 }]);
  });

  test("renders CSV of the columns selected, not of all that were returned", async () => {
    const plan = insertPlan("products", columns("name"), { name: "a" }, { returning: ["id", "name"] });
    expect((await shop.run(mutateAction(plan, { handler: { kind: "csv" }, readPlan: only("name").readPlan }))).body).toBe("name\na");
  });

  test("explains without doing", async () => {
    const plan = insertPlan("products", columns("name"), { name: "a" });
    const explained = mutateAction(plan, { mediaType: { kind: "plan", for: { kind: "json" }, format: "text", options: [] } });
    expect((await shop.run(explained)).body).toContain("Insert on products");
    expect(await rows("count(*)::int from shop.products")).toEqual([{ count: 4 }]);
  });
});
