import { describe, expect, test } from "vitest";
import { legacyWarnings } from "../../src/response/legacy-warnings.ts";
import { planRequest } from "../../src/plan/plan-request.ts";
import { errorOf, levelOf, mutationOf, readPlanOf } from "./builders/plans.ts";
import { CONFIG, either, embed, eq, field, fieldOf, isNull, mutate, read, where } from "./builders/request.ts";
import { reference, schemaCache, table } from "./builders/schema-cache.ts";

const cache = schemaCache({
  tables: [
    table("clients", { id: "integer", name: "text" }),
    table("projects", { id: "integer", client_id: "integer", name: "text" }),
    table("tasks", { id: "integer", project_id: "integer", name: "text" }),
  ],
  relationships: [
    ...reference("projects", "clients", "client", [["client_id", "id"]]),
    ...reference("tasks", "projects", "project", [["project_id", "id"]]),
  ],
});
const nested = [field("id"), embed("projects", [field("id"), embed("tasks", [field("id")])])];
const names = (trees: readonly object[]): string => JSON.stringify(trees, (key, value: unknown) => (key === "jsonPath" ? undefined : value)).match(/"name":"(\w+)"/g)?.join() ?? "";
const order = (relation: string) => [[[], [{ kind: "relation", relation, field: fieldOf("name"), direction: undefined, nulls: undefined }]]] as const;

describe("filters, orders and ranges", () => {
  const plan = readPlanOf(
    read("clients", {
      select: nested,
      filters: [[["projects"], eq("name", "a")], [[], eq("id", "1")], [["projects", "tasks"], eq("id", "2")], [["projects"], eq("client_id", "b")]],
      logic: [[["projects"], either(eq("id", "3"), eq("id", "4"))]],
      order: [
        [["projects"], [{ kind: "field", field: fieldOf("name"), direction: "asc", nulls: undefined }]],
        [["projects"], [{ kind: "field", field: fieldOf("id"), direction: "asc", nulls: undefined }]],
      ],
      ranges: new Map([["limit", { offset: 3, limit: 4 }], ["projects.tasks.limit", { offset: 0, limit: 2 }]]),
    }),
    cache,
  );

  test("go to the level they name", () => {
    expect(names(plan.where)).toBe('"name":"id"');
    expect(names(levelOf(plan, "projects", "tasks").where)).toBe('"name":"id"');
    expect(plan.range).toEqual({ offset: 3, limit: 4 });
    expect(levelOf(plan, "projects").range).toEqual({ offset: 0, limit: undefined });
    expect(levelOf(plan, "projects", "tasks").range).toEqual({ offset: 0, limit: 2 });
  });

  test("keep their order, logic trees first", () => {
    expect(names(levelOf(plan, "projects").where)).toBe('"name":"id","name":"id","name":"name","name":"client_id"');
  });

  test("the first of two orders of a level counts", () => {
    expect(levelOf(plan, "projects").order).toMatchObject([{ field: { name: "name" } }]);
  });

  test("a quoted name in a range's key may hold a dot", () => {
    const quoted = read("clients", { select: [embed("projects")], ranges: new Map([['"a.b".limit', { offset: 0, limit: 1 }]]) });
    expect(errorOf(quoted, cache).message).toBe("'a.b' is not an embedded resource in this request");
  });

  test("of two embeds by one name the first is meant", () => {
    const twice = readPlanOf(read("clients", { select: [embed("projects"), embed("projects")], filters: [[["projects"], eq("id", "1")]] }), cache);
    expect(twice.children.map((child) => child.where.length)).toEqual([1, 0]);
  });

  test("a level that isn't embedded is an error", () => {
    expect(errorOf(read("clients", { filters: [[["projects"], eq("id", "1")], [["tasks"], eq("id", "1")]] }), cache)).toEqual({
      code: "PGRST108",
      status: 400,
      message: "'tasks' is not an embedded resource in this request",
      details: null,
      hint: "Verify that 'tasks' is included in the 'select' query parameter.",
    });
  });
});

describe("maxRows", () => {
  const ranges = new Map([["limit", { offset: 3, limit: 50 }], ["projects.limit", { offset: 0, limit: 2 }]]);

  test("limits every level of a read", () => {
    const plan = readPlanOf(read("clients", { select: nested, ranges }), cache, { maxRows: 10 });
    expect(plan.range).toEqual({ offset: 3, limit: 10 });
    expect(levelOf(plan, "projects").range).toEqual({ offset: 0, limit: 2 });
    expect(levelOf(plan, "projects", "tasks").range).toEqual({ offset: 0, limit: 10 });
  });

  test("limits no mutation, and neither do ranges", () => {
    const plan = readPlanOf(mutate("delete", "clients", { select: nested, ranges }), cache, { maxRows: 10 });
    expect([plan.range.limit, levelOf(plan, "projects").range.limit]).toEqual([undefined, undefined]);
  });
});

describe("embeds that are filtered and ordered by", () => {
  test("null filters become joins, also inside of logic trees", () => {
    const request = read("clients", { select: nested, filters: [[[], isNull("projects", true)]], logic: [[[], either(isNull("projects"), isNull("name"))]] });
    expect(readPlanOf(request, cache).where).toMatchObject([
      { children: [{ filter: { kind: "nullEmbed", negated: false, aggregateAlias: "clients_projects_1" } }, { filter: { kind: "field" } }] },
      { filter: { kind: "nullEmbed", negated: true, aggregateAlias: "clients_projects_1" } },
    ]);
  });

  test.each([["an alias", [embed("p:projects")], "p", "nullEmbed"], ["a relation with an alias", [embed("p:projects")], "projects", "field"], ["no embed", [], "projects", "field"]] as const)(
    "a null filter on %s",
    (_, select, name, kind) => {
      expect(readPlanOf(read("clients", { select, filters: [[[], isNull(name)]] }), cache).where).toMatchObject([{ filter: { kind } }]);
    },
  );

  test("no other filter does", () => {
    const filters = [[[], where("projects", { kind: "is", value: "not_null" })], [[], eq("projects", "1")]] as const;
    expect(readPlanOf(read("clients", { select: nested, filters }), cache).where).toMatchObject([{ filter: { kind: "field" } }, { filter: { kind: "field" } }]);
  });

  test("a related order takes the embed's alias", () => {
    const plan = readPlanOf(read("projects", { select: [embed("c:clients")], order: order("c") }), cache);
    expect(plan.order).toMatchObject([{ kind: "relation", relation: "projects_c_1", field: { name: "name" } }]);
  });

  test("a related order needs an embed of one row", () => {
    expect(errorOf(read("clients", { select: nested, order: order("projects") }), cache)).toEqual({
      code: "PGRST118",
      status: 400,
      message: "A related order on 'projects' is not possible",
      details: "'clients' and 'projects' do not form a many-to-one or one-to-one relationship",
      hint: null,
    });
    expect(errorOf(read("projects", { order: order("clients") }), cache).code).toBe("PGRST108");
  });
});

describe("embeds with an alias", () => {
  const request = read("clients", { select: [embed("p:projects")], filters: [[["projects"], eq("id", "1")]] });

  test("go by the alias alone", () => {
    expect(levelOf(readPlanOf(read("clients", { select: [embed("p:projects")], filters: [[["p"], eq("id", "1")]] }), cache), "p").where).toHaveLength(1);
    expect(errorOf(request, cache)).toMatchObject({
      code: "PGRST108",
      details: "Target names are not allowed in filters if they have an alias",
      hint: "Change 'projects' to 'p' in filters, orders or limits.",
    });
  });

  test("go by their relation too where legacy names are on, with a warning", () => {
    const plan = planRequest(request, cache, { ...CONFIG, urlUseLegacyTargetNames: true });
    expect(legacyWarnings(plan)).toEqual([{ relationName: "projects", alias: "p" }]);
    expect(legacyWarnings(planRequest(read("clients", { select: nested }), cache, CONFIG))).toEqual([]);
  });
});

test("filters of a mutation's top level say what is changed, not what is shown", () => {
  const { readPlan, mutatePlan } = mutationOf(mutate("update", "clients", { select: nested, filters: [[[], eq("id", "1")], [["projects"], eq("id", "2")]] }), cache);
  expect(readPlan.where).toEqual([]);
  expect(levelOf(readPlan, "projects").where).toHaveLength(1);
  expect(mutatePlan.where).toMatchObject([{ filter: { field: { name: "id", irType: "integer" } } }]);
});
