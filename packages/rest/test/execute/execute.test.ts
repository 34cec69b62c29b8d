import type { Ending, RawResult, Scope, Statement, Tenant } from "@plinth/core";
import { describe, expect, test } from "vitest";
import { execute } from "../../src/execute/execute.ts";
import { transactionScope } from "../../src/execute/transaction-scope.ts";
import type { CrudPlan } from "../../src/plan/action-plan.ts";
import { buildQuery } from "../../src/query/build-query.ts";
import type { RestConfig } from "../../src/config/rest-config.ts";
import { callAction, CONFIG, insertPlan, mutateAction, readAction, readPlan, request, routine, target } from "../query/plans.ts";

interface Flight {
  readonly statements: readonly Statement[];
  /** How the transaction ended, and whether that was known before it began. */
  readonly ended: "commit" | "rollback";
  readonly decidedLate: boolean;
}

/** Answers each main statement with a row of `queryTotal` rows, and any EXPLAIN with 40 planned ones. */
function fakeTenant(queryTotal: number, flights: Flight[]): Tenant {
  const answer = ({ sql }: Statement): RawResult => ({
    rows: sql.startsWith("explain (format json)") ? [['[{"Plan":{"Plan Rows":40}}]']] : [["[]", String(queryTotal), null, null, "30"]],
    command: "SELECT 1",
  });
  const run = (_scope: Scope, statements: readonly Statement[], ending: Ending = "commit"): Promise<readonly RawResult[]> => {
    const results = statements.map(answer);
    flights.push({ statements, ended: typeof ending === "function" ? ending(results) : ending, decidedLate: typeof ending === "function" });
    return Promise.resolve(results);
  };
  return { execute: run } as unknown as Tenant;
}

type Given = { rows: number; request?: Parameters<typeof request>[0]; config?: Partial<RestConfig> };

async function run(plan: CrudPlan, { rows, request: asked, config }: Given) {
  const flights: Flight[] = [];
  const apiRequest = request(asked);
  const complete = { ...CONFIG, ...config };
  const outcome = await execute(fakeTenant(rows, flights), { role: "anon" }, apiRequest, plan, buildQuery(plan, apiRequest, complete), complete).catch((error: unknown) => error);
  expect(flights).toHaveLength(1);
  return { outcome, flight: flights[0]! };
}

const SINGULAR = { mediaType: { kind: "singular", stripNulls: false } } as const;
const read = readAction(readPlan("products"));
const insert = mutateAction(insertPlan("products", [], {}));
const remove = mutateAction({ kind: "delete", from: target("products"), where: [], returning: [] });
const put = mutateAction(insertPlan("products", [], {}), { mutation: "singleUpsert" });
const call = callAction(routine("add", { returns: { setOf: true, kind: "scalar", type: { schema: "pg_catalog", name: "int4" }, isDomainAlias: false } }), { kind: "direct", values: new Map() });
const strictly = (maxAffected: number, handling: "strict" | "lenient" = "strict"): Given["request"] => ({ preferences: { maxAffected, handling } });

describe("execute", () => {
  const ONE_FLIGHT: ReadonlyArray<readonly [string, CrudPlan, Given]> = [
    ["a read", read, { rows: 2 }],
    ["a single object read", { ...read, ...SINGULAR }, { rows: 1 }],
    ["an insert", insert, { rows: 2 }],
    ["a delete, leniently limited", remove, { rows: 2, request: strictly(1, "lenient") }],
    ["an insert, limited in vain", insert, { rows: 2, request: strictly(1) }],
    ["a plan of a single object", { ...insert, mediaType: { kind: "plan", for: SINGULAR.mediaType, format: "json", options: [] } }, { rows: 2 }],
  ];
  test.for(ONE_FLIGHT)("commits %s in one round trip", async ([, plan, given]) => {
    const { flight, outcome } = await run(plan, given);
    expect(flight).toMatchObject({ ended: "commit", decidedLate: false });
    expect(outcome).not.toBeInstanceOf(Error);
  });

  const LATE: ReadonlyArray<readonly [string, CrudPlan, Given, string | undefined]> = [
    ["a single insert", { ...insert, ...SINGULAR }, { rows: 1 }, undefined],
    ["a single insert of two", { ...insert, ...SINGULAR }, { rows: 2 }, "PGRST116"],
    ["a single delete of none", { ...remove, ...SINGULAR }, { rows: 0 }, "PGRST116"],
    ["a single call of two", { ...call, ...SINGULAR }, { rows: 2 }, "PGRST116"],
    ["a PUT", put, { rows: 1 }, undefined],
    ["a PUT of another key", put, { rows: 0 }, "PGRST115"],
    ["a delete within its limit", remove, { rows: 2, request: strictly(2) }, undefined],
    ["a delete beyond its limit", remove, { rows: 3, request: strictly(2) }, "PGRST124"],
    ["a call beyond its limit", call, { rows: 3, request: strictly(2) }, "PGRST124"],
  ];
  test.for(LATE)("decides on %s once it is seen", async ([, plan, given, code]) => {
    const { flight, outcome } = await run(plan, given);
    expect(flight).toMatchObject({ ended: code === undefined ? "commit" : "rollback", decidedLate: true });
    if (code === undefined) expect(outcome).toMatchObject({ queryTotal: given.rows });
    else expect(outcome).toMatchObject({ code });
  });

  test("finds a read's violation without a second round trip", async () => {
    const { flight, outcome } = await run({ ...read, ...SINGULAR }, { rows: 2 });
    expect(flight.decidedLate).toBe(false);
    expect(outcome).toMatchObject({ code: "PGRST116", details: "The result contains 2 rows" });
  });

  const ENDS: ReadonlyArray<readonly [RestConfig["txEnd"], "commit" | "rollback" | undefined, "commit" | "rollback"]> = [
    ["commit", undefined, "commit"],
    ["commit", "rollback", "commit"],
    ["commit-allow-override", undefined, "commit"],
    ["commit-allow-override", "rollback", "rollback"],
    ["rollback", "commit", "rollback"],
    ["rollback-allow-override", undefined, "rollback"],
    ["rollback-allow-override", "commit", "commit"],
  ];
  test.for(ENDS)("ends with tx-end %s and tx=%s by %s", async ([txEnd, transaction, ended]) => {
    const { flight } = await run(insert, { rows: 1, config: { txEnd }, request: { preferences: { transaction } } });
    expect(flight.ended).toBe(ended);
  });

  const TOTALS: ReadonlyArray<readonly ["exact" | "planned" | "estimated" | undefined, number | undefined, number | null]> = [
    [undefined, undefined, null],
    ["exact", 10, 30],
    ["planned", undefined, 40],
    ["estimated", 50, 30],
    ["estimated", 20, 40],
    ["estimated", undefined, 40],
  ];
  test.for(TOTALS)("counts %s, max-rows %s: %s", async ([count, maxRows, total]) => {
    const { outcome, flight } = await run(read, { rows: 1, request: { preferences: { count } }, config: { maxRows } });
    expect(outcome).toMatchObject({ tableTotal: total });
    expect(flight.statements).toHaveLength(count === "planned" || count === "estimated" ? 2 : 1);
  });

  test("calls the pre-request function first, in the same transaction", async () => {
    const { flight, outcome } = await run(read, { rows: 5, config: { preRequest: { schema: "shop", name: "check" } } });
    expect(flight.statements[0]).toEqual({ sql: 'select "shop"."check"()', parameters: [] });
    expect(outcome).toMatchObject({ queryTotal: 5 });
  });
});

describe("transactionScope", () => {
  const caller = { role: "authenticated", claims: { sub: "1" }, claimsJson: '{"sub":"1","role":"authenticated"}', authenticated: true };

  test("has the settings that SQL may read", () => {
    const asked = request({ method: "POST", path: "/products", headers: [["x-a", "1"], ["__proto__", "2"]], cookies: [["c", "3"]], preferences: { timezone: "Europe/Zurich" } });
    const scope = transactionScope(caller, asked, insert, { ...CONFIG, extraSearchPath: ["public", 'o"dd'], appSettings: { secret: "s", "app.settings.other": "t" } });
    expect(scope).toMatchObject({ role: "authenticated", claimsJson: caller.claimsJson, readOnly: false });
    expect(scope.isolation).toBeUndefined();
    expect(scope.settings).toEqual([
      ["search_path", '"shop", "public", "o""dd"'],
      ["request.method", "POST"],
      ["request.path", "/products"],
      ["request.headers", '{"x-a":"1","__proto__":"2"}'],
      ["request.cookies", '{"c":"3"}'],
      ["timezone", "Europe/Zurich"],
      ["app.settings.secret", "s"],
      ["app.settings.other", "t"],
    ]);
  });

  test("takes a function's own settings and isolation", () => {
    const plan = callAction(routine("add", { settings: [["statement_timeout", "5s"]], isolation: "serializable" }), { kind: "direct", values: new Map() });
    const scope = transactionScope(caller, request(), plan, CONFIG);
    expect(scope.isolation).toBe("serializable");
    expect(scope.statementTimeoutMs).toBe(5_000);
    expect(transactionScope(caller, request(), plan, CONFIG, { statementLimitMs: 2_000 }).statementTimeoutMs).toBe(2_000);
  });

  test("reads only where the plan does", () => {
    expect(transactionScope(caller, request(), read, CONFIG).readOnly).toBe(true);
  });

  test("takes the role's settings before the request's own, and the function's before the role's", () => {
    const roleSettings = { settings: [["work_mem", "5MB"]] as const, isolation: "repeatable read" as const, statementTimeoutMs: 900 };
    const scope = transactionScope(caller, request(), read, CONFIG, { roleSettings });
    expect(scope.settings?.slice(0, 3).map(([name]) => name)).toEqual(["search_path", "work_mem", "request.method"]);
    expect(scope).toMatchObject({ isolation: "repeatable read", statementTimeoutMs: 900 });
    const plan = callAction(routine("add", { isolation: "serializable", settings: [["statement_timeout", "5s"]] }), { kind: "direct", values: new Map() });
    expect(transactionScope(caller, request(), plan, CONFIG, { roleSettings })).toMatchObject({ isolation: "serializable", statementTimeoutMs: 5_000 });
  });
});
