import { BackendError, CORE_ERRORS } from "@plinth/core";
import { describe, expect, test } from "vitest";
import { singularity } from "../../src/errors/api-request-errors.ts";
import { renderError, type RenderOptions } from "../../src/errors/render-error.ts";

const pgError = (code: string, message = "m", more: object = {}): Error => Object.assign(new Error(message), { severity: "ERROR", code, ...more });
const raised = (message: unknown, detail?: unknown): Error => {
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return pgError("PGRST", text(message), detail === undefined ? {} : { detail: text(detail) });
};

const render = (error: unknown, more: Partial<RenderOptions> = {}): Response =>
  renderError(error, { authenticated: true, headersOnly: false, verbosity: "verbose", ...more });

describe("renderError", () => {
  test("renders PostgREST's body and headers", async () => {
    const response = render(singularity(3));
    expect(response.status).toBe(406);
    expect(Object.fromEntries(response.headers)).toEqual({
      "content-type": "application/json; charset=utf-8",
      "content-length": "131",
      "proxy-status": "PostgREST; error=PGRST116",
    });
    expect(await response.text()).toBe('{"code":"PGRST116","details":"The result contains 3 rows","hint":null,"message":"Cannot coerce the result to a single JSON object"}');
  });

  test("says less where little is wanted", async () => {
    expect(await render(pgError("23505", "dup", { detail: "Key (id)=(1)" }), { verbosity: "minimal" }).text()).toBe('{"code":"23505","message":"dup"}');
  });

  test("gives HEAD the headers alone", async () => {
    const response = render(singularity(3), { headersOnly: true });
    expect(response.headers.get("proxy-status")).toBe("PostgREST; error=PGRST116");
    expect(await response.text()).toBe("");
  });

  const STATUSES: ReadonlyArray<readonly [string, string, number]> = [
    ["08006", "", 503],
    ["09000", "", 500],
    ["0L000", "", 403],
    ["0P000", "", 403],
    ["21000", "UPDATE requires a WHERE clause", 400],
    ["21000", "more than one row returned by a subquery", 500],
    ["22023", 'role "x" does not exist', 401],
    ["22023", "invalid value", 400],
    ["22P02", "", 400],
    ["23502", "", 400],
    ["23503", "", 409],
    ["23505", "", 409],
    ["25006", "", 405],
    ["25P02", "", 500],
    ["28000", "", 403],
    ["2D000", "", 500],
    ["38000", "", 500],
    ["39000", "", 500],
    ["3B000", "", 500],
    ["40001", "", 500],
    ["42501", "", 403],
    ["42601", "", 400],
    ["42883", "function x() does not exist", 404],
    ["42883", "function xmlagg(integer) does not exist", 406],
    ["42P01", "", 404],
    ["42P17", "", 500],
    ["53300", "", 503],
    ["53400", "", 500],
    ["54000", "", 500],
    ["55000", "", 500],
    ["57014", "", 500],
    ["57P01", "", 503],
    ["58000", "", 500],
    ["F0000", "", 500],
    ["HV000", "", 500],
    ["P0001", "", 400],
    ["P0002", "", 500],
    ["PT402", "", 402],
    ["PT999", "", 500],
    ["PTABC", "", 500],
    ["XX000", "", 500],
    ["ZZ000", "", 400],
  ];
  test.for(STATUSES)("SQLSTATE %s %j is %i", ([code, message, status]) => {
    expect(render(pgError(code, message)).status).toBe(status);
  });

  test("asks whoever showed no token to log in", () => {
    const response = render(pgError("42501"), { authenticated: false });
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect(render(pgError("42501")).headers.get("www-authenticate")).toBeNull();
  });

  test("hands on PostgreSQL's own words", async () => {
    const error = pgError("23503", "no such maker", { detail: "Key (maker_id)=(9)", hint: "Make one", where: "secret" });
    expect(await render(error).json()).toEqual({ code: "23503", message: "no such maker", details: "Key (maker_id)=(9)", hint: "Make one" });
  });

  test("lets SQL shape the whole response", async () => {
    const response = render(raised({ code: "123", message: "ABC", details: "DEF", hint: "XYZ" }, { status: 332, headers: { "X-Header": "str", "X-Bad": "a\r\nb: c" } }));
    expect(response.status).toBe(332);
    expect(response.headers.get("x-header")).toBe("str");
    expect(response.headers.get("x-bad")).toBeNull();
    expect(response.headers.get("content-length")).toBe("59");
    expect(await response.text()).toBe('{"code":"123","details":"DEF","hint":"XYZ","message":"ABC"}');
  });

  const MALFORMED: ReadonlyArray<readonly [Error, string]> = [
    [raised("INVALID"), "Invalid JSON value for MESSAGE: 'INVALID'"],
    [raised({ code: 1, message: "m" }), `Invalid JSON value for MESSAGE: '{"code":1,"message":"m"}'`],
    [raised({ code: "1", message: "m" }), "DETAIL is missing in the RAISE statement"],
    [raised({ code: "1", message: "m" }, "INVALID"), "Invalid JSON value for DETAIL: 'INVALID'"],
    [raised({ code: "1", message: "m" }, { status: 200 }), `Invalid JSON value for DETAIL: '{"status":200}'`],
  ];
  test.for(MALFORMED)("tells what is wrong with a raised response: %s", async ([error, details]) => {
    const response = render(error);
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ code: "PGRST121", details });
  });

  const CONNECTIONS: ReadonlyArray<readonly [unknown, number, string]> = [
    [new BackendError(CORE_ERRORS.databaseUnavailable, { details: "10.0.0.1", headers: { "Retry-After": "1" } }), 503, "PGRST000"],
    [new BackendError(CORE_ERRORS.databaseBusy), 504, "PGRST003"],
    [new Error("Connection terminated unexpectedly"), 503, "PGRST001"],
    [Object.assign(new Error("connect ECONNREFUSED 10.0.0.1:5432"), { errno: -111, code: "ECONNREFUSED" }), 503, "PGRST001"],
    [new TypeError("cannot read properties of secret"), 500, "PLINTH_INTERNAL"],
    ["a string", 500, "PLINTH_INTERNAL"],
    [undefined, 500, "PLINTH_INTERNAL"],
  ];
  test.for(CONNECTIONS)("says nothing of the inside: %s", async ([error, status, code]) => {
    const response = render(error);
    const text = await response.text();
    expect(response.status).toBe(status);
    expect(JSON.parse(text)).toMatchObject({ code, details: null });
    expect(text).not.toMatch(/10\.0\.0\.1|secret/);
  });
});
