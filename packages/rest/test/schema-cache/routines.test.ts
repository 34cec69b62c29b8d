import { beforeAll, expect, test } from "vitest";
import { mediaHandlerKey } from "../../src/schema-cache/media-handler.ts";
import { returnsScalar, returnsSetOfScalar, returnsSingleComposite, returnsVoid } from "../../src/schema-cache/routine.ts";
import type { Routine } from "../../src/schema-cache/routine.ts";
import { loadSchemaSnapshot } from "../../src/schema-cache/load-schema-snapshot.ts";
import { representationKey } from "../../src/schema-cache/schema-cache.ts";
import type { SchemaCache } from "../../src/schema-cache/schema-cache.ts";
import { describeScratchDatabase } from "./support/scratch-database.ts";

const SCHEMA = `
  create schema api; create schema private;
  create table api.items (id int primary key, name text);
  create domain api.item as api.items; create domain api.word as text;
  create function api.f(a int, b varchar(3) default 'x', variadic c char[] default '{}') returns int immutable language sql as 'select 1';
  create function api.over(a int, b int) returns int language sql as 'select 1';
  create function api.over() returns int language sql as 'select 1';
  create function api.over(b text) returns int language sql as 'select 1';
  create function api.over(a int) returns int language sql as 'select 1';
  create function api.out_first(out total int, inout n int, more bit default null) language sql as 'select 1, 1';
  create function api.tabular(limit_to int) returns table (id int, name text) stable language sql as 'select * from api.items';
  create function api.one_item() returns api.items language sql as 'select * from api.items';
  create function api.item_domain() returns api.item language sql as 'select null::api.item';
  create function api.words() returns setof api.word language sql as 'select null::api.word';
  create function api.nothing() returns void language sql as '';
  create function api.body(json) returns int language sql as 'select 1';
  create function api.unnamed(int) returns int language sql as 'select 1';
  create function api.unnamed_two(int, text) returns int language sql as 'select 1';
  create function api.slow() returns int language sql
    set statement_timeout = '3s' set default_transaction_isolation = 'REPEATABLE READ' set work_mem = '2MB' as 'select 1';
  comment on function api.slow() is 'Takes its time';
  create function api.on_change() returns trigger language plpgsql as 'begin return null; end';
  create procedure api.proc() language sql as '';
  create aggregate api.agg(int) (sfunc = int4pl, stype = int);
  create function private.hidden() returns int language sql as 'select 1';

  create domain api.color as int;
  create function api.color_json(api.color) returns json immutable language sql as $$ select to_json($1::int) $$;
  create function api."color from"(json) returns api.color immutable language sql as $$ select 1::api.color $$;
  create function api.color_text(api.color) returns text immutable language sql as $$ select $1::int::text $$;
  create cast (api.color as json) with function api.color_json(api.color) as implicit;
  create cast (json as api.color) with function api."color from"(json) as implicit;
  create cast (api.color as text) with function api.color_text(api.color) as assignment;
  create domain api.shade as int;
  create function api.shade_json(api.shade) returns json immutable language sql as $$ select to_json($1::int) $$;
  revoke execute on function api.shade_json from public;
  create cast (api.shade as json) with function api.shade_json(api.shade) as implicit;

  create domain api."text/xml" as text; create domain api."Application/VND.thing" as text; create domain api.bytes as bytea; create domain api."*/*" as api.bytes;
  create domain api."not a/media type" as text;
  create function api.page() returns api."text/xml" language sql as $$ select ''::api."text/xml" $$;
  create function api.thing() returns api."Application/VND.thing" language sql as $$ select ''::api."Application/VND.thing" $$;
  create function api.things() returns setof api."text/xml" language sql as $$ select ''::api."text/xml" $$;
  create function api.nope() returns api."not a/media type" language sql as $$ select ''::api."not a/media type" $$;
  create function api.add_item(api."text/xml", api.items) returns api."text/xml" language sql as $$ select $1 $$;
  create function api.add_any(api."*/*", anyelement) returns api."*/*" language sql as $$ select $1 $$;
  create function api.add_csv(text, anyelement) returns text language sql as $$ select $1 $$;
  create domain api."text/csv" as text;
  create function api.end_csv(text) returns api."text/csv" language sql as $$ select $1::api."text/csv" $$;
  create aggregate api.items_xml(api.items) (sfunc = api.add_item, stype = api."text/xml");
  create aggregate api.any_bytes(anyelement) (sfunc = api.add_any, stype = api."*/*");
  create aggregate api.any_csv(anyelement) (sfunc = api.add_csv, finalfunc = api.end_csv, stype = text);`;

describeScratchDatabase("routines and conversions", (database) => {
  let cache: SchemaCache;
  const overloads = (name: string) => cache.routines.get(`api\0${name}`) ?? [];
  const routine = (name: string): Routine => {
    const [first] = overloads(name);
    if (!first) throw new Error(`no routine ${name}`);
    return first;
  };
  const handler = (mime: string, name?: string) => cache.mediaHandlers.get(mediaHandlerKey(name === undefined ? undefined : { schema: "api", name }, mime));

  beforeAll(async () => {
    await database().script(SCHEMA);
    ({ cache } = await loadSchemaSnapshot(database().catalog, { schemas: ["api"], extraSearchPath: [] }));
  });

  test("are functions that a request can call", () => {
    const names = [...cache.routines.values()].flat().map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["f", "over", "body", "nothing", "words"]));
    for (const name of ["on_change", "proc", "agg", "hidden", "unnamed", "unnamed_two"]) expect(names).not.toContain(name);
  });

  test("have parameters with types, defaults and variadic ones", () => {
    expect(routine("f")).toMatchObject({ volatility: "immutable", hasVariadic: true, description: null });
    expect(routine("f").params).toEqual([
      { name: "a", type: "integer", typeMaxLength: "integer", required: true, variadic: false },
      { name: "b", type: "character varying", typeMaxLength: "character varying", required: false, variadic: false },
      { name: "c", type: "character[]", typeMaxLength: "character varying[]", required: false, variadic: true },
    ]);
    expect(routine("body").params).toEqual([{ name: "", type: "json", typeMaxLength: "json", required: true, variadic: false }]);
  });

  test("take the IN parameters, wherever the OUT ones stand", () => {
    expect(routine("out_first").params.map(({ name, type, typeMaxLength, required }) => [name, type, typeMaxLength, required])).toEqual([
      ["n", "integer", "integer", true],
      ["more", "bit", "bit varying", false],
    ]);
    expect(routine("tabular").params.map(({ name }) => name)).toEqual(["limit_to"]);
  });

  test("are tried with the fewest parameters first", () => {
    expect(overloads("over").map(({ params }) => params.map(({ name }) => name))).toEqual([[], ["a"], ["b"], ["a", "b"]]);
  });

  test("return scalars, rows, sets and domains of them, or nothing", () => {
    expect(routine("out_first").returns).toMatchObject({ setOf: false, kind: "composite" });
    expect(routine("tabular").returns).toMatchObject({ setOf: true, kind: "composite" });
    expect(returnsSingleComposite(routine("one_item"))).toBe(true);
    expect(routine("one_item").returns).toEqual({ setOf: false, kind: "composite", type: { schema: "api", name: "items" }, isDomainAlias: false });
    expect(routine("item_domain").returns).toEqual({ setOf: false, kind: "composite", type: { schema: "api", name: "items" }, isDomainAlias: true });
    expect(returnsSetOfScalar(routine("words"))).toBe(true);
    expect(routine("words").returns).toMatchObject({ type: { schema: "pg_catalog", name: "text" }, isDomainAlias: true });
    expect(returnsVoid(routine("nothing"))).toBe(true);
    expect(returnsScalar(routine("f"))).toBe(true);
  });

  test("bring the settings that hold for the whole transaction", () => {
    expect(routine("slow")).toMatchObject({ description: "Takes its time", volatility: "volatile" });
    expect(routine("slow").settings.map(([name]) => name).toSorted()).toEqual(["default_transaction_isolation", "statement_timeout"]);
    expect(routine("slow").settings).toContainEqual(["statement_timeout", "3s"]);
    expect(routine("f")).toMatchObject({ isolation: null, settings: [] });
  });

  test("have the isolation level they are declared with", () => {
    expect(routine("slow").isolation).toBe("repeatable read");
  });

  test("convert domains by implicit casts that may be called", () => {
    expect(cache.representations.get(representationKey("api.color", "json"))).toEqual({ sourceType: "api.color", targetType: "json", function: "api.color_json" });
    expect(cache.representations.get(representationKey("json", "api.color"))?.function).toBe('api."color from"');
    expect(cache.representations.has(representationKey("api.color", "text"))).toBe(false);
    expect(cache.representations.has(representationKey("api.shade", "json"))).toBe(false);
  });

  test("answer with a media type by returning a domain of its name", () => {
    const text_xml = { kind: "custom", function: { schema: "api", name: "text/xml" }, relation: { schema: "api", name: "page" }, binary: false };
    expect(handler("text/xml", "page")).toEqual({ handler: text_xml, mediaType: { kind: "xml" } });
    expect(handler("application/vnd.thing", "thing")?.handler).toMatchObject({ function: { name: "Application/VND.thing" } });
    expect(handler("text/xml", "things")).toBeUndefined();
    expect([...cache.mediaHandlers.keys()].filter((key) => key.includes("not a"))).toEqual([]);
  });

  test("aggregate a relation's rows, or any, into a media type", () => {
    expect(handler("text/xml", "items")?.handler).toEqual({ kind: "custom", function: { schema: "api", name: "items_xml" }, relation: { schema: "api", name: "items" }, binary: false });
    expect(handler("text/csv")?.handler).toMatchObject({ kind: "custom", function: { name: "any_csv" }, relation: undefined });
    expect(handler("*/*")).toMatchObject({ handler: { function: { name: "any_bytes" }, binary: true }, mediaType: { kind: "octet-stream" } });
    expect(handler("application/json")).toEqual({ handler: { kind: "json" }, mediaType: { kind: "json" } });
    expect(handler("application/geo+json")).toEqual({ handler: { kind: "geoJson" }, mediaType: { kind: "geojson" } });
  });
});
