import { BackendError } from "@plinth/core";
import { expect, test } from "vitest";
import { TokenVerifier } from "../../src/keys/token-verifier.ts";
import { forge, hs256, keyPair, NOW, OTHER_SECRET, SECRET } from "./tokens.ts";

const rsa = keyPair("RS256", "rsa-1");
const pem = rsa.publicKey.export({ format: "pem", type: "spki" });
const der = rsa.publicKey.export({ format: "der", type: "spki" });
const good = hs256({ role: "authenticated", sub: "1" });
const [header, payload, signature] = good.split(".") as [string, string, string];
const flipped = signature.at(-1) === "A" ? "B" : "A";

const KEY_FAILED = { message: "No suitable key or wrong key type", details: "None of the keys was able to decode the JWT" };
const NO_KEY = { message: "No suitable key or wrong key type", details: "No suitable key was found to decode the JWT" };
const UNREADABLE = { message: "JWT cryptographic operation failed", details: null };
const ALGORITHM = "Wrong or unsupported encoding algorithm";
const unsecured = { message: ALGORITHM, details: "JWT is unsecured but expected 'alg' was not 'none'" };

const REFUSED: ReadonlyArray<readonly [title: string, token: string, code: string, error: { message: string; details?: string | null }]> = [
  ["nothing", "", "PGRST301", { message: "Empty JWT is sent in Authorization header", details: null }],
  ["one part", "abc", "PGRST301", { message: "Expected 3 parts in JWT; got 1", details: null }],
  ["two parts", `${header}.${payload}`, "PGRST301", { message: "Expected 3 parts in JWT; got 2", details: null }],
  ["five parts, as encrypted ones have", "a.b.c.d.e", "PGRST301", { message: "Expected 3 parts in JWT; got 5", details: null }],
  ["random characters", "quifquirndsjagnrgniur.fonvoienqhhdj.iuqvnvhojah", "PGRST301", UNREADABLE],
  ["a header that is no object", forge([], { role: "service_role" }), "PGRST301", UNREADABLE],
  ["a header without alg", forge({ typ: "JWT" }, { role: "service_role" }), "PGRST301", UNREADABLE],
  ["alg of another type", forge({ alg: ["HS256"] }, { role: "service_role" }), "PGRST301", UNREADABLE],
  ["alg none, signed all the same", forge({ alg: "none" }, { role: "service_role" }), "PGRST301", unsecured],
  ["alg none without a signature", `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`, "PGRST301", unsecured],
  ["alg None", forge({ alg: "None" }, { role: "service_role" }), "PGRST301", { message: ALGORITHM }],
  ["HS512 with the secret", forge({ alg: "HS512" }, { role: "service_role" }, SECRET, "sha512"), "PGRST301", { message: ALGORITHM }],
  ["alg of Object's prototype", forge({ alg: "constructor" }, { role: "service_role" }), "PGRST301", { message: ALGORITHM }],
  ["no signature", `${header}.${payload}.`, "PGRST301", KEY_FAILED],
  ["a signature of another secret", hs256({ role: "service_role" }, OTHER_SECRET), "PGRST301", KEY_FAILED],
  ["a changed payload", `${header}.${Buffer.from('{"role":"service_role"}').toString("base64url")}.${signature}`, "PGRST301", KEY_FAILED],
  ["a changed signature", `${header}.${payload}.${signature.slice(0, -2)}${flipped}${signature.at(-1)}`, "PGRST301", KEY_FAILED],
  ["a padded signature", `${header}.${payload}.${signature}=`, "PGRST301", KEY_FAILED],
  ["a signature with more behind it", `${header}.${payload}.${signature}AAAA`, "PGRST301", KEY_FAILED],
  ["HS256 signed with the public key's PEM", forge({ alg: "HS256", kid: "rsa-1" }, { role: "service_role" }, pem as string), "PGRST301", KEY_FAILED],
  ["HS256 signed with the public key's DER", forge({ alg: "HS256" }, { role: "service_role" }, der), "PGRST301", KEY_FAILED],
  ["HS256 signed with the public key's modulus", forge({ alg: "HS256" }, { role: "service_role" }, String(rsa.jwk["n"])), "PGRST301", KEY_FAILED],
  ["HS256 signed with nothing", forge({ alg: "HS256" }, { role: "service_role" }, ""), "PGRST301", KEY_FAILED],
  ["RS256 with an HMAC of the secret", forge({ alg: "RS256", kid: "rsa-1" }, { role: "service_role" }), "PGRST301", KEY_FAILED],
  ["ES256 where the set has RSA alone", forge({ alg: "ES256", kid: "rsa-1" }, { role: "service_role" }), "PGRST301", NO_KEY],
  ["PS256 with a key that is for RS256", forge({ alg: "PS256", kid: "rsa-1" }, { role: "service_role" }), "PGRST301", NO_KEY],
  ["a kid that nobody knows", forge({ alg: "RS256", kid: "../../etc/passwd" }, { role: "service_role" }), "PGRST301", NO_KEY],
  ["a key of its own in the header", forge({ alg: "RS256", jwk: rsa.jwk }, { role: "service_role" }), "PGRST301", KEY_FAILED],
  ["an extension it calls critical", forge({ alg: "HS256", crit: ["b64"], b64: false }, { role: "service_role" }), "PGRST301", { message: "Unsupported token type" }],
  ["claims that are no JSON", hs256("not an object"), "PGRST303", { message: "Parsing claims failed" }],
  ["claims that are a list", hs256([]), "PGRST303", { message: "Parsing claims failed" }],
  ["claims that are null", hs256("null"), "PGRST303", { message: "Parsing claims failed" }],
  ["exp long ago", hs256({ exp: NOW - 31 }), "PGRST303", { message: "JWT expired" }],
  ["exp before 1970", hs256({ exp: -1 }), "PGRST303", { message: "JWT expired" }],
  ["exp as text", hs256({ exp: String(NOW + 60) }), "PGRST303", { message: "The JWT 'exp' claim must be a number" }],
  ["nbf to come", hs256({ nbf: NOW + 31 }), "PGRST303", { message: "JWT not yet valid" }],
  ["nbf as text", hs256({ nbf: "invalid" }), "PGRST303", { message: "The JWT 'nbf' claim must be a number" }],
  ["iat to come", hs256({ iat: NOW + 31 }), "PGRST303", { message: "JWT issued at future" }],
  ["iat as text", hs256({ iat: "invalid" }), "PGRST303", { message: "The JWT 'iat' claim must be a number" }],
  ["another audience", hs256({ aud: "elsewhere" }), "PGRST303", { message: "JWT not in audience" }],
  ["an empty audience", hs256({ aud: "" }), "PGRST303", { message: "JWT not in audience" }],
  ["other audiences", hs256({ aud: ["elsewhere", "nowhere"] }), "PGRST303", { message: "JWT not in audience" }],
  ["an audience that is an object", hs256({ aud: { acme: true } }), "PGRST303", { message: "The JWT 'aud' claim must be a string or an array of strings" }],
  ["an audience with an object in it", hs256({ aud: [{}, "acme-app"] }), "PGRST303", { message: "The JWT 'aud' claim must be a string or an array of strings" }],
  ["another project's ref", hs256({ ref: "other", role: "service_role" }), "PGRST303", { message: "JWT is for another project" }],
  ["a ref of another type", hs256({ ref: ["acme"], role: "service_role" }), "PGRST303", { message: "JWT is for another project" }],
  ["the role that takes back the switch", hs256({ role: "none" }), "22023", { message: 'role "none" does not exist' }],
];

const verifier = new TokenVerifier({ ref: "acme", secret: SECRET, jwks: { keys: [rsa.jwk] }, audience: "acme-app", anonRole: "anon", now: () => NOW });

/** A refusal may come as a throw or as a rejection. */
async function refusal(token: string): Promise<unknown> {
  return await Promise.resolve()
    .then(() => verifier.verify(token))
    .then((caller) => caller, (error: unknown) => error);
}

test.each(REFUSED)("refuses %s", async (_title, token, code, error) => {
  for (let attempt = 0; attempt < 2; attempt++) {
    const refused = await refusal(token);
    expect(refused).toBeInstanceOf(BackendError);
    expect(refused).toMatchObject({ code, status: 401, ...error });
    const challenge = `Bearer error="invalid_token", error_description="${error.message}"`;
    expect((refused as BackendError).headers["WWW-Authenticate"]).toBe(code === "22023" ? undefined : challenge);
  }
});

test("the token that the hostile ones were made from is good", async () => {
  expect(await refusal(good)).toMatchObject({ role: "authenticated" });
});
