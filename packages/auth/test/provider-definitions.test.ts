import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeJwt, decodeProtectedHeader, exportJWK, exportPKCS8, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appleClientSecret } from "../src/providers/apple-client-secret.ts";
import { readAuthConfig } from "../src/config/read-auth-config.ts";
import { exchangeCode } from "../src/providers/exchange-code.ts";
import { createOidcProvider } from "../src/providers/oidc-provider.ts";
import { IssuerCache } from "../src/providers/issuer-cache.ts";
import { ProviderClient } from "../src/providers/provider-client.ts";
import { createProvider } from "../src/providers/provider-definition.ts";
import { type KnownProvider, PROVIDERS } from "../src/providers/provider-table.ts";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** By path, what the provider answers; `/token`-like ones with tokens. */
type Answers = Readonly<Record<string, unknown>>;

const TOKENS = { access_token: "at", refresh_token: "rt", token_type: "bearer" };

interface Sample {
  readonly answers: Answers;
  readonly emails: readonly (readonly [address: string, verified: boolean])[];
  readonly claims: object;
}

/** As the providers' documentation has their answers. */
const SAMPLES: Readonly<Partial<Record<KnownProvider, Sample>>> = {
  github: {
    answers: { "/login/oauth/access_token": TOKENS, "/api/v3/user": { id: 7, login: "octo", name: "Octo", avatar_url: "https://a/7" }, "/api/v3/user/emails": [{ email: "a@x.com", primary: false, verified: true }, { email: "o@x.com", primary: true, verified: true }] },
    emails: [["a@x.com", true], ["o@x.com", true]],
    claims: { sub: "7", provider_id: "7", user_name: "octo", preferred_username: "octo", name: "Octo", avatar_url: "https://a/7" },
  },
  gitlab: { answers: { "/oauth/token": TOKENS, "/api/v4/user": { id: 8, email: "g@x.com", name: "G", confirmed_at: "2020-01-01" }, "/api/v4/user/emails": [{ id: 1, email: "h@x.com" }] }, emails: [["h@x.com", false], ["g@x.com", true]], claims: { sub: "8", full_name: "G" } },
  discord: { answers: { "/api/oauth2/token": TOKENS, "/api/users/@me": { id: "80351110224678912", username: "nelly", discriminator: "1337", avatar: "a_8342729096ea3675442027381ff50dfe", verified: true, email: "n@x.com", global_name: "Nelly" } }, emails: [["n@x.com", true]], claims: { sub: "80351110224678912", name: "nelly#1337", picture: "https://cdn.discordapp.com/avatars/80351110224678912/a_8342729096ea3675442027381ff50dfe.gif", custom_claims: { global_name: "Nelly" } } },
  facebook: { answers: { "/oauth/access_token": TOKENS, "/me": { id: "9", email: "f@x.com", first_name: "F", last_name: "B", name: "fb", picture: { data: { url: "https://p" } } } }, emails: [["f@x.com", true]], claims: { sub: "9", name: "F B", nickname: "fb", picture: "https://p" } },
  slackOidc: { answers: { "/api/openid.connect.token": { ok: true, ...TOKENS }, "/api/openid.connect.userInfo": { "https://slack.com/user_id": "U1", "https://slack.com/team_id": "T1", email: "s@x.com", email_verified: true, name: "S" } }, emails: [["s@x.com", true]], claims: { sub: "U1", custom_claims: { "https://slack.com/team_id": "T1" } } },
  spotify: { answers: { "/api/token": TOKENS, "/me": { id: "sp", display_name: "S", email: "s@x.com", images: [{ url: "small", height: 1, width: 1 }, { url: "large", height: 9, width: 9 }] } }, emails: [["s@x.com", false]], claims: { sub: "sp", picture: "large" } },
  twitch: { answers: { "/oauth2/token": { ...TOKENS, scope: ["user:read:email"] }, "/helix/users": { data: [{ id: "10", login: "tw", display_name: "TW", email: "t@x.com", view_count: 3 }] } }, emails: [["t@x.com", true]], claims: { sub: "10", name: "tw", nickname: "TW" } },
  x: { answers: { "/2/oauth2/token": TOKENS, "/2/users/me": { data: { id: "11", name: "X", username: "xx", confirmed_email: "x@x.com" } } }, emails: [["x@x.com", true]], claims: { sub: "11", user_name: "xx", profile: "https://x.com/xx" } },
  zoom: { answers: { "/oauth/token": TOKENS, "/v2/users/me": { id: "z", first_name: "Z", last_name: "M", email: "z@x.com", verified: 0, login_type: 100 } }, emails: [["z@x.com", false]], claims: { sub: "z", name: "Z M" } },
  kakao: { answers: { "/oauth/token": TOKENS, "/v2/user/me": { id: 12, kakao_account: { email: "k@x.com", is_email_valid: true, is_email_verified: false, profile: { nickname: "K" } } } }, emails: [["k@x.com", false]], claims: { sub: "12", name: "K" } },
  keycloak: { answers: { "/protocol/openid-connect/token": TOKENS, "/protocol/openid-connect/userinfo": { sub: "kc", name: "K C", email: "c@x.com", email_verified: true, groups: ["a"] } }, emails: [["c@x.com", true]], claims: { sub: "kc", custom_claims: { groups: ["a"] } } },
  notion: { answers: { "/v1/oauth/token": TOKENS, "/v1/users/me": { bot: { owner: { user: { id: "n", name: "N", person: { email: "n@x.com" } } } } } }, emails: [["n@x.com", true]], claims: { sub: "n", name: "N" } },
  bitbucket: { answers: { "/site/oauth2/access_token": TOKENS, "/2.0/user": { uuid: "{b}", display_name: "B" }, "/2.0/user/emails": { values: [{ email: "b@x.com", is_primary: true, is_confirmed: true }] } }, emails: [["b@x.com", true]], claims: { sub: "{b}", name: "B" } },
  figma: { answers: { "/v1/oauth/token": TOKENS, "/v1/me": { id: "f", email: "f@x.com", handle: "F", img_url: "https://i" } }, emails: [["f@x.com", true]], claims: { sub: "f", avatar_url: "https://i" } },
  wechat: { answers: { "/sns/oauth2/access_token": { access_token: "at", refresh_token: "rt", openid: "O1", unionid: "UN", scope: "snsapi_login" }, "/sns/userinfo": { openid: "O1", unionid: "UN", nickname: "W", sex: 1, headimgurl: "https://h" } }, emails: [], claims: { sub: "UN", nickname: "W", avatar_url: "https://h" } },
};

describe("providers", () => {
  let server: Server;
  let base: string;
  let answers: Answers = {};
  const asked: Asked[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += String(chunk))).on("end", () => {
        const { pathname } = new URL(request.url!, base);
        asked.push({ method: request.method!, path: request.url!, authorization: request.headers.authorization, body });
        const answer = answers[pathname];
        response.statusCode = answer === undefined ? 404 : 200;
        response.setHeader("content-type", "application/json").end(JSON.stringify(answer ?? { error: "not_found" }));
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  });

  const open = (name: KnownProvider) => {
    asked.length = 0;
    const { external } = readAuthConfig({ external: { [name]: { enabled: true, clientId: "id", secret: "hush", url: base } } });
    return { provider: createProvider(name, PROVIDERS[name], external[name], external, ["id"]), client: new ProviderClient(new IssuerCache(fetch), fetch, AbortSignal.timeout(5_000)) };
  };
  const signIn = async (name: KnownProvider) => {
    const { provider, client } = open(name);
    const tokens = await exchangeCode(client, provider, { code: "the code", redirectUri: "https://b/callback", verifier: provider.pkce ? "v".repeat(43) : undefined });
    return provider.readProfile({ tokens, client, nonce: undefined, callback: new URLSearchParams() }, provider);
  };

  test.each(Object.keys(SAMPLES) as KnownProvider[])("%s", async (name) => {
    const { answers: given, emails, claims } = SAMPLES[name]!;
    answers = given;
    const profile = await signIn(name);
    expect(profile.emails.map(({ address, verified }) => [address, verified])).toEqual(emails);
    expect(profile.claims).toMatchObject(claims);
    const [exchange, ...reads] = asked;
    expect(`${exchange!.path} ${exchange!.body}`).toMatch(/code=the(\+|%20)code/);
    expect(`${exchange!.path} ${exchange!.body} ${exchange!.authorization}`).toMatch(/hush|aWQ6aHVzaA==/);
    expect(reads.length).toBeGreaterThan(0);
    for (const { authorization, path } of reads) expect(`${authorization} ${path}`).toMatch(/Bearer at|access_token=at/);
  });

  test("every provider that the settings know is there, and all but those with id_tokens alone are read above", () => {
    const byToken = new Set(["apple", "azure", "google", "linkedinOidc"]);
    expect(Object.keys(PROVIDERS).filter((name) => !byToken.has(name)).toSorted()).toEqual(Object.keys(SAMPLES).toSorted());
  });

  test("an error with status 200, a broken answer and an endless one are no sign-in", async () => {
    for (const answer of [{ error: "bad_verification_code" }, { access_token: "" }, "x", { access_token: "a".repeat(1_100_000) }]) {
      answers = { "/login/oauth/access_token": answer };
      await expect(signIn("github")).rejects.toMatchObject({ code: "unexpected_failure" });
    }
    answers = { "/sns/oauth2/access_token": { errcode: 40029, errmsg: "invalid code" } };
    await expect(signIn("wechat")).rejects.toMatchObject({ code: "unexpected_failure" });
  });

  test("an issuer that says it is another, or leads into a network of its own, is refused", async () => {
    const description = { authorization_endpoint: `${base}/a`, token_endpoint: `${base}/t`, jwks_uri: `${base}/j` };
    for (const wrong of [{ ...description, issuer: "https://elsewhere.example" }, { ...description, issuer: base, token_endpoint: "http://10.0.0.1/t" }, { ...description, issuer: base, jwks_uri: "file:///etc/passwd" }, { issuer: base }]) {
      answers = { "/.well-known/openid-configuration": wrong };
      await expect(new IssuerCache(fetch).discover(base)).rejects.toMatchObject({ code: "unexpected_failure" });
    }
    answers = { "/.well-known/openid-configuration": { ...description, issuer: base } };
    expect(await new IssuerCache(fetch).discover(base)).toMatchObject({ issuer: base });
  });

  describe("of OpenID Connect", () => {
    const sub = "ann";
    /** Signs in where the token endpoint gives an id_token with these claims. */
    const signInWith = async (claims: object, userinfo: object = { sub, email: "ann@x.com", email_verified: true }) => {
      const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
      const idToken = await new SignJWT({ iss: base, sub, aud: "id", ...claims }).setIssuedAt().setExpirationTime("5m").setProtectedHeader({ alg: "ES256", kid: "1" }).sign(privateKey);
      answers = {
        "/.well-known/openid-configuration": { issuer: base, authorization_endpoint: `${base}/a`, token_endpoint: `${base}/t`, jwks_uri: `${base}/j`, userinfo_endpoint: `${base}/u` },
        "/j": { keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "ES256", use: "sig" }] },
        "/t": { ...TOKENS, id_token: idToken }, "/u": userinfo,
      };
      const provider = createOidcProvider({ name: "acme", issuer: base, clientIds: ["id"], secret: async () => "hush", scopes: ["email"], pkce: false, emailOptional: false, skipNonceCheck: false });
      const client = new ProviderClient(new IssuerCache(fetch), fetch, AbortSignal.timeout(5_000));
      const tokens = await exchangeCode(client, provider, { code: "c", redirectUri: "https://b/callback", verifier: undefined });
      return provider.readProfile({ tokens, client, nonce: undefined, callback: new URLSearchParams() }, provider);
    };

    test("one of several that a token is for must be who asked (OpenID Connect Core, 3.1.3.7)", async () => {
      for (const claims of [{}, { azp: "id" }, { aud: ["id"] }, { aud: ["id", "other"], azp: "id" }]) expect((await signInWith(claims)).claims).toMatchObject({ sub });
      for (const claims of [{ azp: "other" }, { aud: ["id", "other"] }, { aud: ["id", "other"], azp: "other" }]) await expect(signInWith(claims)).rejects.toMatchObject({ message: "Unacceptable authorized party in id_token" });
    });

    test("what is told of another user than the token's counts for nothing (OpenID Connect Core, 5.3.2)", async () => {
      expect((await signInWith({})).emails.map(({ address }) => address)).toEqual(["ann@x.com"]);
      for (const other of [{ sub: "ben" }, {}]) expect((await signInWith({}, { ...other, email: "ben@x.com", email_verified: true })).emails).toEqual([]);
    });
  });

  test("plain http is for the machine itself alone", async () => {
    const { client } = open("github");
    for (const address of ["http://example.com/", "http://10.0.0.1/", "ftp://127.0.0.1/", "https://user@127.0.0.1/", "nowhere"]) await expect(client.fetch(address)).rejects.toMatchObject({ message: "The provider's address is not an https: one" });
  });
});

test("Apple's client secret is signed with the team's key, or taken as it is", async () => {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const secret = JSON.stringify({ teamId: "TEAM", keyId: "KEY", privateKey: await exportPKCS8(privateKey) });
  const token = await appleClientSecret(secret, "com.example", "https://appleid.apple.com");
  expect(decodeProtectedHeader(token)).toEqual({ alg: "ES256", kid: "KEY" });
  expect(decodeJwt(token)).toMatchObject({ iss: "TEAM", sub: "com.example", aud: "https://appleid.apple.com" });
  expect(await appleClientSecret("a.b.c", "x", "y")).toBe("a.b.c");
});
