import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { keccak_256 as keccak } from "@noble/hashes/sha3.js";
import { base58 } from "@scure/base";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { createHash, createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAtDoor } from "./support/open-backend.ts";
import { startTokenIssuer, type TokenIssuer } from "./support/token-issuer.ts";

const SITE = "https://app.example.com";
const base64url = (value: object | string): string => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

describeDatabases("signing in without a redirect", (databases) => {
  let issuer: TokenIssuer;
  let other: TokenIssuer;
  let backend: TestBackend;
  let close: () => Promise<void>;
  beforeAll(async () => {
    [issuer, other] = await Promise.all([startTokenIssuer(), startTokenIssuer()]);
    ({ backend, close } = await openAtDoor(databases, {
      auth: {
        siteUrl: SITE, uriAllowList: ["https://other.example.com/**", "http://other.example.com/**", "https://shared.example.com/app/**"], password: { cost: 4 }, security: { manualLinkingEnabled: true }, rateLimit: { emailSent: 0 },
        external: {
          anonymousUsers: { enabled: true }, google: { enabled: true, clientId: "web,android", url: issuer.issuer }, allowedIdTokenIssuers: [other.issuer],
          web3Ethereum: { enabled: true }, web3Solana: { enabled: true },
        },
      },
    }));
  });
  afterAll(async () => {
    await close();
    await Promise.all([issuer.close(), other.close()]);
  });

  const client = (): SupabaseClient => createClient("http://backend", backend.anonKey, { global: { fetch: backend.fetch }, auth: { persistSession: false, autoRefreshToken: false } });
  const post = async (grant: string, body: object, bearer?: string) => {
    const response = await backend.fetch(`http://backend/auth/v1/token?grant_type=${grant}`, { method: "POST", headers: { apikey: backend.anonKey, ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) }, body: JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> & { user?: { id: string; email: string; user_metadata: Record<string, unknown> } } };
  };
  const claimsOf = (who: string) => ({ sub: who, aud: "web", email: `${who}@example.com`, email_verified: true, name: who });
  const google = (token: string, more: object = {}) => post("id_token", { provider: "google", id_token: token, ...more });

  describe("an id_token", () => {
    test("signs in, the same user each time", async () => {
      const token = await issuer.sign({ ...claimsOf("ann"), nonce: sha256("raw nonce") });
      const { data, error } = await client().auth.signInWithIdToken({ provider: "google", token, nonce: "raw nonce" });
      expect(error).toBeNull();
      expect(data.user).toMatchObject({ email: "ann@example.com", app_metadata: { provider: "google" }, user_metadata: { name: "ann", iss: issuer.issuer } });
      expect((await google(await issuer.sign({ ...claimsOf("ann"), aud: ["android", "x"] }))).body.user?.id).toBe(data.user!.id);
      expect(issuer.asked()).toBe(1);
    });

    test("is linked to the user who is signed in", async () => {
      const own = client();
      const { data } = await own.auth.signInAnonymously();
      const linked = await own.auth.linkIdentity({ provider: "google", token: await issuer.sign(claimsOf("bo")) });
      expect(linked.error).toBeNull();
      expect(linked.data).toMatchObject({ user: { id: data.user!.id, email: "bo@example.com", is_anonymous: false } });
      const stranger = await post("id_token", { provider: "google", id_token: await issuer.sign(claimsOf("bo")), link_identity: true });
      expect([stranger.status, stranger.body["error"]]).toEqual([400, "invalid request"]);
      expect((await post("id_token", { provider: "google", id_token: await issuer.sign(claimsOf("cy")), link_identity: true }, backend.anonKey)).status).toBe(403);
    });

    test("belongs to the access token that its hash is of", async () => {
      const hash = createHash("sha256").update("access").digest().subarray(0, 16).toString("base64url");
      const token = await issuer.sign({ ...claimsOf("di"), at_hash: hash });
      expect((await google(token, { access_token: "access" })).status).toBe(200);
      expect((await google(token, { access_token: "another" })).body).toMatchObject({ error: "invalid request", error_description: "Bad ID token" });
    });

    test("of a listed issuer, for the client that is named", async () => {
      const token = await other.sign({ ...claimsOf("ed"), aud: "mine" });
      expect((await post("id_token", { id_token: token, issuer: other.issuer, client_id: "mine" })).body.user?.email).toBe("ed@example.com");
      expect((await post("id_token", { id_token: token, issuer: other.issuer, client_id: "yours" })).status).toBe(400);
      expect((await google(await issuer.sign(claimsOf("fay")), { issuer: other.issuer })).body).toMatchObject({ error: "invalid request", error_description: "Provided issuer does not match ID token issuer" });
      expect((await google(await issuer.sign(claimsOf("fay")), { issuer: issuer.issuer })).status).toBe(200);
      expect((await post("id_token", { id_token: token, issuer: "https://elsewhere.example", client_id: "mine" })).body["error_code"]).toBe("validation_failed");
    });

    const forgeries: Readonly<Record<string, () => Promise<string>>> = {
      "without a signature": async () => `${base64url({ alg: "none" })}.${base64url({ iss: issuer.issuer, exp: 9e9, iat: 1, ...claimsOf("mal") })}.`,
      "signed with the public key as a secret": async () => {
        const head = `${base64url({ alg: "HS256", kid: "one" })}.${base64url({ iss: issuer.issuer, exp: 9e9, iat: 1, ...claimsOf("mal") })}`;
        return `${head}.${createHmac("sha256", issuer.publicKey).update(head).digest("base64url")}`;
      },
      "signed by a stranger": () => issuer.forge(claimsOf("mal")),
      "with a key of its own": async () => `${base64url({ alg: "ES256", jwk: { kty: "EC" }, jku: other.issuer })}.${(await issuer.forge(claimsOf("mal"))).split(".").slice(1).join(".")}`,
      "of another issuer": () => other.sign(claimsOf("mal")),
      "of another issuer that says it is this one": () => other.sign({ ...claimsOf("mal"), iss: issuer.issuer }),
      "of its own that says it is of another issuer": () => issuer.sign({ ...claimsOf("mal"), iss: other.issuer }),
      "that says of no issuer": () => issuer.sign({ ...claimsOf("mal"), iss: undefined as never }),
      "for another client": () => issuer.sign({ ...claimsOf("mal"), aud: "another" }),
      "for nobody": () => issuer.sign({ ...claimsOf("mal"), aud: [] }),
      expired: () => issuer.sign(claimsOf("mal"), { lifetime: -60 }),
      "not valid yet": () => issuer.sign({ ...claimsOf("mal"), nbf: Math.floor(Date.now() / 1_000) + 600 }),
      "that never expires": () => issuer.sign({ ...claimsOf("mal"), exp: undefined as never }),
      "without a user": () => issuer.sign({ ...claimsOf("mal"), sub: "" }),
      "with a nonce that is not named": () => issuer.sign({ ...claimsOf("mal"), nonce: sha256("n") }),
      "that is no token": async () => "a.b.c",
      "of this project": async () => backend.tokenFor({ sub: "mal", aud: "web" }),
    };
    test.each(Object.keys(forgeries))("%s is refused", async (kind) => {
      const { status, body } = await google(await forgeries[kind]!());
      expect([status, body["error"]]).toEqual([400, "invalid request"]);
      expect(await backend.sql("select from auth.users where email = 'mal@example.com'")).toEqual([]);
    });

    test("with another nonce, or the nonce's hash itself, is refused", async () => {
      const token = await issuer.sign({ ...claimsOf("mal"), nonce: sha256("right") });
      for (const nonce of ["wrong", sha256("right")]) expect((await google(token, { nonce })).body).toMatchObject({ error: "invalid nonce" });
      expect((await google(await issuer.sign(claimsOf("mal")), { nonce: "n" })).body).toMatchObject({ error: "invalid request" });
    });

    test.each([
      [{}, "invalid request"], [{ id_token: "x" }, "invalid request"], [{ provider: "google" }, "invalid request"], [{ provider: "apple", id_token: "x" }, "provider_disabled"],
      [{ provider: "github", id_token: "x" }, "provider_disabled"], [{ provider: "nobody", id_token: "x" }, "validation_failed"], [{ provider: 1, id_token: "x" }, "bad_json"],
    ])("%j is refused", async (body, code) => {
      const { status, body: answer } = await post("id_token", body);
      expect([status, answer["error_code"] ?? answer["error"]]).toEqual([400, code]);
    });
  });

  const at = (seconds = 0): string => new Date(Date.now() + seconds * 1_000).toISOString();
  interface Wishes {
    readonly domain?: string;
    readonly uri?: string;
    readonly issuedAt?: string;
    readonly more?: readonly string[];
    readonly address?: string;
  }

  describe("a wallet of Ethereum", () => {
    const key = secp256k1.utils.randomSecretKey();
    const own = `0x${Buffer.from(keccak(secp256k1.getPublicKey(key, false).subarray(1)).subarray(12)).toString("hex")}`;
    const checksummed = (address: string): string => {
      const hash = Buffer.from(keccak(Buffer.from(address.slice(2)))).toString("hex");
      return `0x${address.slice(2).replaceAll(/[a-f]/g, (letter, index: number) => (Number.parseInt(hash[index]!, 16) >= 8 ? letter.toUpperCase() : letter))}`;
    };
    const message = ({ domain = "app.example.com", uri = `${SITE}/`, issuedAt = at(), more = [], address = own }: Wishes = {}) =>
      [`${domain} wants you to sign in with your Ethereum account:`, address, "", "I agree", "", `URI: ${uri}`, "Version: 1", "Chain ID: 1", `Issued At: ${issuedAt}`, ...more].join("\n");
    const sign = (text: string): string => {
      const body = Buffer.from(text);
      const [recovery = 0, ...rs] = secp256k1.sign(keccak(Buffer.concat([Buffer.from(`\x19Ethereum Signed Message:\n${body.length}`), body])), key, { prehash: false, format: "recovered" });
      return `0x${Buffer.from([...rs, recovery + 27]).toString("hex")}`;
    };
    const signIn = (text: string, signature = sign(text)) => post("web3", { chain: "ethereum", message: text, signature });

    test("signs in, whatever the spelling of its address", async () => {
      const text = message();
      const { data, error } = await client().auth.signInWithWeb3({ chain: "ethereum", message: text, signature: sign(text) as `0x${string}` });
      expect(error).toBeNull();
      expect(data.user).toMatchObject({ email: "", app_metadata: { provider: "web3", providers: ["web3"] }, identities: [{ provider: "web3", id: `web3:ethereum:${own}` }], user_metadata: { custom_claims: { address: own, chain: "ethereum", network: "1", domain: "app.example.com", statement: "I agree" } } });
      expect((await signIn(message({ address: checksummed(own) }))).body.user?.id).toBe(data.user!.id);
    });

    test("can't be signed in with its message again", async () => {
      const text = message({ more: ["Nonce: abcdefgh1"] });
      const results = await Promise.all(Array.from({ length: 5 }, () => signIn(text)));
      expect(results.map(({ status }) => status).toSorted()).toEqual([200, 400, 400, 400, 400]);
    });

    const wrong: Readonly<Record<string, () => string>> = {
      "for another application": () => message({ domain: "evil.example", uri: "https://evil.example/" }),
      "whose domain is another's": () => message({ domain: "evil.example" }),
      "whose domain is another one of the project's": () => message({ domain: "other.example.com" }),
      "of a host that is the project's in part": () => message({ domain: "shared.example.com", uri: "https://shared.example.com/app/x" }),
      "of another version": () => message().replace("Version: 1", "Version: 2"),
      "for an application on some machine": () => message({ domain: "localhost:3000", uri: "http://localhost:3000/" }),
      "without encryption": () => message({ domain: "other.example.com", uri: "http://other.example.com/" }),
      "that is too old": () => message({ issuedAt: at(-601) }),
      "from the future": () => message({ issuedAt: at(700) }),
      "that has expired": () => message({ issuedAt: at(-60), more: [`Expiration Time: ${at(-30)}`] }),
      "that is not valid yet": () => message({ more: [`Not Before: ${at(60)}`] }),
      "with two URIs": () => message({ more: ["URI: https://evil.example/"] }),
      "with a line of its own": () => message({ more: ["Also: this"] }),
    };
    test.each(Object.keys(wrong))("a message %s is refused", async (kind) => {
      const { status, body } = await signIn(wrong[kind]!());
      expect([status, body["error"] ?? body["error_code"]]).toEqual([400, expect.stringMatching(/^(invalid_grant|validation_failed)$/)]);
    });

    test("a wrong checksum is refused", async () => {
      const swapped = checksummed(own).replaceAll(/[a-zA-Z](?!x)/g, (letter, index: number) => (index < 2 ? letter : letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()));
      expect((await signIn(message({ address: swapped }))).body["msg"]).toBe("wallet address has a wrong checksum");
    });

    test("another's signature, or a changed message, is refused", async () => {
      const text = message();
      expect((await signIn(text.replace("I agree", "I agreed"), sign(text))).body).toMatchObject({ error: "invalid_grant", error_description: "Signature does not match address in message" });
      for (const signature of [`0x${"00".repeat(65)}`, `0x${"ff".repeat(65)}`]) expect((await signIn(text, signature)).body["error"]).toBe("invalid_grant");
      expect((await signIn(text, "0x12")).body["error_code"]).toBe("validation_failed");
      expect((await post("web3", { chain: "bitcoin", message: text, signature: sign(text) })).body["error_code"]).toBe("web3_unsupported_chain");
    });
  });

  describe("a wallet of Solana", () => {
    const key = ed25519.utils.randomSecretKey();
    const own = base58.encode(ed25519.getPublicKey(key));
    const message = ({ domain = "app.example.com", uri = `${SITE}/`, issuedAt = at(), more = [], address = own }: Wishes = {}) =>
      [`${domain} wants you to sign in with your Solana account:`, address, "", "Version: 1", `URI: ${uri}`, `Issued At: ${issuedAt}`, ...more].join("\n");
    const signIn = (text: string, signed = Buffer.from(text)) => post("web3", { chain: "solana", message: text, signature: Buffer.from(ed25519.sign(signed, key)).toString("base64") });

    test("signs in, with resources as auth-js lists them", async () => {
      const { status, body } = await signIn(message({ more: ["Chain ID: solana:mainnet", "Resources", "- https://app.example.com/tos"] }));
      expect([status, body.user?.user_metadata["custom_claims"]]).toEqual([200, expect.objectContaining({ address: own, chain: "solana", network: "solana:mainnet" })]);
    });

    test("of hardware signs in its envelope", async () => {
      const text = message({ more: ["Nonce: hardware1"] });
      const body = Buffer.from(text);
      const domain = Buffer.alloc(32);
      domain.write("app.example.com");
      const length = Buffer.alloc(2);
      length.writeUInt16LE(body.length);
      const envelope = Buffer.concat([Buffer.from("\xffsolana offchain\x00", "latin1"), domain, Buffer.from([0, 1]), ed25519.getPublicKey(key), length, body]);
      expect((await signIn(text, envelope)).status).toBe(200);
    });

    test("a key whose signatures hold for anything is refused", async () => {
      // The neutral element as key, and as the point of a signature with s = 0.
      const weak = base58.encode(Uint8Array.from([1, ...Array.from({ length: 31 }, () => 0)]));
      const text = message({ address: weak });
      const signature = Buffer.from([1, ...Array.from({ length: 63 }, () => 0)]).toString("base64");
      expect((await post("web3", { chain: "solana", message: text, signature })).body["error"]).toBe("invalid_grant");
    });

    test("a message for another application is refused", async () => {
      expect((await signIn(message({ domain: "evil.example", uri: "https://evil.example/" }))).body["error"]).toBe("invalid_grant");
    });
  });
});
