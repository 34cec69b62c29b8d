import { describe, expect, test } from "vitest";
import { errorOf, levelOf, readPlanOf } from "./builders/plans.ts";
import { call, embed, field, mutate, read } from "./builders/request.ts";
import { computed, manyToMany, oneToOne, reference, routine, schemaCache, SCHEMA, table } from "./builders/schema-cache.ts";

const views = reference("messages", "person_view", "messages_person_fkey", [["person_id", "id"]]).map((relationship) => ({ ...relationship, foreignTableIsView: relationship.foreignTable.name === "person_view" }));
const cache = schemaCache({
  tables: ["clients", "projects", "tasks", "users", "sites", "people", "messages", "first"].map((name) => table(name, { id: "integer" })),
  relationships: [
    ...reference("projects", "clients", "client_fkey", [["client_id", "id"]]),
    ...reference("tasks", "projects", "project_fkey", [["project_id", "id"]]),
    manyToMany("users", "tasks", "users_tasks", [["id", "user_id"]], [["id", "task_id"]]),
    ...reference("sites", "projects", "main_project", [["main_project_id", "id"]]),
    manyToMany("sites", "projects", "jobs", [["id", "site_id"]], [["id", "project_id"], ["no", "project_no"]]),
    ...reference("people", "people", "parent_fkey", [["parent_id", "id"]]),
    ...views,
    ...reference("shifts", "workdays", "composite_fkey", [["unit", "unit"], ["day", "day"]]),
    oneToOne("first", "second", "second_1_fkey", [["second_1", "id"]]),
    oneToOne("first", "second", "second_2_fkey", [["second_2", "id"]]),
    computed("computed_clients", "projects", "clients", true),
  ],
  routines: [routine("get_projects", [], { returns: { setOf: true, kind: "composite", type: { schema: SCHEMA, name: "projects" }, isDomainAlias: false } })],
});
const embeds = (origin: string, ...texts: readonly string[]) => readPlanOf(read(origin, { select: texts.map((text) => embed(text)) }), cache).children;
const local = (name: string) => ({ schema: "", name });
const relation = (name: string) => ({ schema: SCHEMA, name });

describe("joins", () => {
  test("many-to-one and one-to-many go by the foreign key, aliased by depth", () => {
    const plan = readPlanOf(read("clients", { select: [embed("projects", [embed("t:tasks")])] }), cache);
    expect(levelOf(plan, "projects")).toMatchObject({
      from: relation("projects"),
      fromAlias: "projects_1",
      aggregateAlias: "clients_projects_1",
      depth: 1,
      joinConditions: [{ left: [local("projects_1"), "client_id"], right: [relation("clients"), "id"] }],
    });
    expect(levelOf(plan, "projects", "t")).toMatchObject({
      fromAlias: "tasks_2",
      aggregateAlias: "projects_t_2",
      joinConditions: [{ left: [local("tasks_2"), "project_id"], right: [local("projects_1"), "id"] }],
    });
    expect(plan.relationSelect).toEqual([{ kind: "jsonEmbed", name: "projects", aggregateAlias: "clients_projects_1", mode: "array", empty: false }]);
    expect(embeds("projects", "clients")[0]?.relationToParent).toMatchObject({ cardinality: { kind: "M2O" } });
  });

  test("many-to-many goes through the junction, without aliases", () => {
    const [tasks] = embeds("users", "tasks");
    expect(tasks).toMatchObject({
      fromAlias: undefined,
      joinConditions: [
        { left: [relation("users_tasks"), "task_id"], right: [relation("tasks"), "id"] },
        { left: [relation("users_tasks"), "user_id"], right: [relation("users"), "id"] },
      ],
    });
  });

  test("a level inside of a many-to-many embed joins the relation by its name", () => {
    const plan = readPlanOf(read("users", { select: [embed("tasks", [embed("projects")])] }), cache);
    expect(levelOf(plan, "tasks", "projects").joinConditions).toEqual([{ left: [local("projects_2"), "id"], right: [relation("tasks"), "project_id"] }]);
  });

  test.each(["mutate", "call"])("what a %s gives is joined by its alias", (kind) => {
    const select = [embed("clients")];
    const plan = readPlanOf(kind === "mutate" ? mutate("delete", "projects", { select }) : call("read", "get_projects", { select }), cache);
    expect(plan).toMatchObject({ from: local("pgrst_source"), fromAlias: "projects" });
    expect(levelOf(plan, "clients").joinConditions).toEqual([{ left: [local("clients_1"), "id"], right: [local("projects"), "client_id"] }]);
  });

  test("a computed relationship is called with the parent's row", () => {
    const plan = readPlanOf(read("tasks", { select: [embed("projects", [embed("computed_clients")])] }), cache);
    expect(levelOf(plan, "projects", "computed_clients")).toMatchObject({
      from: relation("clients"),
      fromAlias: "clients_2",
      aggregateAlias: "projects_computed_clients_2",
      joinConditions: [],
      relationToParent: { kind: "computed", tableAlias: local("projects_1") },
    });
    expect(embeds("projects", "computed_clients")[0]?.relationToParent).toMatchObject({ tableAlias: relation("projects") });
  });

  test("embeds that select nothing are told apart", () => {
    const plan = readPlanOf(read("clients", { select: [field("id"), embed("projects", [embed("tasks", [])])] }), cache);
    expect(plan.relationSelect).toMatchObject([{ empty: true }]);
    expect(readPlanOf(read("clients", { select: [embed("projects", [embed("tasks")])] }), cache).relationSelect).toMatchObject([{ empty: false }]);
  });
});

describe("names of relationships", () => {
  test.each([
    ["projects", "client_id", "M2O"],
    ["projects", "client_fkey", "M2O"],
    ["projects", "clients!client_fkey", "M2O"],
    ["projects", "clients!client_id", "M2O"],
    ["projects", "clients!id", "M2O"],
    ["sites", "main_project", "M2O"],
    ["sites", "projects!main_project", "M2O"],
    ["sites", "projects!jobs", "M2M"],
    ["people", "people", "O2M"],
    ["people", "parent_id", "M2O"],
    ["people", "people!parent_id", "O2M"],
    ["messages", "person_view!messages_person_fkey", "M2O"],
    ["first", "second_1", "O2O"],
  ])("%s: %s", (origin, target, kind) => {
    expect(embeds(origin, target)[0]?.relationToParent).toMatchObject({ cardinality: { kind } });
  });

  test.each([
    ["messages", "messages_person_fkey"],
    ["messages", "person_id"],
    ["projects", "clients!other"],
    ["people", "parent_fkey"],
    ["people", "people!id"],
  ])("%s doesn't know %s", (origin, target) => {
    expect(errorOf(read(origin, { select: [embed(target)] }), cache).code).toBe("PGRST200");
  });

  test("several are an error that says how to choose", () => {
    expect(errorOf(read("sites", { select: [embed("projects")] }), cache)).toEqual({
      code: "PGRST201",
      status: 300,
      message: "Could not embed because more than one relationship was found for 'sites' and 'projects'",
      details: [
        { cardinality: "many-to-one", embedding: "sites with projects", relationship: "main_project using sites(main_project_id) and projects(id)" },
        { cardinality: "many-to-many", embedding: "sites with projects", relationship: "jobs using jobs_sites_fkey(site_id) and jobs_projects_fkey(project_id, project_no)" },
      ],
      hint: "Try changing 'projects' to one of the following: 'projects!main_project', 'projects!jobs'. Find the desired relationship in the 'details' key.",
    });
    expect(errorOf(read("first", { select: [embed("second")] }), cache)).toMatchObject({ code: "PGRST201", details: [{ cardinality: "one-to-one" }, { cardinality: "one-to-one" }] });
  });

  test("none is an error that names the hint that was given", () => {
    expect(errorOf(read("projects", { select: [embed("clients!space")] }), cache)).toEqual({
      code: "PGRST200",
      status: 400,
      message: "Could not find a relationship between 'projects' and 'clients' in the schema cache",
      details: "Searched for a foreign key relationship between 'projects' and 'clients' using the hint 'space' in the schema 'test', but no matches were found.",
      hint: null,
    });
  });

  test("a composite key goes by its constraint, not by one of its columns", () => {
    const composite = schemaCache({ tables: [table("shifts", { unit: "integer" })], relationships: reference("shifts", "workdays", "composite_fkey", [["unit", "unit"], ["day", "day"]]) });
    expect(readPlanOf(read("shifts", { select: [embed("composite_fkey")] }), composite).children[0]?.joinConditions).toHaveLength(2);
    expect(errorOf(read("shifts", { select: [embed("workdays!unit")] }), composite).code).toBe("PGRST200");
  });
});
