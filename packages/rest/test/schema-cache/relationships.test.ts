import { beforeAll, expect, test } from "vitest";
import { relationshipKey } from "../../src/schema-cache/relationship.ts";
import type { Relationship } from "../../src/schema-cache/relationship.ts";
import { loadSchemaSnapshot } from "../../src/schema-cache/load-schema-snapshot.ts";
import type { SchemaCache } from "../../src/schema-cache/schema-cache.ts";
import { describeScratchDatabase } from "./support/scratch-database.ts";

const SCHEMA = `
  create schema api; create schema private; create schema shared; create schema hidden;
  create table api.clients (id int primary key, name text);
  create table api.projects (id int primary key, client_id int constraint client references api.clients, parent_id int references api.projects);
  create table api.briefs (project_id int primary key references api.projects, text text);
  create table api.users (id int primary key, boss int unique references api.users);
  create table api.members (
    project_id int constraint project references api.projects, user_id int constraint member references api.users, since date,
    primary key (project_id, user_id));
  create table api.notes (id int primary key, project_id int, user_id int, foreign key (project_id, user_id) references api.members);
  create table api.loose (project_id int references api.projects, user_id int references api.users);
  create table api.days (at date, client_id int references api.clients) partition by range (at);
  create table api.days_2024 partition of api.days for values from ('2024-01-01') to ('2025-01-01');
  create table private.links (project_id int references api.projects, user_id int references api.users, primary key (project_id, user_id));

  create table private.actors (id int primary key, name text);
  create table private.films (id int primary key, actor_id int constraint actor references private.actors);
  create view api.actors as select name, id from private.actors;
  create view api.films as select id, actor_id as lead, actor_id as "lead }} {again, (\\ :resorigtbl" from private.films;
  create view shared.films as select actor_id, id from private.films;
  create view api.nested as
    with recent as (select * from shared.films)
    select (select name from private.actors a where a.id = r.actor_id) as actor_name, r.actor_id, r.id from recent r order by r.id + 1;
  create view hidden.films as select actor_id, id from private.films;
  create view api.beyond as select actor_id, id from hidden.films;
  create materialized view api.stored as select actor_id, id from api.nested;
  create view api.computed_id as select actor_id, id + 0 as id from private.films;
  create view api.joined as select f.id, a.id as actor_id from private.films f join private.actors a on a.id = f.actor_id;
  create view api.cycle as select id from private.films;
  create view api.cycle_other as select id from api.cycle;
  create or replace view api.cycle as select id from api.cycle_other;
  create view api.members_view as select user_id, project_id from api.members;

  create function api.clients_of(api.users) returns setof api.clients stable language sql as 'select * from api.clients';
  create function api.only_client(api.users) returns setof api.clients rows 1 stable language sql as 'select * from api.clients';
  create function api.clients(api.projects) returns api.clients stable language sql as 'select * from api.clients limit 1';
  create function api.label(api.users) returns text language sql as 'select null::text';
  create function api.two(api.users, int) returns setof api.clients language sql as 'select * from api.clients';`;

const show = (rel: Relationship): string => {
  if (rel.kind === "computed") return `${rel.toOne ? "one" : "many"} ${rel.foreignTable.name} by ${rel.function.schema}.${rel.function.name}`;
  const { cardinality } = rel;
  const pairs = (columns: ReadonlyArray<readonly [string, string]>) => columns.map((pair) => pair.join("=")).join();
  const how =
    cardinality.kind === "M2M"
      ? `${cardinality.junction.table.name}[${cardinality.junction.constraint1} ${pairs(cardinality.junction.sourceColumns)}; ${cardinality.junction.constraint2} ${pairs(cardinality.junction.targetColumns)}]`
      : `${cardinality.constraint} ${pairs(cardinality.columns)}${cardinality.kind === "O2O" && cardinality.isParent ? " parent" : ""}`;
  return `${cardinality.kind} ${rel.foreignTable.name}${rel.isSelf ? " self" : ""}: ${how}`;
};

describeScratchDatabase("relationships", (database) => {
  let cache: SchemaCache;
  const of = (name: string, schema = "api") => cache.relationships.get(relationshipKey({ schema, name }, "api")) ?? [];
  const shown = (name: string) => of(name).map(show);

  beforeAll(async () => {
    await database().script(SCHEMA);
    ({ cache } = await loadSchemaSnapshot(database().catalog, { schemas: ["api"], extraSearchPath: ["shared"] }));
  });

  test("follow foreign keys both ways, to the table itself too, and leave partitions' copies out", () => {
    expect(shown("clients")).toEqual(["O2M days: days_client_id_fkey id=client_id", "O2M projects: client id=client_id"]);
    expect(shown("days")).toEqual(["M2O clients: days_client_id_fkey client_id=id"]);
    expect(shown("days_2024")).toEqual([]);
    expect(shown("projects").filter((line) => line.includes("self"))).toEqual([
      "O2M projects self: projects_parent_id_fkey id=parent_id",
      "M2O projects self: projects_parent_id_fkey parent_id=id",
    ]);
  });

  test("are one to one where the referencing columns are unique", () => {
    expect(shown("briefs")).toEqual(["O2O projects: briefs_project_id_fkey project_id=id"]);
    expect(shown("projects")).toContain("O2O briefs: briefs_project_id_fkey id=project_id parent");
    expect(shown("users").filter((line) => line.startsWith("O2O"))).toEqual([
      "O2O users self: users_boss_fkey boss=id",
      "O2O users self: users_boss_fkey id=boss parent",
    ]);
  });

  test("pair the columns of compound keys", () => {
    expect(shown("notes")).toContain("M2O members: notes_project_id_user_id_fkey project_id=project_id,user_id=user_id");
  });

  test("go many to many through a table whose key has both foreign keys, tables and views alike", () => {
    expect(shown("users").filter((line) => line.startsWith("M2M"))).toEqual([
      "M2M projects: members[member id=user_id; project id=project_id]",
      "M2M projects: members_view[member id=user_id; project id=project_id]",
    ]);
  });

  test("don't lead out of the exposed schemas, nor through them", () => {
    const everything = [...cache.relationships.values()].flat();
    const names = everything.flatMap((rel) => [rel.table, rel.foreignTable, ...(rel.kind === "foreign-key" && rel.cardinality.kind === "M2M" ? [rel.cardinality.junction.table] : [])]);
    expect(new Set(names.map((name) => name.schema))).toEqual(new Set(["api"]));
  });

  test("are seen through views: of tables not exposed, renamed, nested, materialised, twice the same column", () => {
    expect(shown("actors")).toEqual([
      "O2M films: actor id=lead",
      "O2M films: actor id=lead }} {again, (\\ :resorigtbl",
      "O2M nested: actor id=actor_id",
      "O2M stored: actor id=actor_id",
      "O2M computed_id: actor id=actor_id",
    ].sort((a, b) => (a.slice(4) < b.slice(4) ? -1 : 1)));
    expect(shown("nested")).toEqual(["M2O actors: actor actor_id=id", "M2O joined: actor actor_id=actor_id"]);
    expect(of("films")[0]).toMatchObject({ tableIsView: true, foreignTableIsView: true });
    expect(shown("members_view")).toContain("M2O users: member user_id=id");
    expect(of("members_view").find((rel) => rel.foreignTable.name === "users")).toMatchObject({ tableIsView: true, foreignTableIsView: false });
  });

  test("are not seen through views of schemas that are neither exposed nor searched, nor in a cycle", () => {
    expect(shown("beyond")).toEqual([]);
    expect(shown("cycle")).toEqual([]);
  });

  test("give views the primary keys they show whole", () => {
    const key = (name: string) => cache.tables.get(`api\0${name}`)?.primaryKey;
    expect(key("films")).toEqual(["id"]);
    expect(key("nested")).toEqual(["id"]);
    expect(key("stored")).toEqual(["id"]);
    expect(key("computed_id")).toEqual([]);
    expect(key("joined")?.toSorted()).toEqual(["actor_id", "id"]);
    expect(key("members_view")?.toSorted()).toEqual(["project_id", "user_id"]);
  });

  test("are computed by functions of a row, which replace the detected ones of their name", () => {
    expect(shown("users").filter((line) => line.includes(" by "))).toEqual(["many clients by api.clients_of", "one clients by api.only_client"]);
    expect(shown("projects").filter((line) => line.includes("clients"))).toEqual(["one clients by api.clients"]);
    expect(of("projects").find((rel) => rel.kind === "computed")).toMatchObject({ tableAlias: { schema: "api", name: "projects" }, isSelf: false });
  });
});
