import { expect, test } from "vitest";
import { checkJwtSettings, hmacSecretOf } from "../../src/keys/jwt-settings.ts";
import { compileRoleClaim } from "../../src/keys/role-claim/compile-role-claim.ts";
import { signToken } from "../../src/keys/sign-token.ts";
import { TokenVerifier } from "../../src/keys/token-verifier.ts";
import { hs256, keyPair, NOW, SECRET, signWith } from "./tokens.ts";

const CLAIMS = {
  role: "plain",
  postgrest: { roles: ["other", "author", "test_author"], a_role: "w$_@" },
  "https://www.example.com/role": { key: "keyed" },
  "weird name": [[null, "second"]],
  number: 7,
};

test.for([
  ["$.role", "plain"],
  ["$.postgrest.roles[1]", "author"],
  ["$['https://www.example.com/role'].key", "keyed"],
  ["$.postgrest.roles[?(@ == 'author')]", "author"],
  ["$.postgrest.roles[?search(@, '^test')]", "test_author"],
  ["$.postgrest.roles[*]", "other"],
  ["$.number", 7],
  ["$.nothing", undefined],
  [".role", "plain"],
  [".postgrest.roles[1]", "author"],
  ['."https://www.example.com/role".key', "keyed"],
  ['."weird name"[0][1]', "second"],
  ['.postgrest.roles[?(@ == "author")]', "author"],
  ['.postgrest.roles[?(@ != "other")]', "author"],
  ['.postgrest.roles[?(@ ^== "test")]', "test_author"],
  ['.postgrest.roles[?(@==^"author")]', "author"],
  ['.postgrest.roles[?(@ *== "st_")]', "test_author"],
  ['.postgrest.roles[?(@ == "nobody")]', undefined],
  [".postgrest.roles.author", undefined],
  [".role[0]", undefined],
  [".constructor.name", undefined],
] as const)("%s finds %s", ([path, role]) => {
  expect(compileRoleClaim(path)(CLAIMS)).toBe(role);
});

test.for(["", "role", "$.", "$.a[", ".a.", ".a b", '.roles[?(@ == "x")].more', ".roles[?(@ ~ 'x')]", ".a[-1]", "$.roles[?nope(@)]"])("%j is refused", (path) => {
  expect(() => compileRoleClaim(path)).toThrow();
  expect(() => checkJwtSettings({ roleClaimKey: path })).toThrow(expect.objectContaining({ code: "PLINTH_CONFIG_INVALID", message: expect.stringContaining("settings.jwt.roleClaimKey:") }));
});

test("a token's role is where the path leads, and nowhere else", () => {
  const subject = new TokenVerifier({ ref: "acme", secret: SECRET, anonRole: "anon", now: () => NOW, roleClaim: compileRoleClaim("$.app.role") });
  expect(subject.verify(hs256({ role: "service_role", app: { role: "authenticated" } }))).toMatchObject({ role: "authenticated", claimsJson: '{"role":"authenticated","app":{"role":"authenticated"}}' });
  expect(subject.verify(hs256({ role: "service_role" }))).toMatchObject({ role: "anon", authenticated: false, claimsJson: '{"role":"anon"}' });
  expect(subject.verify(hs256({ app: { role: "editor" } }))).toMatchObject({ role: "editor", claimsJson: '{"app":{"role":"editor"},"role":"editor"}' });
});

test("the project's own keys have their role where they always have it, and nobody else's keys do", async () => {
  const theirs = keyPair("ES256", "theirs");
  const subject = new TokenVerifier({ ref: "acme", secret: SECRET, jwks: { keys: [theirs.jwk] }, anonRole: "anon", now: () => NOW, roleClaim: compileRoleClaim("$.app.role") });
  const claims = { iss: "plinth", ref: "acme", role: "service_role" };
  expect(subject.verify(signToken(claims, SECRET))).toMatchObject({ role: "service_role" });
  expect(await subject.verify(await signWith(theirs, claims, "theirs"))).toMatchObject({ role: "anon" });
});

test("a base64 secret is its bytes, to those who sign and to those who verify", () => {
  const bytes = Buffer.from("00ff10".repeat(11), "hex");
  for (const text of [bytes.toString("base64"), bytes.toString("base64url"), `${bytes.toString("base64").replaceAll("=", ".")}\n`]) {
    const project = { settings: { jwt: { secretIsBase64: true } } };
    expect(hmacSecretOf(project, text)).toEqual(bytes);
    expect(hmacSecretOf({ settings: {} }, text)).toBe(text);
    const subject = new TokenVerifier({ ref: "acme", secret: hmacSecretOf(project, text), anonRole: "anon", now: () => NOW });
    expect(subject.verify(signToken({ role: "authenticated" }, bytes))).toMatchObject({ role: "authenticated" });
    expect(() => subject.verify(signToken({ role: "authenticated" }, text))).toThrow(expect.objectContaining({ code: "PGRST301" }));
  }
  expect(() => new TokenVerifier({ ref: "acme", secret: Buffer.alloc(31), anonRole: "anon" })).toThrow(expect.objectContaining({ code: "PLINTH_CONFIG_INVALID" }));
});
