import { expect, test } from "vitest";
import { KnownRequests } from "../../src/known-requests/known-requests.ts";
import { prepareRequest } from "../../src/known-requests/prepared-request.ts";
import type { ApiRequestInput } from "../../src/request/parse-api-request.ts";
import { reference, routine, schemaCache, SCHEMA, table } from "../plan/builders/schema-cache.ts";
import { TEST_CONFIG } from "../support/rest-config.ts";

const config = { ...TEST_CONFIG, schemas: [SCHEMA, "other"] as const, txEnd: "commit-allow-override" as const };
const cache = schemaCache({
  tables: [
    table("clients", { id: "integer", name: "text", data: "jsonb" }),
    table("projects", { id: "integer", client_id: "integer", color: "test.color/integer", name: "text" }),
  ],
  relationships: reference("projects", "clients", "client", [["client_id", "id"]]),
  representations: [{ sourceType: "text", targetType: "test.color", function: "test.text_color" }, { sourceType: "json", targetType: "test.color", function: "test.json_color" }],
  routines: [routine("add", ["a", "b"]), routine("now", [])],
});

interface Given {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const inputOf = ({ method = "GET", path = "/clients", query = "", headers = {}, body }: Given): ApiRequestInput => ({
  method,
  path,
  query,
  headers: new Headers({ cookie: "a=1", "x-mine": query.slice(0, 20).replaceAll(/[^a-z]/g, ""), ...headers }),
  body: body ?? (method === "GET" || method === "HEAD" || method === "DELETE" ? undefined : ""),
});

/** All that is made of a request, or the error. */
function outcome(prepare: () => ReturnType<typeof prepareRequest>): unknown {
  try {
    const { request, plan, query } = prepare();
    const { canonical } = request.queryParams;
    const rest = { ...request, queryParams: undefined, payload: request.payload && { ...request.payload } };
    return { rest, canonical, onConflict: request.queryParams.onConflict, kind: plan.kind, query };
  } catch (error) {
    const { code, message, details } = error as { code?: string; message: string; details?: unknown };
    return { code, message, details };
  }
}

const nothing = (): void => undefined;

function expectAsAfresh(known: KnownRequests, given: Given): void {
  const input = inputOf(given);
  expect(outcome(() => known.prepare(input, cache, config, nothing)), JSON.stringify(given)).toEqual(outcome(() => prepareRequest(input, cache, config, nothing)));
}

const VALUES = ["1", "", "null", "a.b", "eq.1", "x,y", "(1)", '"q"', "%22%C3%A9%22", "a+b", "a%2Bb", "%26%3D", "*", "%25", "~plinth-slot-0~", "🙂", "%", "%zz"];

const QUERIES: ReadonlyArray<(value: string) => string> = [
  (v) => `id=eq.${v}`,
  (v) => `id=not.eq.${v}&name=neq.${v}`,
  (v) => `select=id,projects(name)&id=gt.${v}&projects.name=lte.${v}&order=id.desc&limit=25&offset=5`,
  (v) => `name=lt.${v}&name=gte.${v};id=gt.5`,
  (v) => `data->>a=eq.${v}&select=data->b`,
  (v) => `name=like.${v}&id=in.(${v},2)`,
  (v) => `or=(id.eq.${v},name.eq.x)&id=eq.${v}`,
  (v) => `name=like.${v}`,
  (v) => `name=is.${v}`,
  (v) => `name=eq(any).{${v}}&id=eq.${v}`,
  (v) => `n%61me=eq.${v}&id=eq%2E1`,
  (v) => `select=id,projects!inner(*)&projects.color=eq.${v}&projects.limit=${v}`,
  (v) => `select=${v}&id=eq.1`,
  (v) => `order=eq.${v}&id=eq.${v}`,
  (v) => `and=eq.${v}`,
  (v) => `nobody=eq.${v}`,
  (v) => `id=eq.${v}&id`,
  (v) => `?id=eq.${v}`,
];

test("what differs in values alone is made of a known request as if it were the first", () => {
  const known = new KnownRequests();
  for (const query of QUERIES) {
    for (let round = 0; round < 2; round++) for (const value of VALUES) expectAsAfresh(known, { query: query(value) });
  }
});

test("a value that can't be decoded is the error that it always was", () => {
  const known = new KnownRequests();
  for (const query of ["id=eq.1", "id=eq.2", "id=eq.3", "id=eq.%ff", "id=eq.%00", `id=eq.${"[".repeat(2_001)}`, "id=eq.4"]) expectAsAfresh(known, { query });
});

const BODIES: readonly string[] = [
  '{"id": 1, "name": "a"}', '{"id": 2, "name": "b"}', '[{"id": 3, "name": "c"}]', '[{"id": 4, "name": "c"}, {"id": 5, "name": "d"}]', ' {"name": "x", "id": 6}',
  '{"name": "only"}', "{}", "[]", "[{}]", "", "{", "1", '"text"', '[{"id": 1}, {"name": "x"}]', '{"nobody": 1}', '{"id": "~plinth-slot-0~", "name": null}',
];

test.each<Given>([
  { method: "POST" },
  { method: "POST", query: "select=id&columns=id,name" },
  { method: "POST", query: "on_conflict=name", headers: { prefer: "resolution=merge-duplicates, return=representation, missing=default" } },
  { method: "PATCH", query: "id=eq.7&name=gt.a", headers: { prefer: "return=representation, count=exact" } },
  { method: "PUT", query: "id=eq.1" },
  { method: "POST", path: "/rpc/add" },
  { method: "POST", path: "/rpc/add", headers: { prefer: "params=single-object" } },
  { method: "POST", path: "/projects", query: "select=color" },
])("bodies of all kinds: $method $path $query", (given) => {
  const known = new KnownRequests();
  for (let round = 0; round < 3; round++) for (const body of BODIES) expectAsAfresh(known, { ...given, body });
  for (const type of ["text/csv", "application/x-www-form-urlencoded", "text/plain", "application/json; charset=utf-8"]) {
    for (const body of ["id,name\n1,a", "id,name\n2,b", "id=1&name=a", "id=2&name=b"]) expectAsAfresh(known, { ...given, body, headers: { ...given.headers, "content-type": type } });
  }
});

test("routines that are called without a body", () => {
  const known = new KnownRequests();
  for (let round = 0; round < 4; round++) expectAsAfresh(known, { method: "POST", path: "/rpc/now", body: "" });
});

test("headers that decide about the answer are told apart", () => {
  const known = new KnownRequests();
  const headers: ReadonlyArray<Readonly<Record<string, string>>> = [
    {}, { accept: "text/csv" }, { accept: "application/vnd.pgrst.object+json" }, { range: "0-4" }, { range: "5-9" }, { prefer: "count=exact" }, { prefer: "count=planned" },
    { prefer: "tx=rollback" }, { prefer: "timezone=UTC" }, { "accept-profile": "other" }, { "accept-profile": "nobody" }, { accept: "image/png" }, { "x-mine": "2" }, { cookie: "b=2" },
  ];
  for (let round = 0; round < 3; round++) for (const each of headers) expectAsAfresh(known, { query: `id=eq.${round}`, headers: each });
});

test("routines by GET, and methods", () => {
  const known = new KnownRequests();
  for (let round = 0; round < 3; round++) {
    for (const query of ["a=1&b=2", "a=3&b=4", "a=eq.1&b=2", "a=1", "a=1&b=2&select=x"]) expectAsAfresh(known, { path: "/rpc/add", query });
    for (const method of ["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"]) expectAsAfresh(known, { method, query: `id=eq.${round}` });
    for (const path of ["/", "/nobody", "/a/b", "/rpc/nobody"]) expectAsAfresh(known, { path });
  }
});

test("each schema cache and each configuration has its own", () => {
  const known = new KnownRequests();
  const other = schemaCache({ tables: [table("clients", { key: "text", id: "integer" })] });
  for (let round = 0; round < 3; round++) {
    for (const [schema, settings] of [[cache, config], [other, config], [cache, { ...config, maxRows: 1 }]] as const) {
      const input = inputOf({ query: `select=*,name&id=eq.${round}`, headers: { prefer: "count=exact" } });
      expect(outcome(() => known.prepare(input, schema, settings, nothing))).toEqual(outcome(() => prepareRequest(input, schema, settings, nothing)));
    }
  }
});

test("from the third on nothing is parsed or planned", () => {
  const known = new KnownRequests();
  const plans = [1, 2, 3, 4, 5].map((value) => known.prepare(inputOf({ query: `id=eq.${value}` }), cache, config, nothing).plan);
  expect(plans[4]).toBe(plans[3]);
  expect(plans[3]).not.toBe(plans[2]);
  expect(JSON.stringify(plans[4])).not.toMatch(/"value":"[1-5]"/);
});
