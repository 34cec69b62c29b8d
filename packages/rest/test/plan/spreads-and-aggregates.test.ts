import { describe, expect, test } from "vitest";
import { errorOf, fieldNames, levelOf, readPlanOf } from "./builders/plans.ts";
import { embed, field, fieldOf, read, spread, star } from "./builders/request.ts";
import { reference, schemaCache, table } from "./builders/schema-cache.ts";

const cache = schemaCache({
  tables: [
    table("clients", { id: "integer", name: "text" }),
    table("projects", { id: "integer", client_id: "integer", budget: "integer" }),
    table("tasks", { id: "integer", project_id: "integer", name: "text" }),
  ],
  relationships: [
    ...reference("projects", "clients", "client", [["client_id", "id"]]),
    ...reference("tasks", "projects", "project", [["project_id", "id"]]),
  ],
});
const plain = { aggregate: undefined, aggregateCast: undefined, alias: undefined };
const count = field("*", { aggregate: "count" });

describe("spreads to one", () => {
  test("lift the fields and embeds of their level into the parent", () => {
    const plan = readPlanOf(read("tasks", { select: [field("id"), spread("projects", [field("budget", { alias: "money" }), spread("clients", [field("name")]), embed("project:tasks", [])])] }), cache);
    expect(plan.relationSelect).toEqual([{ kind: "spread", aggregateAlias: "tasks_projects_1", fields: [{ name: "money", ...plain }, { name: "name", ...plain }] }]);
    expect(levelOf(plan, "projects").spread).toEqual({ kind: "toOne" });
  });

  test("a star stays a star", () => {
    expect(readPlanOf(read("tasks", { select: [spread("projects")] }), cache).relationSelect).toMatchObject([{ fields: [{ name: "*" }] }]);
  });

  test("hoist aggregates to where their rows are", () => {
    const plan = readPlanOf(read("projects", { select: [field("id"), spread("clients", [field("id", { aggregate: "sum", alias: "total" }), field("name")])] }), cache);
    expect(levelOf(plan, "clients").select).toMatchObject([{ aggregate: undefined, alias: "total" }, { aggregate: undefined }]);
    expect(plan.relationSelect).toMatchObject([{ fields: [{ name: "total", aggregate: "sum", alias: "total" }, { name: "name", aggregate: undefined }] }]);
  });

  test("hoist through several spreads, counting whole rows of the level", () => {
    const plan = readPlanOf(read("tasks", { select: [spread("projects", [spread("clients", [count])])] }), cache);
    expect(levelOf(plan, "projects", "clients").select).toMatchObject([{ aggregate: undefined, alias: "count", field: { name: "*", fullRow: true } }]);
    expect(levelOf(plan, "projects").relationSelect).toMatchObject([{ fields: [{ name: "count", aggregate: undefined }] }]);
    expect(plan.relationSelect).toMatchObject([{ fields: [{ name: "count", aggregate: "count", alias: "count" }] }]);
  });

  test("hoist no further than a level that becomes JSON", () => {
    const plan = readPlanOf(read("clients", { select: [embed("projects", [spread("clients", [count])])] }), cache);
    expect(levelOf(plan, "projects").relationSelect).toMatchObject([{ fields: [{ aggregate: "count" }] }]);
    expect(plan.relationSelect).toMatchObject([{ kind: "jsonEmbed" }]);
  });
});

describe("spreads to many", () => {
  const order = [
    [["projects"], [
      { kind: "field", field: fieldOf("budget"), direction: "desc", nulls: undefined },
      { kind: "relation", relation: "clients", field: fieldOf("name"), direction: undefined, nulls: "first" },
    ]],
  ] as const;
  const plan = readPlanOf(read("clients", { select: [spread("projects", [star(), embed("clients", [])])], order }), cache);

  test("write out a star", () => {
    expect(fieldNames(levelOf(plan, "projects"))).toEqual(["id", "client_id", "budget"]);
  });

  test("select what they are ordered by under aliases, and order by these", () => {
    const { spread: toMany, order: left } = levelOf(plan, "projects");
    expect(left).toEqual([]);
    expect(toMany).toMatchObject({
      kind: "toMany",
      extraSelect: [
        [undefined, { alias: "clients_projects_1_budget_1", field: { name: "budget", irType: "" } }],
        ["projects_clients_2", { alias: "clients_projects_1_name_2", field: { name: "name" } }],
      ],
      order: [
        { kind: "field", field: { name: "clients_projects_1_budget_1" }, direction: "desc", nulls: undefined },
        { kind: "field", field: { name: "clients_projects_1_name_2" }, direction: undefined, nulls: "first" },
      ],
    });
  });

  test.each([
    ["of its own", [field("budget", { aggregate: "sum" })]],
    ["spread into it", [spread("clients", [count])]],
  ])("take no aggregates %s", (_, select) => {
    expect(errorOf(read("clients", { select: [spread("projects", select)] }), cache)).toEqual({
      code: "PGRST127",
      status: 400,
      message: "Feature not implemented",
      details: "Aggregates are not implemented for one-to-many or many-to-many spreads.",
      hint: null,
    });
  });
});

describe("aggregates", () => {
  test.each([
    ["at the top", [count]],
    ["in an embed", [embed("projects", [count])]],
  ])("can be switched off: %s", (_, select) => {
    expect(errorOf(read("clients", { select }), cache, { aggregatesEnabled: false })).toEqual({
      code: "PGRST123",
      status: 400,
      message: "Use of aggregate functions is not allowed",
      details: null,
      hint: null,
    });
    expect(readPlanOf(read("clients", { select }), cache).depth).toBe(0);
  });
});
