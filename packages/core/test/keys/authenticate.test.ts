import { type Caller } from "@plinth/core";
import { expect, test } from "vitest";
import { authenticate } from "../../src/keys/authenticate.ts";
import { createProjectKeys, type ProjectKeysOptions } from "../../src/keys/project-keys.ts";
import { createRefReader, unverifiedRef } from "../../src/keys/unverified-ref.ts";
import { hs256, keyPair, NOW, OTHER_SECRET, SECRET, signWith } from "./tokens.ts";

const anonKey = hs256({ ref: "acme", role: "anon" });
const serviceKey = hs256({ ref: "acme", role: "service_role" });
const userToken = hs256({ role: "authenticated", sub: "42" });
const otherKey = hs256({ ref: "other", role: "anon" }, OTHER_SECRET);

type Shown = Readonly<Record<string, string>>;

async function ask(headers: Shown, options: Partial<ProjectKeysOptions> = {}): Promise<Caller> {
  const keys = createProjectKeys({ ref: "acme", secret: SECRET, anonRole: "anon", requireApiKey: true, now: () => NOW, ...options });
  return await authenticate(new Request("http://backend/rest/v1/todos", { headers }), keys);
}

test.each<[string, Shown, Partial<Caller>]>([
  ["the anon key", { apikey: anonKey }, { role: "anon", authenticated: false, claims: { ref: "acme", role: "anon" } }],
  ["the service key", { apikey: serviceKey }, { role: "service_role", authenticated: true }],
  ["a key that is Bearer too", { apikey: anonKey, authorization: `Bearer ${anonKey}` }, { role: "anon", authenticated: false }],
  ["a key and a user's token", { apikey: anonKey, authorization: `Bearer ${userToken}` }, { role: "authenticated", authenticated: true }],
  ["the service key and a user's token", { apikey: serviceKey, authorization: `Bearer ${userToken}` }, { role: "authenticated" }],
  ["a Bearer alone", { authorization: `Bearer ${userToken}` }, { role: "authenticated", claims: { role: "authenticated", sub: "42" } }],
  ["bearer in small letters", { authorization: `bearer ${userToken}` }, { role: "authenticated" }],
  ["more space than needed", { authorization: `Bearer   ${userToken}` }, { role: "authenticated" }],
  ["a key and another scheme", { apikey: anonKey, authorization: "Basic dXNlcjpwYXNz" }, { role: "anon" }],
])("%s says who asks", async (_title, headers, caller) => {
  expect(await ask(headers)).toMatchObject(caller);
});

const EMPTY = "Empty JWT is sent in Authorization header";

test.each<[string, Shown, { code: string; message: string }]>([
  ["a key of another project", { apikey: otherKey }, { code: "PGRST301", message: "No suitable key or wrong key type" }],
  ["a bad key with a good token", { apikey: otherKey, authorization: `Bearer ${userToken}` }, { code: "PGRST301", message: "No suitable key or wrong key type" }],
  ["a good key with a bad token", { apikey: anonKey, authorization: `Bearer ${userToken}x` }, { code: "PGRST301", message: "No suitable key or wrong key type" }],
  ["a good key with an expired token", { apikey: anonKey, authorization: `Bearer ${hs256({ exp: NOW - 60 })}` }, { code: "PGRST303", message: "JWT expired" }],
  ["a key that is no token", { apikey: "secret" }, { code: "PGRST301", message: "Expected 3 parts in JWT; got 1" }],
  ["a key of Supabase's", { apikey: "sb_publishable_BJikAcMHNgZ4ObLmDKbA_0ktDt-v3" }, { code: "PLINTH_API_KEY_INVALID", message: "Invalid API key." }],
  ["an empty key", { apikey: "" }, { code: "PGRST301", message: "Empty JWT is sent in apikey header" }],
  ["an empty Bearer", { authorization: "Bearer" }, { code: "PGRST301", message: EMPTY }],
  ["an empty Bearer with a good key", { apikey: anonKey, authorization: "Bearer " }, { code: "PGRST301", message: EMPTY }],
  ["two Bearers in one header", { apikey: anonKey, authorization: `Bearer ${userToken}, Bearer ${serviceKey}` }, { code: "PGRST301", message: "Expected 3 parts in JWT; got 5" }],
])("%s is refused, and nobody becomes anon by it", async (_title, headers, error) => {
  for (const requireApiKey of [true, false]) {
    await expect(ask(headers, { requireApiKey })).rejects.toMatchObject({ status: 401, ...error, headers: { "WWW-Authenticate": expect.stringContaining('error="invalid_token"') } });
  }
});

test("who shows nothing is refused, or anon where that is allowed", async () => {
  const refused = { code: "PGRST302", status: 401, message: "Anonymous access is disabled", headers: { "WWW-Authenticate": "Bearer" } };
  await expect(ask({})).rejects.toMatchObject({ ...refused, hint: expect.stringContaining("apikey") });
  await expect(ask({}, { requireApiKey: false, anonRole: undefined })).rejects.toMatchObject({ ...refused, hint: null });
  expect(await ask({}, { requireApiKey: false })).toEqual({ role: "anon", claims: {}, claimsJson: '{"role":"anon"}', authenticated: false });
  expect(await ask({ authorization: "Basic dXNlcjpwYXNz" }, { requireApiKey: false })).toMatchObject({ role: "anon" });
});

test("a key that is verified with a public key waits for nobody to be let in", async () => {
  const pair = keyPair("ES256");
  const jwks = { keys: [pair.jwk] };
  const apikey = await signWith(pair, { role: "anon" });
  expect(await ask({ apikey, authorization: `Bearer ${userToken}` }, { jwks })).toMatchObject({ role: "authenticated" });
  const forged = await signWith(keyPair("ES256"), { role: "anon" });
  await expect(ask({ apikey: forged, authorization: `Bearer ${userToken}` }, { jwks })).rejects.toMatchObject({ status: 401 });
});

test("a key names its project before it is verified", () => {
  const read = createRefReader();
  for (const key of [otherKey, otherKey]) expect([unverifiedRef(key), read(key)]).toEqual(["other", "other"]);
  for (const key of ["", "a", "a.b.c", "..", userToken, hs256({ ref: 5 }), hs256("null")]) expect([unverifiedRef(key), read(key)]).toEqual([undefined, undefined]);
});
