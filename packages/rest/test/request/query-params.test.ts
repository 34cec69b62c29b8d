import { describe, expect, test } from "vitest";
import { errorOf, parse } from "./parse.ts";

const params = (query: string, path = "/items") => parse(`${path}?${query}`).queryParams;
const column = (name: string, ...jsonPath: unknown[]) => ({ name, jsonPath });
const key = (arrow: string, value: string) => ({ arrow, operand: { kind: "key", value } });
const index = (arrow: string, value: string) => ({ arrow, operand: { kind: "index", value } });
const selected = (name: string, more: object = {}) => ({
  kind: "field", field: column(name), aggregate: undefined, aggregateCast: undefined, cast: undefined, alias: undefined, children: [], ...more,
});
const relation = (name: string, children: unknown[], more: object = {}) => ({
  kind: "relation", relation: name, alias: undefined, hint: undefined, join: undefined, children, ...more,
});

describe("select", () => {
  const CASES: ReadonlyArray<readonly [string, unknown[]]> = [
    ["*", [selected("*")]],
    ["", []],
    ["id, name", [selected("id"), selected("name")]],
    ["alias:name::text", [selected("name", { alias: "alias", cast: "text" })]],
    ["full_name:first name", [selected("first name", { alias: "full_name" })]],
    ["a-b,\"quo\\\"ted, (x)\"", [selected("a-b"), selected('quo"ted, (x)')]],
    ["\" spaced \"", [selected(" spaced ")]],
    ["data->a->>b::int", [selected("data", { field: column("data", key("->", "a"), key("->>", "b")), cast: "int" })]],
    ["data->0->>-1", [selected("data", { field: column("data", index("->", "0"), index("->>", "-1")) })]],
    ["data->!@#$%^&*_a", [selected("data", { field: column("data", key("->", "!@#$%^&*_a")) })]],
    ["data->\"a.b\"", [selected("data", { field: column("data", key("->", "a.b")) })]],
    ["count()", [selected("*", { aggregate: "count" })]],
    ["rows:count()::text", [selected("*", { aggregate: "count", aggregateCast: "text", alias: "rows" })]],
    ["total:amount::int.sum()::text", [selected("amount", { aggregate: "sum", aggregateCast: "text", cast: "int", alias: "total" })]],
    ["a.avg(),b.min(),c.max(),d.count()", [
      selected("a", { aggregate: "avg" }), selected("b", { aggregate: "min" }), selected("c", { aggregate: "max" }), selected("d", { aggregate: "count" }),
    ]],
    ["clients(id,projects(*))", [relation("clients", [selected("id"), relation("projects", [selected("*")])])]],
    ["c:clients!fk(*)", [relation("clients", [selected("*")], { alias: "c", hint: "fk" })]],
    ["clients!inner()", [relation("clients", [], { join: "inner" })]],
    ["clients!fk!left(*)", [relation("clients", [selected("*")], { hint: "fk", join: "left" })]],
    ["clients!left!fk(*)", [relation("clients", [selected("*")], { hint: "fk", join: "left" })]],
    ["...clients!fk!inner(name)", [{ kind: "spread", relation: "clients", hint: "fk", join: "inner", children: [selected("name")] }]],
    ["count,counter(id)", [selected("count"), relation("counter", [selected("id")])]],
    ["موارد,été", [selected("موارد"), selected("été")]],
  ];

  test.for(CASES)("%s", ([select, expected]) => {
    expect(params(`select=${encodeURIComponent(select)}`).select).toEqual(expected);
  });

  test("everything where it isn't given", () => {
    expect(params("").select).toEqual([selected("*")]);
    expect(params("select").select).toEqual([selected("*")]);
  });

  test("of two, the first counts", () => {
    expect(params("select=a&select=b").select).toEqual([selected("a")]);
  });
});

describe("filters", () => {
  const quantified = (operator: string, value: string, quantifier?: string) => ({ kind: "quantified", operator, quantifier, value });
  const CASES: ReadonlyArray<readonly [string, boolean, object]> = [
    ["eq.5", false, quantified("eq", "5")],
    ["eq.", false, quantified("eq", "")],
    ["not.gte.a.b,(c)", true, quantified("gte", "a.b,(c)")],
    ["eq.a%0Ab", false, quantified("eq", "a\nb")],
    ["eq.\"x\"", false, quantified("eq", '"x"')],
    ["like(any).{a*,b*}", false, quantified("like", "{a*,b*}", "any")],
    ["imatch(all).{^a}", false, quantified("imatch", "{^a}", "all")],
    ["neq.1", false, { kind: "simple", operator: "neq", value: "1" }],
    ["nxr.(1,2)", false, { kind: "simple", operator: "nxr", value: "(1,2)" }],
    ["nxl.(1,2)", false, { kind: "simple", operator: "nxl", value: "(1,2)" }],
    ["cs.{1,2}", false, { kind: "simple", operator: "cs", value: "{1,2}" }],
    ["isdistinct.5", false, { kind: "isDistinct", value: "5" }],
    ["is.NULL", false, { kind: "is", value: "null" }],
    ["not.is.not_null", true, { kind: "is", value: "not_null" }],
    ["is.Unknown", false, { kind: "is", value: "unknown" }],
    ["fts.a b", false, { kind: "fts", operator: "fts", language: undefined, value: "a b" }],
    ["not.plfts(english).cat", true, { kind: "fts", operator: "plfts", language: "english", value: "cat" }],
    ["wfts(simple).\"a\" -b", false, { kind: "fts", operator: "wfts", language: "simple", value: '"a" -b' }],
    ["in.(1,2,3)", false, { kind: "in", values: ["1", "2", "3"] }],
    ["in.()", false, { kind: "in", values: [""] }],
    ["in.( 1 ,2)", false, { kind: "in", values: ["1 ", "2"] }],
    ['in.("a,b","c\\"d\\\\",e"f")', false, { kind: "in", values: ["a,b", 'c"d\\', 'e"f"'] }],
    ['in.("a"b,"c)', false, { kind: "in", values: ['"a"b', '"c'] }],
  ];

  test.for(CASES)("%s", ([value, negated, operation]) => {
    expect(params(`id=${value}`).filters).toEqual([[[], { field: column("id"), expression: { kind: "operation", negated, operation } }]]);
  });

  test("lead to embedded levels and into JSON", () => {
    const { filters, filtersRoot, filtersNotRoot, filterFields } = params('a.b.data->>k=eq.1&id=eq.2&"x.y"=eq.3');
    expect(filters.map(([path, { field }]) => [path, field])).toEqual([
      [["a", "b"], column("data", key("->>", "k"))], [[], column("id")], [[], column("x.y")],
    ]);
    expect(filtersRoot.map(({ field }) => field.name)).toEqual(["id", "x.y"]);
    expect(filtersNotRoot.map(([path]) => path)).toEqual([["a", "b"]]);
    expect(filterFields).toEqual(new Set(["a.b.data->>k", "id", '"x.y"']));
  });

  test("of a routine called by GET are its arguments, unless they have an operator", () => {
    const { params: args, filters } = params("min=2&name=val.ue&id=eq.1&empty=", "/rpc/range");
    expect(args).toEqual([["min", "2"], ["name", "val.ue"], ["empty", ""]]);
    expect(filters).toHaveLength(1);
    expect(errorOf(() => params("x=not.so", "/rpc/range"))?.code).toBe("PGRST100");
    expect(errorOf(() => params("x=in.progress", "/rpc/range"))?.details).toBe('unexpected "p" expecting "("');
  });
});

describe("and, or", () => {
  const is = (name: string, value: string, negated = false) => ({
    kind: "filter",
    filter: { field: column(name), expression: { kind: "operation", negated, operation: { kind: "quantified", operator: "eq", quantifier: undefined, value } } },
  });
  const logic = (operator: string, children: unknown[], negated = false) => ({ kind: "logic", negated, operator, children });
  const CASES: ReadonlyArray<readonly [string, string[], object]> = [
    ["or=(id.eq.1,id.eq.2)", [], logic("or", [is("id", "1"), is("id", "2")])],
    ["not.and=(id.eq.1)", [], logic("and", [is("id", "1")], true)],
    ["a.b.not.or=( id.eq.1 , id.not.eq.2 )", ["a", "b"], logic("or", [is("id", "1 "), is("id", "2 ", true)], true)],
    ["and=(or(a.eq.1,b.eq.2),not.and(c.eq.3))", [], logic("and", [logic("or", [is("a", "1"), is("b", "2")]), logic("and", [is("c", "3")], true)])],
    ["or=(and.eq.1,or.eq.2,not.eq.3)", [], logic("or", [is("and", "1"), is("or", "2"), is("not", "3")])],
  ];

  test.for(CASES)("%s", ([query, path, tree]) => {
    expect(params(query).logic).toEqual([[path, tree]]);
  });

  test("values are quoted, arrays, or end at a comma or parenthesis", () => {
    expect(params('or=(a.eq."x,)y",b.eq.{1,2},c.eq."z)').logic).toEqual([[[], logic("or", [is("a", "x,)y"), is("b", "{1,2}"), is("c", '"z')])]]);
  });
});

describe("order", () => {
  const term = (name: string, direction?: string, nulls?: string) => ({ kind: "field", field: column(name), direction, nulls });

  test("of every level", () => {
    expect(params("order=id, name.desc.nullslast,x.nullsfirst&a.b.order=y.asc").order).toEqual([
      [[], [term("id"), term("name", "desc", "last"), term("x", undefined, "first")]],
      [["a", "b"], [term("y", "asc")]],
    ]);
  });

  test("by a field of a related row, and by JSON", () => {
    expect(params("order=clients(data->k).desc.nullsfirst,data->0.asc").order).toEqual([
      [[], [
        { kind: "relation", relation: "clients", field: column("data", key("->", "k")), direction: "desc", nulls: "first" },
        { ...term("data", "asc"), field: column("data", index("->", "0")) },
      ]],
    ]);
  });
});

describe("the other parameters", () => {
  test("columns, on_conflict", () => {
    const { columns, onConflict } = params('columns=a, "b c" ,a&on_conflict=x,y');
    expect(columns).toEqual(new Set(["a", "b c"]));
    expect(onConflict).toEqual(["x", "y"]);
    expect(params("columns").columns).toBeUndefined();
  });

  test("are sorted and encoded anew for Content-Location", () => {
    expect(params("b=eq.1&a=eq.1").canonical).toBe("a=eq.1&b=eq.1");
    expect(params("b=eq.1&select=x,y&b=eq.2&d").canonical).toBe("b=eq.1,eq.2&d=&select=x%2Cy");
    expect(params("a=eq.(%C3%A9+'!*)").canonical).toBe("a=eq.%28%C3%A9%20%27%21%2A%29");
  });

  test("are decoded: a plus is a space, a semicolon separates, incomplete escapes stay", () => {
    expect(params("a=eq.b+c%2B;b=eq.100%&c=eq.%C3%A9%zz").filtersRoot.map(({ expression }) => expression)).toMatchObject(
      ["b c+", "100%", "é%zz"].map((value) => ({ operation: { value } })),
    );
  });

  test.for(["a=eq.%00", "a%00=eq.1", "a=eq.%ff", "a=eq.%c3", "a=eq.%ff%"])("%s is refused", (query) => {
    expect(errorOf(() => params(query))).toMatchObject({ status: 400, code: "PGRST100", message: "failed to decode the query string" });
  });
});
