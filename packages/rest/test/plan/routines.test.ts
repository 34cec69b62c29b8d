import { describe, expect, test } from "vitest";
import type { MediaType } from "../../src/media-type/media-type.ts";
import type { RequestParts } from "./builders/request.ts";
import { callOf, errorOf } from "./builders/plans.ts";
import { call, embed, field, requestFor } from "./builders/request.ts";
import { id, reference, routine, schemaCache, table } from "./builders/schema-cache.ts";

const rowsOf = (name: string, setOf: boolean) => ({ returns: { setOf, kind: "composite", type: id(name), isDomainAlias: false } }) as const;
const cache = schemaCache({
  tables: [table("projects", { id: "integer", client_id: "integer" }), table("clients", { id: "integer" })],
  relationships: reference("projects", "clients", "client", [["client_id", "id"]]),
  routines: [
    routine("sayhello", ["name text"]),
    routine("add_them", ["a integer", "b integer"], { volatility: "immutable" }),
    routine("overloaded", []),
    routine("overloaded", [" json"]),
    routine("overloaded", ["a integer", "b integer"]),
    routine("overloaded", ["a text", "b text", "c text"]),
    routine("same_args", ["arg integer"]),
    routine("same_args", ["arg xml"]),
    routine("same_args", ["arg text", "num? integer"]),
    routine("optional", ["must text", "may? text", "might? text"]),
    routine("only_optional", ["may? text"]),
    routine("variadic", ["first text", "rest... text[]"]),
    routine("unnamed_text_param", [" text"]),
    routine("unnamed_bytea_param", [" bytea"]),
    routine("unnamed_int_param", [" integer"]),
    routine("json_or_jsonb", [" json"]),
    routine("json_or_jsonb", [" jsonb"]),
    routine("get_projects", ["client? integer"], rowsOf("projects", true)),
    routine("get_project", [], rowsOf("projects", false)),
  ],
});
const get = (name: string, ...params: ReadonlyArray<readonly [string, string]>) => call("read", name, { params });
const post = (name: string, contentType: MediaType["kind"], keys: readonly string[] = [], raw = "body") =>
  call("write", name, { contentType: { kind: contentType } as MediaType, columns: new Set(keys), payload: { kind: "raw", raw } });
const params = (request: ReturnType<typeof get>): string[] => callOf(request, cache).routine.params.map(({ name, type }) => `${name} ${type}`);

describe("the overload that is called", () => {
  test.each([
    [get("overloaded"), []],
    [get("overloaded", ["b", "1"], ["a", "2"]), ["a integer", "b integer"]],
    [post("overloaded", "json", ["a", "b", "c"]), ["a text", "b text", "c text"]],
    [post("overloaded", "json", ["other"]), [" json"]],
    [post("overloaded", "json"), []],
    [get("optional", ["must", "1"]), ["must text", "may text", "might text"]],
    [get("optional", ["must", "1"], ["might", "2"]), ["must text", "may text", "might text"]],
    [get("only_optional"), ["may text"]],
    [post("unnamed_text_param", "text"), [" text"]],
    [post("unnamed_bytea_param", "octet-stream"), [" bytea"]],
  ])("%#", (request, expected) => {
    expect(params(request)).toEqual(expected);
  });

  test.each([
    ["a missing argument", get("optional", ["may", "1"])],
    ["an unknown argument", get("optional", ["must", "1"], ["other", "1"])],
    ["a GET for a body", get("unnamed_text_param")],
    ["another body", post("unnamed_text_param", "xml")],
    ["a body that no parameter takes", post("get_project", "text")],
  ])("not with %s", (_, request) => {
    expect(errorOf(request, cache).code).toBe("PGRST202");
  });

  test("none: the error tells the most similar parameters", () => {
    expect(errorOf(get("add_them", ["smthelse", "x"], ["b", "2"], ["a", "1"]), cache)).toEqual({
      code: "PGRST202",
      status: 404,
      message: "Could not find the function test.add_them(a, b, smthelse) in the schema cache",
      details: "Searched for the function test.add_them with parameters a, b, smthelse, but no matches were found in the schema cache.",
      hint: "Perhaps you meant to call the function test.add_them(a, b)",
    });
  });

  test.each([
    [get("sayhello", ["nam", "x"]), "Perhaps you meant to call the function test.sayhello(name)"],
    [get("overloaded", ["wrong_arg", "x"]), null],
    [get("overloaded", ["a", "1"], ["b", "2"], ["wrong_arg", "x"]), "Perhaps you meant to call the function test.overloaded(a, b, c)"],
    [get("fake"), null],
  ])("none, hint %#", (request, hint) => {
    expect(errorOf(request, cache).hint).toBe(hint);
  });

  test("none by that name: the error tells the most similar name", () => {
    expect(errorOf(get("sayhell"), cache)).toMatchObject({
      message: "Could not find the function test.sayhell without parameters in the schema cache",
      details: "Searched for the function test.sayhell without parameters, but no matches were found in the schema cache.",
      hint: "Perhaps you meant to call the function test.sayhello",
    });
  });

  test("none for a JSON body: the error says that one json parameter would do", () => {
    expect(errorOf(post("unknown_thing", "json", ["x", "y"]), cache).details).toBe(
      "Searched for the function test.unknown_thing with parameters x, y or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache.",
    );
  });

  test.each([["text", "text"], ["xml", "xml"], ["octet-stream", "bytea"]] as const)("none for a body of %s", (contentType, type) => {
    expect(errorOf(post("unnamed_int_param", contentType), cache)).toMatchObject({
      message: "Could not find the function test.unnamed_int_param in the schema cache",
      details: `Searched for the function test.unnamed_int_param with a single unnamed ${type} parameter, but no matches were found in the schema cache.`,
      hint: null,
    });
  });

  test.each([
    [get("same_args", ["arg", "x"]), "test.same_args(arg => integer), test.same_args(arg => xml), test.same_args(arg => text, num => integer)"],
    [post("json_or_jsonb", "json", ["a"]), "test.json_or_jsonb( => json), test.json_or_jsonb( => jsonb)"],
  ])("several are an error: %#", (request, candidates) => {
    expect(errorOf(request, cache)).toEqual({
      code: "PGRST203",
      status: 300,
      message: `Could not choose the best candidate function between: ${candidates}`,
      details: null,
      hint: "Try renaming the parameters or the function itself in the database so function overloading can be resolved",
    });
  });
});

describe("arguments", () => {
  test("of a query string: the last of each name, all of a variadic parameter's", () => {
    const { callPlan } = callOf(get("variadic", ["first", "a"], ["rest", "b"], ["first", "c"], ["rest", "d"]), cache);
    expect(callPlan).toMatchObject({ params: { kind: "named", params: [{ name: "first" }, { name: "rest" }] }, args: { kind: "direct" } });
    expect(callPlan.args).toEqual({ kind: "direct", values: new Map<string, unknown>([["first", "c"], ["rest", ["b", "d"]]]) });
  });

  test("of a form", () => {
    const form: RequestParts = { contentType: { kind: "urlencoded" }, columns: new Set(["name"]), payload: { kind: "urlEncoded", pairs: [["name", "x"]], keys: new Set(["name"]) } };
    expect(callOf(call("write", "sayhello", form), cache).callPlan.args).toEqual({ kind: "direct", values: new Map([["name", "x"]]) });
  });

  test("only parameters that have one are named", () => {
    expect(callOf(get("optional", ["must", "1"]), cache).callPlan.params).toMatchObject({ params: [{ name: "must" }] });
  });

  test("a body goes to the one unnamed parameter", () => {
    expect(callOf(post("unnamed_text_param", "text", [], "hello"), cache).callPlan).toMatchObject({ params: { kind: "positional", param: { type: "text" } }, args: { kind: "body", body: "hello" } });
  });
});

describe("what is returned", () => {
  test("rows of a table embed what the table can", () => {
    const plan = callOf(call("read", "get_projects", { select: [field("id"), embed("clients")] }), cache);
    expect(plan.readPlan).toMatchObject({ fromAlias: "projects", children: [{ from: id("clients") }] });
    expect([...plan.callPlan.returning]).toEqual(["client_id", "id"]);
    expect(plan).toMatchObject({ target: id("get_projects"), callPlan: { function: id("get_projects"), scalar: false, setOfScalar: false } });
  });

  test("POST of a volatile routine may write, anything else reads", () => {
    const readOnly = [get("overloaded"), post("overloaded", "json"), post("add_them", "json", ["a", "b"])].map((request) => callOf(request, cache).readOnly);
    expect(readOnly).toEqual([true, false, true]);
  });

  test("max-affected needs rows to count", () => {
    const prefer = { maxAffected: 1, handling: "strict" } as const;
    expect(errorOf(call("write", "get_project", { prefer }), cache)).toEqual({
      code: "PGRST128",
      status: 400,
      message: "Function must return SETOF or TABLE when max-affected preference is used with handling=strict",
      details: null,
      hint: null,
    });
    expect(callOf(call("write", "get_projects", { prefer }), cache).kind).toBe("call");
    expect(callOf(call("write", "get_project", { prefer: { ...prefer, handling: "lenient" } }), cache).kind).toBe("call");
  });

  test("HEAD makes no body", () => {
    const head = requestFor({ kind: "routineCall", target: id("get_projects"), invoke: { kind: "read", headersOnly: true } });
    expect(callOf(head, cache).handler).toEqual({ kind: "none" });
  });
});
