import { expect, test } from "vitest";
import type { CoercibleLogicTree } from "../../src/plan/coercible.ts";
import { compare, order, readAction, readPlan, request, select, target, where } from "./plans.ts";
import { computedMakerOf, embedding, labelsOf, makerOf, productsOf, spreading } from "./embeds.ts";
import { buildQuery } from "../../src/query/build-query.ts";
import { CONFIG } from "./plans.ts";
import { describeShop } from "./shop.ts";

const products = readPlan("products", { select: [select("id")], order: [order("id")] });
const makers = readPlan("makers", { select: [select("name")], order: [order("id")] });
const nullEmbed = (aggregateAlias: string, negated: boolean): CoercibleLogicTree => ({ kind: "filter", filter: { kind: "nullEmbed", aggregateAlias, negated } });
const name = { select: [select("name")] };
const toMany = { kind: "toMany", extraSelect: [], order: [] } as const;
const counted = { request: { topLevelRange: { offset: 0, limit: 1 }, preferences: { count: "exact" } } } as const;

describeShop("embeds", (shop) => {
  test("to one, as an object or null", async () => {
    expect(await shop.json(readAction(embedding(products, makerOf(target("products"), name), "object", "by")))).toEqual([
      { id: 1, by: { name: "Ada" } },
      { id: 2, by: { name: "Ada" } },
      { id: 3, by: { name: "Linus" } },
      { id: 4, by: null },
    ]);
  });

  test("to many, as an array, each with its own order, limit and filter", async () => {
    const child = productsOf(target("makers"), { order: [order("id", "desc")], range: { offset: 0, limit: 1 }, where: [where("price", compare("gt", "0"))] });
    expect(await shop.json(readAction(embedding(makers, child, "array")))).toEqual([
      { name: "Ada", products: [{ id: 2 }] },
      { name: "Linus", products: [{ id: 3 }] },
      { name: "Idle", products: [] },
    ]);
  });

  test("through a junction", async () => {
    const plan = embedding(products, labelsOf(target("products"), { order: [order("label")] }), "array");
    expect(await shop.json(readAction(plan))).toMatchObject([{ labels: [{ label: "new" }, { label: "sale" }] }, { labels: [{ label: "sale" }] }, { labels: [] }, { labels: [] }]);
  });

  test("by a function, in a read and below a function's rows", async () => {
    const direct = embedding(products, computedMakerOf("products", name), "object", "maker");
    expect(await shop.json(readAction(direct))).toMatchObject([{ maker: { name: "Ada" } }, {}, { maker: { name: "Linus" } }, { maker: null }]);
  });

  test("inside embeds", async () => {
    const inner = embedding(productsOf(target("makers"), { order: [order("id")] }), labelsOf({ schema: "", name: "products_1" }), "array");
    expect(await shop.json(readAction(embedding(makers, inner, "array")))).toMatchObject([{ products: [{ labels: [{}, {}] }, { labels: [{}] }] }, {}, {}]);
  });

  test("inner: rows without any are left out, of the count too", async () => {
    const toOne = embedding(products, makerOf(target("products"), { ...name, join: "inner", where: [where("name", compare("eq", "Ada"))] }), "object");
    expect(await shop.json(readAction(toOne))).toMatchObject([{ id: 1 }, { id: 2 }]);
    expect(await shop.run(readAction({ ...toOne, range: { offset: 0, limit: 1 } }), counted)).toMatchObject({ queryTotal: 1, tableTotal: 2 });
    const toMany = embedding(makers, productsOf(target("makers"), { join: "inner" }), "array");
    expect(await shop.json(readAction(toMany))).toMatchObject([{ name: "Ada" }, { name: "Linus" }]);
  });

  const PRESENCE = [
    ["to one, absent", embedding(products, makerOf(target("products")), "object"), "products_makers_1", false, 1],
    ["to one, present", embedding(products, makerOf(target("products")), "object"), "products_makers_1", true, 3],
    ["to many, absent", embedding(makers, productsOf(target("makers")), "array"), "makers_products_1", false, 1],
    ["to many, present", embedding(makers, productsOf(target("makers")), "array"), "makers_products_1", true, 2],
  ] as const;
  test.for(PRESENCE)("filtered by presence: %s", async ([, plan, alias, present, rows]) => {
    const filtered = { ...plan, where: [nullEmbed(alias, present)] };
    expect(await shop.run(readAction(filtered))).toMatchObject({ queryTotal: rows });
    expect(await shop.run(readAction({ ...filtered, range: { offset: 0, limit: 1 } }), counted)).toMatchObject({ tableTotal: rows });
  });

  test("ordered by a column of an embed", async () => {
    const plan = embedding({ ...products, order: [{ kind: "relation", relation: "products_makers_1", field: { name: "name", jsonPath: [] }, direction: "desc", nulls: "last" }, order("id")] }, makerOf(target("products"), name), "object");
    expect(await shop.json(readAction(plan))).toMatchObject([{ id: 3 }, { id: 1 }, { id: 2 }, { id: 4 }]);
  });

  test("spread to one", async () => {
    const child = makerOf(target("products"), { select: [select("name", { alias: "maker" })], spread: { kind: "toOne" } });
    expect(await shop.json(readAction(spreading(products, child, ["maker"])))).toEqual([
      { id: 1, maker: "Ada" },
      { id: 2, maker: "Ada" },
      { id: 3, maker: "Linus" },
      { id: 4, maker: null },
    ]);
  });

  test("spread to many, as ordered arrays", async () => {
    const extra = [[undefined, select("price", { alias: "o_price_1" })]] as const;
    const child = productsOf(target("makers"), { select: [select("id"), select("price")], spread: { kind: "toMany", extraSelect: extra, order: [order("o_price_1", "desc")] } });
    expect(await shop.json(readAction(spreading(makers, child, ["id", "price"])))).toEqual([
      { name: "Ada", id: [2, 1], price: [99.5, 10] },
      { name: "Linus", id: [3], price: [1] },
      { name: "Idle", id: [], price: [] },
    ]);
  });

  test("spread to many, inner", async () => {
    const child = productsOf(target("makers"), { join: "inner", spread: toMany });
    expect(await shop.json(readAction(spreading(makers, child, ["id"])))).toHaveLength(2);
  });

  test("grouped by", async () => {
    const parent = readPlan("products", { select: [select("*", { aggregate: "count" })] });
    const plan = embedding(parent, makerOf(target("products"), name), "object");
    expect(await shop.json(readAction(plan))).toEqual(expect.arrayContaining([{ count: 2, makers: { name: "Ada" } }, { count: 1, makers: null }]));
    const many = embedding(readPlan("makers", { select: [select("*", { aggregate: "count" })] }), productsOf(target("makers"), { order: [order("id")] }), "array");
    expect(await shop.json(readAction(many))).toEqual(expect.arrayContaining([{ count: 1, products: [{ id: 1 }, { id: 2 }] }]));
  });

  test("spread aggregates, hoisted into the parent", async () => {
    const child = makerOf(target("products"), { select: [select("id", { alias: "id" })], spread: { kind: "toOne" } });
    const plan = spreading(readPlan("products", { select: [select("note")], order: [order("note")] }), child, []);
    const hoisted = { ...plan, relationSelect: [{ kind: "spread", aggregateAlias: child.aggregateAlias, fields: [{ name: "id", aggregate: "max", aggregateCast: "text", alias: "newest" }] }] } as const;
    expect(await shop.json(readAction(hoisted))).toEqual([{ note: "none", newest: "1" }, { note: "x", newest: "2" }, { note: null, newest: "1" }]);
  });

  test("counts whole rows of a spread, not its parent's", async () => {
    const child = makerOf(target("products"), { select: [select("*", { alias: "count", field: { fullRow: true } })], spread: { kind: "toOne" } });
    const plan = spreading(readPlan("products", { select: [] }), child, []);
    const hoisted = { ...plan, relationSelect: [{ kind: "spread", aggregateAlias: child.aggregateAlias, fields: [{ name: "count", aggregate: "count", aggregateCast: undefined, alias: "count" }] }] } as const;
    expect(await shop.json(readAction(hoisted))).toEqual([{ count: 3 }]);
  });

  test("to many after the limit, not before it", () => {
    const plan = embedding({ ...makers, range: { offset: 0, limit: 1 } }, productsOf(target("makers")), "array");
    expect(buildQuery(readAction(plan), request(), CONFIG).main.sql).not.toContain("lateral");
  });

  test("nothing of an embed that selects nothing", async () => {
    const plan = embedding(products, makerOf(target("products"), { select: [], join: "inner" }), "object");
    const empty = { ...plan, relationSelect: [{ kind: "jsonEmbed", name: "makers", aggregateAlias: "products_makers_1", mode: "object", empty: true }] } as const;
    expect(await shop.json(readAction(empty))).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  });

});
