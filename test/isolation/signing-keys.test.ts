import { generateKeyPairSync, randomUUID } from "node:crypto";
import { type ProjectWithKeys, type SigningKey, signToken } from "plinth";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { CompactSign, createLocalJWKSet, decodeProtectedHeader, importJWK, type JSONWebKeySet, jwtVerify } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openNativeOrEmbedded } from "../scenarios/support/open-backend.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

const SERVICE = { role: "service_role" };
const JWKS_URL = "http://backend/auth/v1/.well-known/jwks.json";
const text = new TextEncoder();
const sleepUntil = (time: Date | null | undefined): Promise<void> => new Promise((resolve) => setTimeout(resolve, (time?.getTime() ?? 0) - Date.now() + 20));

describeDatabases("signing keys", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let a: ProjectWithKeys;
  let b: ProjectWithKeys;
  const keys = (ref = "b") => backend.projects.keys(ref);
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases));
    for (const ref of ["a", "b"]) {
      await backend.projects.create({ ref });
      await backend.sql(`create table public.secrets (text text); insert into secrets values ('secret-of-${ref}')`, ref);
    }
  });
  afterAll(() => close());
  /** Leaves no signing key but a current one. */
  beforeEach(async () => {
    for (const ref of ["a", "b"]) {
      for (const { kid, status } of await keys(ref).listSigningKeys()) {
        if (status === "standby" || status === "previous") await keys(ref).revokeSigningKey(kid);
        if (status !== "current") await keys(ref).deleteSigningKey(kid);
      }
    }
    [a, b] = [await backend.projects.get("a"), await backend.projects.get("b")];
  });

  /** What a token is answered with by the project that its apikey names. */
  async function ask(token: string, apikey: string): Promise<string | number> {
    const response = await backend.fetch("http://backend/rest/v1/secrets", { headers: { apikey, authorization: `Bearer ${token}` } });
    return response.ok ? ((await response.json()) as Array<{ text: string }>)[0]?.text ?? "nothing" : response.status;
  }
  const jwks = async (apikey: string): Promise<JSONWebKeySet> => (await backend.fetch(JWKS_URL, { headers: { apikey } })).json() as Promise<JSONWebKeySet>;
  async function rotated(algorithm: "ES256" | "RS256" | "EdDSA" = "ES256", ref = "b"): Promise<SigningKey> {
    await keys(ref).createSigningKey({ algorithm });
    return keys(ref).rotateSigningKey({ overlapMs: 0 });
  }

  test("the JWT secret signs until there is another key", async () => {
    const token = await keys().signToken(SERVICE);
    expect(decodeProtectedHeader(token)).toEqual({ alg: "HS256", typ: "JWT" });
    expect(await ask(token, b.anonKey)).toBe("secret-of-b");
    expect(await jwks(b.anonKey)).toEqual({ keys: [] });
  });

  test.each(["ES256", "RS256", "EdDSA"] as const)("%s: on standby it is published, current it signs, and anybody can verify with what is published", async (algorithm) => {
    const standby = await keys().createSigningKey({ algorithm });
    expect(standby).toMatchObject({ algorithm, status: "standby", verifyUntil: null });
    expect((await jwks(b.anonKey)).keys).toContainEqual(standby.publicJwk);
    expect(decodeProtectedHeader(await keys().signToken(SERVICE)).kid).not.toBe(standby.kid);
    const { kid } = await keys().rotateSigningKey({ until: null });
    expect(kid).toBe(standby.kid);
    const token = await keys().signToken({ ...SERVICE, sub: "42" });
    expect(decodeProtectedHeader(token)).toEqual({ alg: algorithm, kid, typ: "JWT" });
    expect(await ask(token, b.anonKey)).toBe("secret-of-b");
    const { payload } = await jwtVerify(token, createLocalJWKSet(await jwks(b.anonKey)));
    expect(payload).toEqual({ ...SERVICE, sub: "42" });
    expect(await ask(b.serviceRoleKey, b.anonKey)).toBe("secret-of-b");
  });

  test("the key set is everybody's, and has public parts alone", async () => {
    await rotated("RS256");
    for (const request of [new Request(JWKS_URL, { headers: { apikey: b.anonKey } }), new Request(`${JWKS_URL}?apikey=${b.anonKey}`), new Request(JWKS_URL, { headers: { authorization: `Bearer ${b.anonKey}` } })]) {
      const response = await backend.fetch(request);
      expect(response.headers.get("cache-control")).toBe("public, max-age=600");
      expect(response.headers.get("content-type")).toContain("application/json");
      const { keys: published } = (await response.json()) as JSONWebKeySet;
      expect(published.map((key) => Object.keys(key).toSorted())).toEqual([["alg", "e", "ext", "key_ops", "kid", "kty", "n", "use"]]);
    }
    expect(await (await backend.fetch(JWKS_URL)).json()).toEqual({ keys: [] });
    expect((await backend.fetch(JWKS_URL, { method: "HEAD" })).status).toBe(200);
    expect((await backend.fetch(JWKS_URL, { method: "POST" })).status).toBe(405);
    expect((await backend.fetch("http://backend/auth/v1/.well-known/others", { headers: { apikey: b.anonKey } })).status).toBe(404);
    expect((await backend.fetch("http://backend/auth/v1/.well-known/others")).status).toBe(401);
    for (const made of ["b", "nobody"]) expect((await backend.fetch(JWKS_URL, { headers: { apikey: signToken({ ref: made }, a.jwtSecret) } })).status).toBe(401);
  });

  test("a token of another project's key is refused, whatever it says", async () => {
    const [ofA, ofB] = [await rotated("ES256", "a"), await rotated("ES256", "b")];
    for (const claims of [SERVICE, { ...SERVICE, ref: "b" }]) {
      const token = await keys("a").signToken(claims);
      expect(decodeProtectedHeader(token).kid).toBe(ofA.kid);
      expect(await ask(token, b.anonKey)).toBe(401);
    }
    const [, payload = "", signature = ""] = (await keys("a").signToken(SERVICE)).split(".");
    const named = Buffer.from(JSON.stringify({ alg: "ES256", kid: ofB.kid, typ: "JWT" })).toString("base64url");
    expect(await ask(`${named}.${payload}.${signature}`, b.anonKey)).toBe(401);
    expect(await ask(await keys("b").signToken({ ...SERVICE, ref: "a" }), b.anonKey)).toBe(401);
  });

  test("no algorithm passes for another", async () => {
    const { kid, publicJwk } = await rotated("ES256");
    const header = (alg: string): string => Buffer.from(JSON.stringify({ alg, kid, typ: "JWT" })).toString("base64url");
    const [, payload = "", signature = ""] = (await keys().signToken(SERVICE)).split(".");
    for (const alg of ["HS256", "RS256", "EdDSA", "ES384", "PS256", "none", "es256"]) expect(await ask(`${header(alg)}.${payload}.${signature}`, b.anonKey), alg).toBe(401);
    const asSecret = signToken(SERVICE, JSON.stringify(publicJwk));
    expect(await ask(asSecret, b.anonKey)).toBe(401);
    expect(await ask(`${header("HS256")}.${asSecret.split(".").slice(1).join(".")}`, b.anonKey)).toBe(401);
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
    for (const named of [kid, randomUUID()]) {
      const forged = await new CompactSign(text.encode(JSON.stringify(SERVICE))).setProtectedHeader({ alg: "ES256", kid: named, jwk: other.publicKey.export({ format: "jwk" }) }).sign(other.privateKey);
      expect(await ask(forged, b.anonKey)).toBe(401);
    }
  });

  describe("rotation", () => {
    test("what the former key signed holds until the overlap is over, or it is revoked", async () => {
      await rotated();
      const first = await keys().signToken(SERVICE);
      await keys().createSigningKey();
      const current = await keys().rotateSigningKey({ overlapMs: 3_000 });
      const previous = (await keys().listSigningKeys()).find(({ status }) => status === "previous");
      expect(await ask(first, b.anonKey)).toBe("secret-of-b");
      expect((await jwks(b.anonKey)).keys).toHaveLength(2);
      await sleepUntil(previous?.verifyUntil);
      expect(await ask(first, b.anonKey)).toBe(401);
      expect((await jwks(b.anonKey)).keys.map(({ kid }) => kid)).toEqual([current.kid]);
      const next = await keys().signToken(SERVICE);
      await keys().createSigningKey();
      await keys().rotateSigningKey({ until: null });
      expect(await ask(next, b.anonKey)).toBe("secret-of-b");
      await keys().revokeSigningKey(current.kid);
      expect(await ask(next, b.anonKey)).toBe(401);
    });

    test("at once: what the former key signed holds no longer", async () => {
      await rotated();
      const token = await keys().signToken(SERVICE);
      expect(await ask(token, b.anonKey)).toBe("secret-of-b");
      await keys().createSigningKey({ algorithm: "EdDSA" });
      await keys().rotateSigningKey({ overlapMs: 0 });
      expect(await ask(token, b.anonKey)).toBe(401);
      expect((await jwks(b.anonKey)).keys).toHaveLength(1);
    });

    test("a key goes back to standby, and signs again", async () => {
      const first = await rotated();
      const token = await keys().signToken(SERVICE);
      await keys().createSigningKey();
      await keys().rotateSigningKey({ overlapMs: 0 });
      expect(await ask(token, b.anonKey)).toBe(401);
      expect(await keys().restoreSigningKey(first.kid)).toMatchObject({ status: "standby" });
      expect(await ask(token, b.anonKey)).toBe("secret-of-b");
      expect(await keys().rotateSigningKey({ kid: first.kid, until: null })).toMatchObject({ kid: first.kid, status: "current" });
      expect(await keys().rotateSigningKey({ kid: first.kid, until: null })).toMatchObject({ kid: first.kid, status: "current" });
    });

    test("what can't be done is refused, and changes nothing", async () => {
      const current = await rotated();
      const before = await keys().listSigningKeys();
      await expect(keys().rotateSigningKey({ until: null })).rejects.toMatchObject({ code: "PLINTH_KEY_STATE" });
      await expect(keys().rotateSigningKey({} as { until: null })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
      await expect(keys().revokeSigningKey(current.kid)).rejects.toMatchObject({ code: "PLINTH_KEY_STATE" });
      await expect(keys().restoreSigningKey(current.kid)).rejects.toMatchObject({ code: "PLINTH_KEY_STATE" });
      await expect(keys().deleteSigningKey(current.kid)).rejects.toMatchObject({ code: "PLINTH_KEY_STATE" });
      for (const kid of [randomUUID(), "", "'"]) await expect(keys().revokeSigningKey(kid)).rejects.toMatchObject({ code: "PLINTH_KEY_NOT_FOUND" });
      await expect(keys("a").revokeSigningKey(current.kid)).rejects.toMatchObject({ code: "PLINTH_KEY_NOT_FOUND" });
      await expect(keys("nobody").createSigningKey()).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
      expect(await keys().listSigningKeys()).toEqual(before);
    });

    test("by many at the same time leaves one current key", async () => {
      const made = await Promise.all(Array.from({ length: 5 }, () => keys().createSigningKey()));
      await Promise.all(made.map(() => keys().rotateSigningKey({ until: null })));
      const ours = (await keys().listSigningKeys()).filter(({ kid }) => made.some((key) => key.kid === kid));
      expect(ours.map(({ status }) => status).toSorted()).toEqual(["current", "previous", "previous", "previous", "previous"]);
    });
  });

  test("a key of one's own is taken in, where it is one", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const privateJwk = { ...privateKey.export({ format: "jwk" }), kid: "mine" };
    for (const ref of ["a", "b"]) expect(await keys(ref).createSigningKey({ privateJwk })).toMatchObject({ kid: "mine", algorithm: "ES256" });
    await keys().rotateSigningKey({ until: null, kid: "mine" });
    const token = await new CompactSign(text.encode(JSON.stringify(SERVICE))).setProtectedHeader({ alg: "ES256", kid: "mine" }).sign(await importJWK(privateJwk, "ES256"));
    expect(await ask(token, b.anonKey)).toBe("secret-of-b");
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey.export({ format: "jwk" });
    const curve = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey.export({ format: "jwk" });
    const { d: _d, ...publicPart } = privateJwk;
    for (const jwk of [privateJwk, weak, curve, publicPart, { kty: "oct", k: "c2VjcmV0" }, {}, { ...privateJwk, kid: "a b" }]) {
      const refusal = await keys().createSigningKey({ privateJwk: jwk }).catch((error: Error) => error);
      expect(refusal).toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
      expect(JSON.stringify(refusal) + (refusal as Error).message).not.toContain(String(privateJwk.d));
    }
    await expect(keys().createSigningKey({ privateJwk, algorithm: "RS256" })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
    await expect(keys().createSigningKey({ algorithm: "HS256" as "ES256" })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
  });

  describe("the JWT secret", () => {
    test("is another one, and the former one verifies until the overlap is over", async () => {
      const before = signToken(SERVICE, b.jwtSecret);
      const { jwtSecret, anonKey, serviceRoleKey, previous } = await keys().rotateJwtSecret({ overlapMs: 4_000 });
      expect(jwtSecret).not.toBe(b.jwtSecret);
      expect(await backend.projects.get("b")).toMatchObject({ jwtSecret, anonKey, serviceRoleKey });
      for (const [token, apikey] of [[before, b.anonKey], [before, anonKey], [signToken(SERVICE, jwtSecret), b.anonKey], [serviceRoleKey, anonKey]] as const) expect(await ask(token, apikey)).toBe("secret-of-b");
      expect((await jwks(anonKey)).keys.map(({ kty }) => kty)).not.toContain("oct");
      await sleepUntil(previous?.verifyUntil);
      expect(await ask(before, anonKey)).toBe(401);
      expect(await ask(serviceRoleKey, b.anonKey)).toBe(401);
      expect(await ask(serviceRoleKey, anonKey)).toBe("secret-of-b");
    });

    test("ends at once where there is no overlap, or the former one is revoked", async () => {
      const first = await keys().rotateJwtSecret({ until: null });
      expect(await ask(b.serviceRoleKey, b.anonKey)).toBe("secret-of-b");
      await keys().revokeSigningKey(first.previous?.kid ?? "");
      expect(await ask(b.serviceRoleKey, first.anonKey)).toBe(401);
      const second = await keys().rotateJwtSecret({ overlapMs: 0, jwtSecret: "a secret of the host's own choice, long enough" });
      expect(second.previous).toBeUndefined();
      expect(await ask(first.serviceRoleKey, second.anonKey)).toBe(401);
      expect(await ask(signToken(SERVICE, "a secret of the host's own choice, long enough"), second.anonKey)).toBe("secret-of-b");
      expect(await ask(a.serviceRoleKey, a.anonKey)).toBe("secret-of-a");
    });

    test("given by many at the same time is one of theirs, and what each gave holds", async () => {
      const all = await Promise.all(Array.from({ length: 4 }, () => keys().rotateJwtSecret({ until: null })));
      const { jwtSecret } = await backend.projects.get("b");
      expect(all.filter((each) => each.jwtSecret === jwtSecret)).toHaveLength(1);
      for (const { serviceRoleKey, anonKey } of all) expect(await ask(serviceRoleKey, anonKey)).toBe("secret-of-b");
      await expect(keys().rotateJwtSecret({ overlapMs: 0, jwtSecret: "short" })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
      for (const overlap of [{}, { overlapMs: -1 }, { overlapMs: Number.NaN }, { until: new Date(Number.NaN) }, { until: "tomorrow" }]) {
        await expect(keys().rotateJwtSecret(overlap as { overlapMs: number })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
      }
    });
  });

  test("a project that was renamed goes on taking the keys and tokens of its former name", async () => {
    const { key } = await keys().create({ kind: "secret", name: "server" });
    await rotated();
    const token = await keys().signToken({ ...SERVICE, ref: "b" });
    await backend.projects.rename("b", "c");
    for (const apikey of [b.anonKey, key, (await backend.projects.get("c")).anonKey]) {
      for (const bearer of [token, b.serviceRoleKey, key]) expect(await ask(bearer, apikey)).toBe("secret-of-b");
    }
    expect(await keys("b").list()).toEqual(await keys("c").list());
    await keys("b").rotateJwtSecret({ overlapMs: 0 });
    expect(await ask(token, b.anonKey)).toBe(401);
    expect(await ask(token, key)).toBe("secret-of-b");
    await backend.projects.rename("c", "b");
  });

  test("no secret is written down", async () => {
    await rotated();
    const { jwtSecret } = await keys().rotateJwtSecret({ until: null });
    const { entries } = await backend.projects.audit({ limit: 200 });
    expect(entries.map(({ action }) => action)).toEqual(expect.arrayContaining(["key.create-signing-key", "key.rotate-signing-key", "key.rotate-jwt-secret"]));
    const written = JSON.stringify([entries, await keys().listSigningKeys()]);
    for (const secret of [jwtSecret, b.jwtSecret, '"d":']) expect(written).not.toContain(secret);
  });
}, NATIVE_UNLESS_LONG);
