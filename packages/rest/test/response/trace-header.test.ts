import { expect, test } from "vitest";
import { restConfigSchema } from "../../src/config/rest-options.ts";
import { withTraceHeader } from "../../src/response/trace-header.ts";
import { TEST_CONFIG } from "../support/rest-config.ts";

const request = new Request("http://backend/rest/v1/todos", { headers: { "x-trace": "abc 1" } });
const traced = (serverTraceHeader: string | undefined) => [...withTraceHeader(new Response(null, { headers: { "x-own": "1" } }), request, { ...TEST_CONFIG, serverTraceHeader }).headers];

test("the configured header comes back with its value, or empty", () => {
  expect(traced("X-Trace")).toEqual([["x-own", "1"], ["x-trace", "abc 1"]]);
  expect(traced("X-Other")).toEqual([["x-other", ""], ["x-own", "1"]]);
  expect(traced(undefined)).toEqual([["x-own", "1"]]);
});

test.for(["Content-Length", "transfer-encoding", "two words", "", "colon:"])("%j can't be the header", (serverTraceHeader) => {
  expect(restConfigSchema.safeParse({ serverTraceHeader }).success).toBe(false);
});
