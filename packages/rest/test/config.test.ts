import { expect, test } from "vitest";
import { restConfigSchema } from "../src/config/rest-options.ts";

const accepts = (options: object): boolean => restConfigSchema.safeParse(options).success;

test.for(["https://postgrest.com/openapi.json", "http://localhost:8080", "https://[::1]:443/v1/"])("%s can be the API's address", (openapiServerProxyUri) => {
  expect(accepts({ openapiServerProxyUri })).toBe(true);
});

test.for(["ftp://example.com", "example.com", "https://user:secret@example.com", "https://example.com/?a=1", "https://example.com:70000", "http://", ""])("%j can't", (openapiServerProxyUri) => {
  expect(accepts({ openapiServerProxyUri })).toBe(false);
});

test.for([[1000, true], [{ anon: 10, web: 0.5 }, true], [{}, true], [0, false], [-1, false], ["10", false], [{ anon: "10" }, false], [{ anon: Infinity }, false]] as const)("a largest cost of %j: %s", ([maxCost, valid]) => {
  expect(accepts({ maxCost })).toBe(valid);
});
