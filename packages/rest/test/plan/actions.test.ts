import { describe, expect, test } from "vitest";
import type { RestConfig } from "../../src/config/rest-config.ts";
import { planRequest } from "../../src/plan/plan-request.ts";
import type { MediaType } from "../../src/media-type/media-type.ts";
import type { Action } from "../../src/request/api-request.ts";
import { errorOf } from "./builders/plans.ts";
import { call, CONFIG, embed, field, mutate, read, requestFor } from "./builders/request.ts";
import type { RequestParts } from "./builders/request.ts";
import { id, reference, routine, schemaCache, table } from "./builders/schema-cache.ts";

const custom = { kind: "custom", function: id("shout"), relation: id("lines"), binary: false } as const;
const own = { kind: "custom", function: id("any_lines"), relation: id("others"), binary: false } as const;
const cache = schemaCache({
  tables: [table("lines", { id: "integer" }), table("others", { id: "integer" }), table("projects", { id: "integer" })],
  relationships: reference("lines", "projects", "project", [["project_id", "id"]]),
  routines: [routine("hello", [])],
  handlers: [
    ["lines", "text/loud", { handler: custom, mediaType: { kind: "other", mime: "text/loud" } }],
    ["others", "*/*", { handler: own, mediaType: { kind: "other", mime: "text/own" } }],
  ],
});
const JSON_TYPE: MediaType = { kind: "json" };
const loud: MediaType = { kind: "other", mime: "text/loud" };
const singular: MediaType = { kind: "singular", stripNulls: true };
const explain = (of: MediaType): MediaType => ({ kind: "plan", for: of, format: "text", options: [] });
const negotiated = (name: string, parts: RequestParts, config: Partial<RestConfig> = {}) => {
  const plan = planRequest(read(name, parts), cache, { ...CONFIG, ...config });
  return "handler" in plan ? [plan.handler.kind, plan.mediaType] : [];
};

describe("media types", () => {
  test.each<[string, RequestParts, string, MediaType]>([
    ["lines", { accept: [{ kind: "any" }] }, "json", JSON_TYPE],
    ["lines", { accept: [{ kind: "xml" }, { kind: "csv" }, JSON_TYPE] }, "csv", { kind: "csv" }],
    ["lines", { accept: [singular] }, "singleJson", singular],
    ["lines", { accept: [{ kind: "arrayStrip" }] }, "arrayJsonStrip", { kind: "arrayStrip" }],
    ["lines", { accept: [loud] }, "custom", loud],
    ["others", { accept: [{ kind: "csv" }] }, "custom", { kind: "other", mime: "text/own" }],
    ["others", { accept: [singular] }, "singleJson", singular],
    ["others", { accept: [{ kind: "csv" }], select: [field("id")] }, "csv", { kind: "csv" }],
  ])("%s %#", (name, parts, handler, mediaType) => {
    expect(negotiated(name, parts)).toEqual([handler, mediaType]);
  });

  test.each<[string, RequestParts]>([
    ["nothing that is produced", { accept: [loud, { kind: "xml" }] }],
    ["a relation's own, of some columns", { accept: [loud, { kind: "xml" }], select: [field("id")] }],
    ["a relation's own, with an embed", { accept: [loud, { kind: "xml" }], select: [field("*"), embed("projects")] }],
  ])("none: %s", (_, parts) => {
    expect(errorOf(parts.select === undefined ? read("projects", parts) : read("lines", parts), cache)).toEqual({
      code: "PGRST107",
      status: 406,
      message: "None of these media types are available: text/loud, text/xml",
      details: null,
      hint: null,
    });
  });

  test.each([[JSON_TYPE, "json"], [singular, "singleJson"], [loud, "custom"]] as const)("EXPLAIN of %o, if it is enabled", (of, handler) => {
    expect(negotiated("lines", { accept: [explain(of)] }, { planEnabled: true })).toEqual([handler, explain(of)]);
    expect(errorOf(read("lines", { accept: [explain(of)] }), cache).code).toBe("PGRST107");
  });

  test("HEAD makes no body", () => {
    const head = requestFor({ kind: "relationRead", target: id("lines"), headersOnly: true });
    expect(planRequest(head, cache, CONFIG)).toMatchObject({ kind: "read", headersOnly: true, handler: { kind: "none" }, mediaType: JSON_TYPE, readOnly: true });
  });
});

describe("handling=strict", () => {
  const prefer = { handling: "strict", invalid: ["anything", "count=foo"] } as const;

  test.each([read("lines", { prefer }), mutate("delete", "lines", { prefer }), call("read", "hello", { prefer })])("unknown preferences are an error %#", (request) => {
    expect(errorOf(request, cache)).toEqual({
      code: "PGRST122",
      status: 400,
      message: "Invalid preferences given with handling=strict",
      details: "Invalid preferences: anything, count=foo",
      hint: null,
    });
  });

  test("else they are not", () => {
    expect(planRequest(read("lines", { prefer: { ...prefer, handling: "lenient" } }), cache, CONFIG).kind).toBe("read");
  });
});

describe("a table that isn't there", () => {
  const actions: readonly Action[] = [
    { kind: "relationRead", target: id("project"), headersOnly: false },
    { kind: "relationMutate", target: id("project"), mutation: "create" },
    { kind: "relationInfo", target: id("project") },
  ];

  test.each(actions)("$kind", (action) => {
    expect(errorOf(requestFor(action), cache)).toEqual({
      code: "PGRST205",
      status: 404,
      message: "Could not find the table 'test.project' in the schema cache",
      details: null,
      hint: "Perhaps you meant the table 'test.projects'",
    });
  });
});

describe("what needs no rows", () => {
  test("the OpenAPI document", () => {
    const action: Action = { kind: "schemaRead", schema: "test", headersOnly: true };
    expect(planRequest(requestFor(action, { accept: [{ kind: "xml" }, { kind: "openapi" }] }), cache, CONFIG)).toEqual({ kind: "inspect", schema: "test", headersOnly: true });
    expect(errorOf(requestFor(action, { accept: [{ kind: "csv" }] }), cache).message).toBe("None of these media types are available: text/csv");
  });

  test("OPTIONS", () => {
    expect(planRequest(requestFor({ kind: "relationInfo", target: id("lines") }), cache, CONFIG)).toMatchObject({ kind: "relationInfo", table: { name: "lines" } });
    expect(planRequest(requestFor({ kind: "routineInfo", target: id("hello") }), cache, CONFIG)).toMatchObject({ kind: "routineInfo", routine: { name: "hello" } });
    expect(planRequest(requestFor({ kind: "schemaInfo" }), cache, CONFIG)).toEqual({ kind: "schemaInfo" });
    expect(errorOf(requestFor({ kind: "routineInfo", target: id("nothing") }), cache).code).toBe("PGRST202");
  });
});
