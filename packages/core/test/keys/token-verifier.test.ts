import { signToken } from "../../src/keys/sign-token.ts";
import { expect, test } from "vitest";
import { TokenVerifier, type TokenVerifierOptions } from "../../src/keys/token-verifier.ts";
import { forge, hs256, keyPair, NOW, OTHER_SECRET, SECRET, signWith } from "./tokens.ts";

function verifier(options: Partial<TokenVerifierOptions> = {}): TokenVerifier {
  return new TokenVerifier({ ref: "acme", secret: SECRET, anonRole: "anon", now: () => NOW, ...options });
}

test("a good token gives its role and claims, at once", () => {
  const claims = { role: "authenticated", sub: "42", ref: "acme", exp: NOW + 60, app_metadata: { plan: "pro" } };
  expect(verifier().verify(signToken(claims, SECRET))).toEqual({ role: "authenticated", claims, claimsJson: JSON.stringify(claims), authenticated: true });
});

test.each([
  ["exp within the skew", { exp: NOW - 30 }],
  ["nbf within the skew", { nbf: NOW + 30 }],
  ["iat within the skew", { iat: NOW + 30 }],
  ["times that are null", { exp: null, nbf: null, iat: null }],
  ["the audience", { aud: "acme-app" }],
  ["the audience among others", { aud: ["elsewhere", "acme-app"] }],
  ["no audience", {}],
  ["an audience of none", { aud: [] }],
  ["an audience of null", { aud: null }],
])("accepts %s", (_title, claims) => {
  expect(verifier({ audience: "acme-app" }).verify(hs256({ role: "authenticated", ...claims }))).toMatchObject({ role: "authenticated" });
});

test("any audience will do where none is configured", () => {
  expect(verifier().verify(hs256({ role: "authenticated", aud: "elsewhere" }))).toMatchObject({ role: "authenticated" });
});

test("a token without a role is anon's, its claims kept", () => {
  expect(verifier().verify(hs256('{ "sub": "1" }'))).toMatchObject({ role: "anon", authenticated: false, claims: { sub: "1" }, claimsJson: '{ "sub": "1","role":"anon"}' });
  expect(verifier().verify(hs256("{}"))).toMatchObject({ role: "anon", claimsJson: '{"role":"anon"}' });
  expect(() => verifier({ anonRole: undefined }).verify(hs256({ sub: "1" }))).toThrow(expect.objectContaining({ code: "PGRST302", status: 401, headers: { "WWW-Authenticate": "Bearer" } }));
});

test("numbers beyond 2^53 reach the database as they are", () => {
  expect(verifier().verify(hs256('{"role":"authenticated","account":9007199254740993}\n'))).toMatchObject({ claimsJson: '{"role":"authenticated","account":9007199254740993}' });
  expect(verifier().verify(hs256('{"account":9007199254740993}'))).toMatchObject({ claimsJson: '{"account":9007199254740993,"role":"anon"}' });
});

test("a role that is no text is its JSON", () => {
  expect(verifier().verify(hs256({ role: 5 }))).toMatchObject({ role: "5", claimsJson: '{"role":"5"}' });
});

test("a kid does not keep the secret from being tried", () => {
  expect(verifier().verify(forge({ alg: "HS256", kid: "legacy" }, { role: "authenticated" }))).toMatchObject({ role: "authenticated" });
});

test("a token that was good is refused once it expires", () => {
  let now = NOW;
  const subject = verifier({ now: () => now });
  const token = hs256({ role: "authenticated", exp: NOW + 10, nbf: NOW });
  expect(subject.verify(token)).toMatchObject({ role: "authenticated" });
  now = NOW + 40;
  expect(subject.verify(token)).toMatchObject({ role: "authenticated" });
  now = NOW + 41;
  expect(() => subject.verify(token)).toThrow("JWT expired");
  now = NOW - 31;
  expect(() => subject.verify(token)).toThrow("JWT not yet valid");
});

test("a token seen before is answered from memory", () => {
  const subject = verifier();
  const token = hs256({ role: "authenticated" });
  expect(subject.verify(token)).toBe(subject.verify(token));
});

test("projects don't take each other's tokens", () => {
  const other = verifier({ ref: "other", secret: OTHER_SECRET });
  expect(() => other.verify(hs256({ role: "service_role" }))).toThrow("No suitable key or wrong key type");
});

test.each(["RS256", "PS256", "ES256", "ES384", "EdDSA"])("%s is verified with the public key", async (alg) => {
  const pair = keyPair(alg);
  const subject = verifier({ secret: undefined, jwks: { keys: [pair.jwk] } });
  const token = await signWith(pair, { role: "authenticated", sub: alg });
  const caller = await subject.verify(token);
  expect(caller).toMatchObject({ role: "authenticated", claims: { sub: alg } });
  expect(subject.verify(token)).toBe(caller);

  const stranger = await signWith(keyPair(alg), { role: "service_role" });
  await expect(subject.verify(stranger)).rejects.toMatchObject({ code: "PGRST301", details: "None of the keys was able to decode the JWT" });
  expect(() => subject.verify(hs256({ role: "service_role" }))).toThrow("No suitable key or wrong key type");
});

test("among keys without a kid each that fits is tried", async () => {
  const [one, two, three] = [keyPair("ES256"), keyPair("ES256"), keyPair("ES256")];
  const subject = verifier({ jwks: { keys: [one.jwk, two.jwk] } });
  expect(await subject.verify(await signWith(two, { role: "authenticated" }))).toMatchObject({ role: "authenticated" });
  await expect(subject.verify(await signWith(three, { role: "authenticated" }))).rejects.toThrow("No suitable key or wrong key type");
});

test("a kid chooses its key, and no other will do", async () => {
  const [one, two] = [keyPair("ES256", "one"), keyPair("ES256", "two")];
  const subject = verifier({ jwks: { keys: [one.jwk, two.jwk] } });
  expect(await subject.verify(await signWith(two, { role: "authenticated" }, "two"))).toMatchObject({ role: "authenticated" });
  await expect(subject.verify(await signWith(two, { role: "authenticated" }, "one"))).rejects.toThrow("No suitable key or wrong key type");
});

test("private keys are used by their public half", async () => {
  const pair = keyPair("ES256");
  const subject = verifier({ jwks: { keys: [{ ...pair.privateKey.export({ format: "jwk" }), alg: "ES256" }] } });
  expect(await subject.verify(await signWith(pair, { role: "authenticated" }))).toMatchObject({ role: "authenticated" });
});

test("without a secret and keys no token can be judged", () => {
  expect(() => verifier({ secret: undefined }).verify(hs256({ role: "authenticated" }))).toThrow(expect.objectContaining({ code: "PGRST300", status: 500, message: "Server lacks JWT secret", headers: {} }));
});

test.each<[string, Partial<TokenVerifierOptions>]>([
  ["a short secret", { secret: "short" }],
  ["a secret among the public keys", { jwks: { keys: [{ kty: "oct", k: "c2VjcmV0" }] } }],
  ["a URL that is none", { jwks: { url: "file:///etc/passwd" } }],
  ["an empty key set", { jwks: {} }],
])("%s is not accepted as configuration", (_title, options) => {
  expect(() => verifier(options)).toThrow(expect.objectContaining({ code: "PLINTH_CONFIG_INVALID" }));
});
