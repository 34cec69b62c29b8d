import { describe, expect, test } from "vitest";
import type { Payload } from "../../src/request/api-request.ts";
import { errorOf, mutationOf } from "./builders/plans.ts";
import { either, embed, eq, field, mutate, star, where } from "./builders/request.ts";
import type { RequestParts } from "./builders/request.ts";
import { computed, manyToMany, reference, schemaCache, table } from "./builders/schema-cache.ts";

const cache = schemaCache({
  tables: [
    table("projects", { id: "integer", name: "text", color: "test.color/integer", client_id: "integer" }),
    table("pairs", { a: "integer", b: "integer", note: "text" }, ["a", "b"]),
    table("keyless", { a: "integer" }, []),
  ],
  relationships: [
    ...reference("projects", "clients", "client", [["client_id", "id"]]),
    manyToMany("projects", "users", "members", [["id", "project_id"]], [["id", "user_id"]]),
    computed("computed_clients", "projects", "clients", true),
  ],
  representations: [
    { sourceType: "json", targetType: "test.color", function: "test.json_color" },
    { sourceType: "text", targetType: "test.color", function: "test.text_color" },
  ],
});
const body = (raw: string): Pick<RequestParts, "payload" | "columns"> => {
  const keys = new Set(Object.keys(JSON.parse(raw) as object));
  return { payload: { kind: "json", raw, keys }, columns: keys };
};
const row = body('{"name":"x","color":"#000000"}');
const representation = { return: "representation" } as const;

describe("columns of the payload", () => {
  test.each(["create", "update"] as const)("%s: sorted, with what parses them", (mutation) => {
    const { mutatePlan } = mutationOf(mutate(mutation, "projects", row), cache);
    expect(mutatePlan).toMatchObject({
      into: { schema: "test", name: "projects" },
      body: '{"name":"x","color":"#000000"}',
      columns: [{ name: "color", irType: "json", baseType: "integer", transform: "test.json_color" }, { name: "name", irType: "text", transform: undefined }],
      applyDefaults: false,
    });
  });

  test.each(["create", "update"] as const)("%s: an unknown one is an error", (mutation) => {
    expect(errorOf(mutate(mutation, "projects", body('{"zz":1,"helicopter":1}')), cache)).toEqual({
      code: "PGRST204",
      status: 400,
      message: "Could not find the 'helicopter' column of 'projects' in the schema cache",
      details: null,
      hint: null,
    });
  });

  test("a form becomes JSON", () => {
    const payload: Payload = { kind: "urlEncoded", pairs: [["name", "a"], ["name", "b"]], keys: new Set(["name"]) };
    expect(mutationOf(mutate("create", "projects", { payload, columns: payload.keys }), cache).mutatePlan).toMatchObject({ body: '{"name":"b"}' });
  });

  test("missing=default", () => {
    const parts = { ...row, prefer: { missing: "default" } } as const;
    expect(mutationOf(mutate("create", "projects", parts), cache).mutatePlan).toMatchObject({ applyDefaults: true });
    expect(mutationOf(mutate("update", "projects", parts), cache).mutatePlan).toMatchObject({ applyDefaults: true });
  });
});

describe("conflicts", () => {
  test.each([
    ["no preference", {}, undefined, undefined],
    ["on_conflict alone", {}, ["name"], undefined],
    ["the key", { resolution: "merge-duplicates" }, undefined, { resolution: "merge-duplicates", columns: ["id"] }],
    ["on_conflict", { resolution: "ignore-duplicates" }, ["name"], { resolution: "ignore-duplicates", columns: ["name"] }],
  ] as const)("%s", (_, prefer, onConflict, expected) => {
    expect(mutationOf(mutate("create", "projects", { ...row, prefer, ...(onConflict && { onConflict }) }), cache).mutatePlan).toMatchObject({ onConflict: expected, primaryKey: ["id"], where: [] });
  });
});

describe("PUT", () => {
  const pair = body('{"a":1,"b":2}');

  test("merges the row that is named by its whole key", () => {
    const plan = mutationOf(mutate("singleUpsert", "pairs", { ...pair, filters: [[[], eq("b", "2")], [[], eq("a", "1")]], prefer: { missing: "default", resolution: "ignore-duplicates" } }), cache);
    expect(plan).toMatchObject({ mutation: "singleUpsert", mutatePlan: { kind: "insert", onConflict: { resolution: "merge-duplicates", columns: ["a", "b"] }, applyDefaults: false } });
    expect(plan.mutatePlan.where).toMatchObject([{ filter: { field: { name: "b" } } }, { filter: { field: { name: "a" } } }]);
  });

  const anyOf = { kind: "quantified", operator: "eq", quantifier: "any", value: "{1}" } as const;
  test.each<[string, string, RequestParts]>([
    ["no filter", "pairs", {}],
    ["a part of the key", "pairs", { filters: [[[], eq("a", "1")]] }],
    ["another column", "pairs", { filters: [[[], eq("a", "1")], [[], eq("note", "x")]] }],
    ["one column more", "pairs", { filters: [[[], eq("a", "1")], [[], eq("b", "1")], [[], eq("note", "x")]] }],
    ["another operator", "pairs", { filters: [[[], eq("a", "1")], [[], where("b", { kind: "quantified", operator: "gt", quantifier: undefined, value: "1" })]] }],
    ["a negation", "pairs", { filters: [[[], eq("a", "1")], [[], where("b", { kind: "quantified", operator: "eq", quantifier: undefined, value: "1" }, true)]] }],
    ["a quantifier", "pairs", { filters: [[[], eq("a", "1")], [[], where("b", anyOf)]] }],
    ["a logic tree", "pairs", { filters: [[[], eq("a", "1")], [[], eq("b", "1")]], logic: [[[], either(eq("a", "1"))]] }],
    ["a table without key", "keyless", {}],
  ])("refuses %s", (_, name, parts) => {
    expect(errorOf(mutate("singleUpsert", name, { ...parts, ...pair }), cache)).toEqual({
      code: "PGRST105",
      status: 405,
      message: "Filters must include all and only primary key columns with 'eq' operators",
      details: null,
      hint: null,
    });
  });
});

describe("rows that are changed", () => {
  test.each(["update", "delete"] as const)("%s: by filters, then logic trees", (mutation) => {
    const { mutatePlan, readOnly } = mutationOf(mutate(mutation, "projects", { filters: [[[], eq("color", "#fff")], [[], eq("id", "1")]], logic: [[[], either(eq("id", "1"), eq("id", "2"))]] }), cache);
    expect(mutatePlan.where).toMatchObject([{ filter: { field: { name: "color", transform: "test.text_color" } } }, { filter: { field: { name: "id" } } }, { kind: "logic", operator: "or" }]);
    expect(readOnly).toBe(false);
  });
});

describe("columns that are returned", () => {
  test.each<[string, RequestParts, readonly string[]]>([
    ["nothing was asked for", { select: [field("name")] }, []],
    ["return=minimal", { select: [field("name")], prefer: { return: "minimal" } }, []],
    ["return=headers-only: what Location needs", { select: [field("name")], prefer: { return: "headers-only" } }, ["id", "name"]],
    ["all", { select: [field("name"), star(), embed("clients")], prefer: representation }, ["*"]],
    ["those of a many-to-one join", { select: [field("name"), embed("clients")], prefer: representation }, ["client_id", "id", "name"]],
    ["those of a many-to-many join", { select: [embed("users")], prefer: representation }, ["id"]],
    ["all for a computed relationship", { select: [field("name"), embed("computed_clients")], prefer: representation }, ["*"]],
  ])("%s", (_, parts, expected) => {
    expect(mutationOf(mutate("delete", "projects", parts), cache).mutatePlan.returning).toEqual(expected);
  });

  test("a body is made only for return=representation", () => {
    expect(mutationOf(mutate("create", "projects", row), cache)).toMatchObject({ handler: { kind: "none" }, mediaType: { kind: "json" } });
    expect(mutationOf(mutate("create", "projects", { ...row, prefer: representation }), cache).handler).toEqual({ kind: "json" });
  });
});
