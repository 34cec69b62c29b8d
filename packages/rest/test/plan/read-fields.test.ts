import { describe, expect, test } from "vitest";
import type { SelectNode } from "../../src/request/select.ts";
import { callOf, fieldNames, levelOf, readPlanOf } from "./builders/plans.ts";
import { call, embed, eq, field, fieldOf, read, star, where } from "./builders/request.ts";
import { reference, routine, schemaCache, table } from "./builders/schema-cache.ts";

const cache = schemaCache({
  tables: [
    table("clients", { id: "integer", name: "text", data: "jsonb", tags: "text[]", search: "tsvector" }),
    table("projects", { id: "integer", client_id: "integer", color: "test.color/integer", name: "text" }),
  ],
  relationships: reference("projects", "clients", "client", [["client_id", "id"]]),
  routines: [routine("any_rows", [], { returns: { setOf: true, kind: "scalar", type: { schema: "pg_catalog", name: "record" }, isDomainAlias: false } })],
  representations: [
    { sourceType: "test.color", targetType: "json", function: "test.color_json" },
    { sourceType: "json", targetType: "test.color", function: "test.json_color" },
    { sourceType: "text", targetType: "test.color", function: "test.text_color" },
  ],
});

describe("fields that are selected", () => {
  test("a star is left to PostgreSQL where nothing needs its columns", () => {
    expect(fieldNames(readPlanOf(read("clients"), cache))).toEqual(["*"]);
  });

  test("a star of a table with a represented column is written out", () => {
    const plan = readPlanOf(read("projects"), cache);
    expect(fieldNames(plan)).toEqual(["id", "client_id", "color:color", "name"]);
    expect(plan.select[2]?.field).toMatchObject({ irType: "test.color", baseType: "integer", transform: "test.color_json" });
    expect(plan.select[3]?.field).toMatchObject({ irType: "text", transform: undefined });
  });

  test("so is the star of an embed", () => {
    const plan = readPlanOf(read("clients", { select: [field("id"), embed("projects")] }), cache);
    expect(fieldNames(levelOf(plan, "projects"))).toContain("color:color");
  });

  test.each([
    ["data->a", "a", false],
    ["data->a->>b", "b", false],
    ["data->1->key->>2", "key", false],
    ["data->3", "data", false],
    ["tags->0", "tags", true],
    ["unknown->x", "x", true],
  ])("the JSON path %s is named %s, and made of jsonb first: %s", (path, alias, toJson) => {
    const [selected] = readPlanOf(read("clients", { select: [field(path)] }), cache).select;
    expect(selected).toMatchObject({ alias, field: { toJson } });
  });

  test("a given alias and cast stay", () => {
    const plan = readPlanOf(read("clients", { select: [field("data->a", { alias: "mine", cast: "text" })] }), cache);
    expect(plan.select[0]).toMatchObject({ alias: "mine", cast: "text" });
  });

  test("a column without a path isn't made of jsonb", () => {
    expect(readPlanOf(read("clients", { select: [field("tags")] }), cache).select[0]?.field.toJson).toBe(false);
  });

  test("aggregates need the columns of a star beside them and below, but stay as they are at the top", () => {
    const plan = readPlanOf(read("clients", { select: [star(), field("*", { aggregate: "count" }), embed("projects")] }), cache);
    expect(fieldNames(plan)).toEqual(["id", "name", "data", "tags", "search", "*"]);
    expect(plan.select.at(-1)).toMatchObject({ aggregate: "count", alias: undefined, field: { fullRow: false } });
    expect(fieldNames(levelOf(plan, "projects"))).toHaveLength(4);
  });
});

test("the star of an embed is written out below an aggregate only", () => {
  const below = (select: readonly SelectNode[]) => fieldNames(levelOf(readPlanOf(read("projects", { select }), cache), "clients"));
  expect(below([embed("clients")])).toEqual(["*"]);
  expect(below([field("*", { aggregate: "count" }), embed("clients")])).toEqual(["id", "name", "data", "tags", "search"]);
});

describe("fields that are filtered and ordered by", () => {
  const fts = { kind: "fts", operator: "fts", language: "english", value: "cat" } as const;

  test.each([
    ["name", { language: "english" }],
    ["search", undefined],
    ["unknown", undefined],
  ])("full-text search on %s makes a tsvector with %o", (name, toTsVector) => {
    const [tree] = readPlanOf(read("clients", { filters: [[[], where(name, fts)]] }), cache).where;
    expect(tree).toMatchObject({ filter: { field: { name, toTsVector } } });
  });

  test("a value is parsed by the representation from text", () => {
    const [tree] = readPlanOf(read("projects", { filters: [[[], eq("color", "#fff")]] }), cache).where;
    expect(tree).toMatchObject({ filter: { field: { irType: "text", transform: "test.text_color" } } });
  });

  test("an order knows the column's type and takes no representation", () => {
    const order = [[[], [{ kind: "field", field: fieldOf("color"), direction: "desc", nulls: "last" }]]] as const;
    const [term] = readPlanOf(read("projects", { order }), cache).order;
    expect(term).toMatchObject({ kind: "field", direction: "desc", nulls: "last", field: { irType: "test.color", transform: undefined } });
  });

  test("what a routine returns without a table is taken as it is", () => {
    const plan = callOf(call("read", "any_rows", { filters: [[[], eq("whatever", "1")]], select: [field("whatever")] }), cache);
    expect(plan.readPlan).toMatchObject({ from: { schema: "", name: "pgrst_source" }, fromAlias: "any_rows", select: [{ field: { irType: "" } }] });
    expect([...plan.callPlan.columnsRead]).toEqual(["whatever"]);
  });
});
