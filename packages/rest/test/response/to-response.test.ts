import { ServerTiming } from "@plinth/core";
import { describe, expect, test } from "vitest";
import type { CrudPlan, InfoPlan } from "../../src/plan/action-plan.ts";
import type { RestConfig } from "../../src/config/rest-config.ts";
import type { ResultSet } from "../../src/query/main-query.ts";
import { infoResponse } from "../../src/response/info-response.ts";
import { toResponse } from "../../src/response/to-response.ts";
import type { Table } from "../../src/schema-cache/table.ts";
import { callAction, CONFIG, insertPlan, mutateAction, readAction, readPlan, request, routine, target } from "../query/plans.ts";

const RESULT = { tableTotal: null, queryTotal: 2, location: [], body: '[{"a":"ü"}]', gucHeaders: null, gucStatus: null, inserted: null } satisfies ResultSet;

type Given = { result?: Partial<ResultSet>; request?: Parameters<typeof request>[0]; config?: Partial<RestConfig> };

const respond = (plan: CrudPlan, given: Given = {}): Response =>
  toResponse(plan, { ...RESULT, ...given.result }, { request: request(given.request), config: { ...CONFIG, ...given.config }, timing: new ServerTiming() });

interface Scenario {
  readonly name: string;
  readonly plan: CrudPlan;
  readonly given?: Given;
  readonly status: number;
  /** null: must not be there. */
  readonly headers: Readonly<Record<string, string | null>>;
  readonly body?: string;
}

const read = readAction(readPlan("products"));
const insert = mutateAction(insertPlan("products", [], {}));
const update = mutateAction({ kind: "update", into: target("products"), columns: [], body: "{}", where: [], returning: [], applyDefaults: false });
const remove = mutateAction({ kind: "delete", from: target("products"), where: [], returning: [] });
const put = mutateAction(insertPlan("products", [], {}), { mutation: "singleUpsert" });
const call = callAction(routine("add"), { kind: "direct", values: new Map() });
const prefer = (preferences: Parameters<typeof request>[0] extends infer R ? NonNullable<R> extends { preferences?: infer P } ? P : never : never): Given => ({ request: { preferences } });
const page = (offset: number, tableTotal: number, queryTotal = 2): Given => ({ request: { topLevelRange: { offset, limit: 2 } }, result: { tableTotal, queryTotal } });

const SCENARIOS: readonly Scenario[] = [
  { name: "a read", plan: read, status: 200, headers: { "content-range": "0-1/*", "content-location": "/products", "content-type": "application/json; charset=utf-8", "content-length": "12", vary: "Accept, Prefer, Range", "content-profile": null, "preference-applied": null, "server-timing": null, warning: null }, body: RESULT.body },
  { name: "no rows", plan: read, given: { result: { queryTotal: 0, body: "[]" } }, status: 200, headers: { "content-range": "*/*" }, body: "[]" },
  { name: "a part", plan: read, given: page(2, 5), status: 206, headers: { "content-range": "2-3/5" } },
  { name: "all of it", plan: read, given: page(0, 2), status: 200, headers: { "content-range": "0-1/2" } },
  { name: "nothing of nothing", plan: read, given: page(0, 0, 0), status: 200, headers: { "content-range": "*/0" } },
  { name: "beyond the end", plan: read, given: page(9, 5, 0), status: 416, headers: { "content-range": "*/5" }, body: '{"code":"PGRST103","details":"An offset of 9 was requested, but there are only 5 rows.","hint":null,"message":"Requested range not satisfiable"}' },
  { name: "HEAD", plan: { ...read, headersOnly: true }, status: 200, headers: { "content-length": null, "content-type": "application/json; charset=utf-8", "content-range": "0-1/*" }, body: "" },
  { name: "HEAD of a plan", plan: { ...read, mediaType: { kind: "plan", for: { kind: "json" }, format: "text", options: [] } }, given: { request: { method: "HEAD" } }, status: 200, headers: { "content-type": 'application/vnd.pgrst.plan+text; for="application/json"; charset=utf-8' }, body: "" },
  { name: "a query", plan: read, given: { request: { queryParams: { ...request().queryParams, canonical: "id=eq.1&select=a" } } }, status: 200, headers: { "content-location": "/products?id=eq.1&select=a" } },
  { name: "a negotiated schema", plan: read, given: { request: { negotiatedByProfile: true } }, status: 200, headers: { "content-profile": "shop" } },
  { name: "bytes", plan: { ...read, mediaType: { kind: "octet-stream" } }, status: 200, headers: { "content-type": "application/octet-stream" } },
  { name: "a read's preferences", plan: read, given: prefer({ count: "planned", return: "minimal", missing: "default", maxAffected: 1, handling: "strict", timezone: "UTC" }), status: 200, headers: { "preference-applied": "count=planned, handling=strict, timezone=UTC" } },
  { name: "a name beyond ASCII", plan: readAction(readPlan("ü")), status: 200, headers: { "content-location": "/Ã¼" } },

  { name: "an insert", plan: insert, status: 201, headers: { "content-range": "*/*", "content-length": "0", "content-type": null, location: null }, body: "" },
  { name: "an insert, counted and returned", plan: insert, given: prefer({ return: "representation", count: "exact", missing: "default" }), status: 201, headers: { "content-range": "*/2", "content-type": "application/json; charset=utf-8", "preference-applied": "missing=default, return=representation, count=exact" }, body: RESULT.body },
  { name: "an insert's place", plan: insert, given: { result: { location: [["id", "eq.4"], ["na me", "eq.a&b'"]] } }, status: 201, headers: { location: "/products?id=eq.4&na+me=eq.a%26b%27" } },
  { name: "an upsert of something new", plan: insert, given: { ...prefer({ resolution: "merge-duplicates" }), result: { inserted: 1 } }, status: 201, headers: { "preference-applied": "resolution=merge-duplicates" } },
  { name: "an upsert of nothing new", plan: insert, given: { ...prefer({ resolution: "merge-duplicates" }), result: { inserted: 0 } }, status: 200, headers: {} },
  { name: "an upsert without a key", plan: mutateAction(insertPlan("products", [], {}, { primaryKey: [] })), given: { ...prefer({ resolution: "merge-duplicates" }), result: { inserted: 1 } }, status: 201, headers: { "preference-applied": null } },
  { name: "an update", plan: update, given: prefer({ count: "exact", handling: "strict", maxAffected: 5 }), status: 204, headers: { "content-range": "0-1/2", "content-length": null, "content-type": null, "preference-applied": "count=exact, handling=strict, max-affected=5" }, body: "" },
  { name: "an update of nothing", plan: update, given: { ...prefer({ return: "representation" }), result: { queryTotal: 0, body: "[]" } }, status: 200, headers: { "content-range": "*/*", "content-length": "2" }, body: "[]" },
  { name: "a delete", plan: remove, given: prefer({ count: "exact" }), status: 204, headers: { "content-range": "*/2" }, body: "" },
  { name: "a PUT that replaces", plan: put, given: { ...prefer({ return: "representation" }), result: { inserted: 0 } }, status: 200, headers: { "content-range": null, "content-length": "12" }, body: RESULT.body },
  { name: "a PUT that creates", plan: put, given: { ...prefer({ return: "representation" }), result: { inserted: 1 } }, status: 201, headers: {}, body: RESULT.body },
  { name: "a PUT without a body back", plan: put, given: { result: { inserted: 1 } }, status: 204, headers: {}, body: "" },

  { name: "a call", plan: call, given: { result: { queryTotal: 1, body: "3" } }, status: 200, headers: { "content-range": "0-0/*", "content-location": null, "content-length": "1" }, body: "3" },
  { name: "a call's HEAD", plan: { ...call, invoke: { kind: "read", headersOnly: true } }, status: 200, headers: { "content-length": null }, body: "" },
  { name: "a call without result", plan: callAction(routine("nothing", { returns: { setOf: false, kind: "scalar", type: { schema: "pg_catalog", name: "void" }, isDomainAlias: false } }), { kind: "direct", values: new Map() }), status: 204, headers: { "content-type": null, "content-length": null }, body: "" },
  { name: "a plan", plan: { ...read, mediaType: { kind: "plan", for: { kind: "json" }, format: "text", options: ["analyze"] } }, given: { result: { body: "Aggregate\n", gucStatus: "500" } }, status: 200, headers: { "content-type": 'application/vnd.pgrst.plan+text; for="application/json"; options=analyze; charset=utf-8', "content-range": null }, body: "Aggregate\n" },

  { name: "a status set by SQL", plan: read, given: { result: { gucStatus: "418" } }, status: 418, headers: {}, body: RESULT.body },
  { name: "a status without body, set by SQL", plan: read, given: { result: { gucStatus: "304" } }, status: 304, headers: { "content-length": null }, body: "" },
  { name: "headers set by SQL", plan: read, given: { result: { gucHeaders: '[{"Set-Cookie":"a=1"},{"Set-Cookie":"b=2"},{"VARY":"X"},{"content-type":"text/x"}]' } }, status: 200, headers: { "set-cookie": "a=1, b=2", vary: "X", "content-type": "text/x" } },
];

describe("toResponse", () => {
  test.for(SCENARIOS)("$name", async ({ plan, given, status, headers, body }) => {
    const response = respond(plan, given);
    expect(response.status).toBe(status);
    for (const [name, value] of Object.entries(headers)) expect([name, response.headers.get(name)]).toEqual([name, value]);
    if (body !== undefined) expect(await response.text()).toBe(body);
  });

  const NONSENSE = [
    [{ gucStatus: "teapot" }, "PGRST112"],
    [{ gucStatus: "99" }, "PGRST112"],
    [{ gucHeaders: "{}" }, "PGRST111"],
    [{ gucHeaders: "[" }, "PGRST111"],
    [{ gucHeaders: '[{"a":"b","c":"d"}]' }, "PGRST111"],
    [{ gucHeaders: '[{"a":1}]' }, "PGRST111"],
    [{ gucHeaders: '[{"a":"b\\r\\nSet-Cookie: c"}]' }, "PGRST111"],
    [{ gucHeaders: '[{"a b":"c"}]' }, "PGRST111"],
  ] as const;
  test.for(NONSENSE)("refuses %j", ([result, code]) => {
    expect(() => respond(read, { result })).toThrow(expect.objectContaining({ code, status: 500 }));
  });

  test("times its stages where that is wanted", () => {
    const timing = new ServerTiming();
    timing.mark("jwt");
    const response = toResponse(read, RESULT, { request: request(), config: { ...CONFIG, serverTimingEnabled: true }, timing });
    expect(response.headers.get("server-timing")).toMatch(/^jwt;dur=\d+\.\d, response;dur=\d+\.\d$/);
  });

  test("warns of embeds addressed by their relation's name", () => {
    const child = readPlan("makers", { alias: "by", legacyTargetName: true });
    const plan = readAction(readPlan("products", { children: [child] }));
    expect(respond(plan, { config: { urlUseLegacyTargetNames: true } }).headers.get("warning")).toMatch(/^299 PostgREST\S+ ".*Update `makers` to `by` in query string filters, orders or limits\."$/);
    expect(respond(plan).headers.get("warning")).toBeNull();
  });
});

describe("infoResponse", () => {
  const table = (more: Partial<Table>): InfoPlan => ({
    kind: "relationInfo",
    target: target("products"),
    table: { schema: "shop", name: "products", description: null, isView: false, insertable: true, updatable: true, deletable: true, primaryKey: ["id"], columns: new Map(), ...more },
  });
  const ALLOWED: ReadonlyArray<readonly [string, InfoPlan]> = [
    ["OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE", table({})],
    ["OPTIONS,GET,HEAD,POST,PATCH,DELETE", table({ primaryKey: [] })],
    ["OPTIONS,GET,HEAD,POST", table({ updatable: false, deletable: false })],
    ["OPTIONS,GET,HEAD", table({ insertable: false, updatable: false, deletable: false })],
    ["OPTIONS,POST", { kind: "routineInfo", routine: routine("add") }],
    ["OPTIONS,GET,HEAD,POST", { kind: "routineInfo", routine: routine("add", { volatility: "stable" }) }],
    ["OPTIONS,GET,HEAD", { kind: "schemaInfo" }],
  ];
  test.for(ALLOWED)("allows %s", ([allow, plan]) => {
    const response = infoResponse(plan, { request: request(), config: CONFIG, timing: new ServerTiming() });
    expect([response.status, response.headers.get("allow"), response.headers.get("content-length")]).toEqual([200, allow, "0"]);
  });
});
