import type { BackendError } from "@plinth/core";
import { describe, expect, test } from "vitest";
import * as errors from "../../src/errors/api-request-errors.ts";

/** [error, status, code, message, details, hint] as PostgREST answers them. */
const CASES: ReadonlyArray<readonly [BackendError, number, string, string, string | null, string | null]> = [
  [errors.invalidRange({ kind: "outOfBounds", offset: 100, total: 15 }), 416, "PGRST103", "Requested range not satisfiable", "An offset of 100 was requested, but there are only 15 rows.", null],
  [errors.invalidFilters(), 405, "PGRST105", "Filters must include all and only primary key columns with 'eq' operators", null, null],
  [errors.mediaTypeError(["text/html", "image/png"]), 406, "PGRST107", "None of these media types are available: text/html, image/png", null, null],
  [errors.notEmbedded("c"), 400, "PGRST108", "'c' is not an embedded resource in this request", null, "Verify that 'c' is included in the 'select' query parameter."],
  [
    errors.notEmbedded("clients", { name: "clients", alias: "c" }), 400, "PGRST108", "'clients' is not an embedded resource in this request",
    "Target names are not allowed in filters if they have an alias", "Change 'clients' to 'c' in filters, orders or limits.",
  ],
  [errors.gucHeadersError(), 500, "PGRST111", "response.headers guc must be a JSON array composed of objects with a single key and a string value", null, null],
  [errors.gucStatusError(), 500, "PGRST112", "response.status guc must be a valid status code", null, null],
  [errors.putMatchingPk(), 400, "PGRST115", "Payload values do not match URL in primary key column(s)", null, null],
  [errors.singularity(4), 406, "PGRST116", "Cannot coerce the result to a single JSON object", "The result contains 4 rows", null],
  [
    errors.relatedOrderNotToOne("clients", "projects"), 400, "PGRST118", "A related order on 'projects' is not possible",
    "'clients' and 'projects' do not form a many-to-one or one-to-one relationship", null,
  ],
  [
    errors.unacceptableFilter("projects"), 400, "PGRST120", "Bad operator on the 'projects' embedded resource",
    "Only is null or not is null filters are allowed on embedded resources", null,
  ],
  [
    errors.raiseParseError({ kind: "message", text: "x" }), 500, "PGRST121", "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error",
    "Invalid JSON value for MESSAGE: 'x'", "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'.",
  ],
  [
    errors.raiseParseError({ kind: "noDetail" }), 500, "PGRST121", "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error",
    "DETAIL is missing in the RAISE statement", "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'.",
  ],
  [errors.invalidPreferences(["something", "else"]), 400, "PGRST122", "Invalid preferences given with handling=strict", "Invalid preferences: something, else", null],
  [errors.aggregatesNotAllowed(), 400, "PGRST123", "Use of aggregate functions is not allowed", null, null],
  [errors.maxAffectedViolation(15), 400, "PGRST124", "Query result exceeds max-affected preference constraint", "The query affects 15 rows", null],
  [errors.notImplemented("Not yet."), 400, "PGRST127", "Feature not implemented", "Not yet.", null],
  [errors.maxAffectedRpc(), 400, "PGRST128", "Function must return SETOF or TABLE when max-affected preference is used with handling=strict", null, null],
];

describe("errors of the request", () => {
  test.for(CASES)("%#: %s", ([error, status, code, message, details, hint]) => {
    expect({ status: error.status, code: error.code, message: error.message, details: error.details, hint: error.hint }).toEqual({ status, code, message, details, hint });
  });

  test("have a code of their own each", () => {
    const codes = Object.values(errors.API_REQUEST_ERRORS).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
