import { expect, test } from "vitest";
import { type CorsOptions, createCorsPolicy } from "../../src/http/cors.ts";

const PAGE = "http://example.com";
const LIST = [PAGE, "http://example2.com"];
const EXPOSED = "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, Server, Transfer-Encoding, Range-Unit";

function request(method: string, headers: Record<string, string>): Request {
  return new Request("http://backend/rest/v1/items", { method, headers });
}

function preflight(options: CorsOptions, headers: Record<string, string>): Record<string, string> | undefined {
  const response = createCorsPolicy(options).preflight(request("OPTIONS", { "access-control-request-method": "POST", ...headers }));
  expect(response?.status ?? 200).toBe(200);
  return response && cors(response);
}

function answer(options: CorsOptions, headers: Record<string, string>, response = new Response("[]")): Record<string, string> {
  return cors(createCorsPolicy(options).apply(request("GET", headers), response));
}

function cors(response: Response): Record<string, string> {
  return Object.fromEntries([...response.headers].filter(([name]) => name === "vary" || name.startsWith("access-control-")));
}

test("a preflight is answered as PostgREST answers it", () => {
  expect(preflight({}, { origin: PAGE, "access-control-request-headers": "Foo,Bar" })).toEqual({
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD",
    "access-control-allow-headers": "Authorization, Foo, Bar, Accept, Accept-Language, Content-Language",
    "access-control-max-age": "86400",
  });
});

test("headers are allowed as asked for, each once", () => {
  const allowed = preflight({}, { origin: PAGE, "access-control-request-headers": "authorization, apikey,accept,, x-client-info, bad header" });
  expect(allowed?.["access-control-allow-headers"]).toBe("Authorization, apikey, accept, x-client-info, Accept-Language, Content-Language");
});

test("what is no preflight is left to the service", () => {
  expect(createCorsPolicy().preflight(request("OPTIONS", { origin: PAGE }))).toBeUndefined();
  expect(createCorsPolicy().preflight(request("OPTIONS", { "access-control-request-method": "POST" }))).toBeUndefined();
  expect(createCorsPolicy().preflight(request("GET", { origin: PAGE, "access-control-request-method": "POST" }))).toBeUndefined();
});

test("any page may read answers, never with credentials", () => {
  for (const options of [{}, { origins: "*", credentials: true }] as const) {
    expect(answer(options, { origin: PAGE })).toEqual({ "access-control-allow-origin": "*", "access-control-expose-headers": EXPOSED });
    expect(preflight(options, { origin: PAGE })).not.toHaveProperty("access-control-allow-credentials");
  }
  expect(answer({}, {})).toEqual({});
});

test("listed pages may, with credentials; caches are told", () => {
  const granted = { "access-control-allow-origin": PAGE, "access-control-allow-credentials": "true", vary: "Origin" };
  expect(preflight({ origins: LIST }, { origin: PAGE, "access-control-request-headers": "Content-Type" })).toMatchObject(granted);
  expect(answer({ origins: LIST }, { origin: PAGE })).toEqual({ ...granted, "access-control-expose-headers": EXPOSED });
  expect(answer({ origins: LIST, credentials: false }, { origin: PAGE })).not.toHaveProperty("access-control-allow-credentials");
});

test.each(["http://invalid.com", "http://example.com.evil.com", "http://EXAMPLE.com", "https://example.com", "null"])("the page %s may not", (origin) => {
  expect(answer({ origins: LIST }, { origin })).toEqual({ vary: "Origin" });
  expect(preflight({ origins: LIST }, { origin })).toEqual({ vary: "Origin" });
  expect(answer({ origins: (given) => LIST.includes(given) }, { origin })).toEqual({ vary: "Origin" });
});

test("a function decides", () => {
  const origins = (origin: string): boolean => origin.endsWith(".example.com");
  expect(answer({ origins }, { origin: "https://a.example.com" })).toMatchObject({ "access-control-allow-origin": "https://a.example.com" });
});

test("Vary keeps what the service says", () => {
  const varies = (vary: string): string | undefined => answer({ origins: LIST }, { origin: PAGE }, new Response("", { headers: { vary } }))["vary"];
  expect([varies("Accept, Prefer, Range"), varies("accept, origin"), varies("*")]).toEqual(["Accept, Prefer, Range, Origin", "accept, origin", "*"]);
});

test("age and exposed headers are the host's to say", () => {
  expect(preflight({ maxAge: 5 }, { origin: PAGE })).toMatchObject({ "access-control-max-age": "5" });
  expect(answer({ exposedHeaders: ["X-Total"] }, { origin: PAGE })).toMatchObject({ "access-control-expose-headers": "X-Total" });
});
