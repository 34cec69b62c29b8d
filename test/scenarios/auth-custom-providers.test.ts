import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Loopback, openLoopback } from "../support/loopback.ts";
import { openAtDoor } from "./support/open-backend.ts";

const SECRET = "a-secret-of-the-provider";
/** An address that is in nobody's network and needs no name server. */
const OUTSIDE = "https://93.184.215.14";
const OAUTH2 = {
  provider_type: "oauth2" as const, identifier: "custom:shop", name: "Shop", client_id: "id", client_secret: SECRET, scopes: ["profile"],
  authorization_url: `${OUTSIDE}/authorize`, token_url: `${OUTSIDE}/token`, userinfo_url: `${OUTSIDE}/userinfo`,
};

describeDatabases("custom providers", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let admin: SupabaseClient["auth"]["admin"]["customProviders"];
  let issuerServer: Server;
  let issuer: string;
  const documents: Record<string, object> = {};
  beforeAll(async () => {
    ({ backend, close } = await openAtDoor(databases, { auth: { externalUrl: "http://localhost:3000", mailer: { autoconfirm: true }, password: { cost: 4 }, saml: { enabled: true } }, onError: () => undefined }));
    await configure();
    const { serviceRoleKey } = await backend.projects.create({ ref: "workshop", settings: { auth: { customOauth: { maxProviders: 2 } } } });
    issuerServer = createServer((request, response) => {
      const document = documents[request.url ?? ""];
      response.writeHead(document === undefined ? 404 : 200, { "content-type": "application/json" }).end(JSON.stringify(document ?? {}));
    }).listen(0, "127.0.0.1");
    await once(issuerServer, "listening");
    issuer = `http://127.0.0.1:${(issuerServer.address() as AddressInfo).port}`;
    documents["/.well-known/openid-configuration"] = { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`, scopes_supported: ["openid"], unknown: 1 };
    documents["/partly/.well-known/openid-configuration"] = { issuer: `${issuer}/partly`, authorization_endpoint: `${issuer}/authorize` };
    documents["/other/.well-known/openid-configuration"] = { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` };
    documents["/inward/.well-known/openid-configuration"] = { issuer: `${issuer}/inward`, authorization_endpoint: `${issuer}/authorize`, token_endpoint: "http://192.168.0.1/token", jwks_uri: `${issuer}/jwks` };
    admin = providersOf(backend.serviceRoleKey);
    workshop = providersOf(serviceRoleKey);
  });
  afterAll(async () => {
    issuerServer.close();
    await close();
  });
  let workshop: typeof admin;
  /** The project that is reached from outside. */
  const configure = (auth: object = {}) => backend.projects.update("default", { settings: { auth: { externalUrl: "https://shop.example", ...auth } } });
  const providersOf = (key: string): typeof admin => (createClient("http://backend", key, { global: { fetch: backend.fetch }, auth: { persistSession: false, autoRefreshToken: false } }) as SupabaseClient).auth.admin.customProviders;

  test("of OAuth 2 are added, read, changed and taken away, and their secret is never shown", async () => {
    const { data: made, error } = await admin.createProvider(OAUTH2);
    expect(error).toBeNull();
    expect(made).toMatchObject({ identifier: "custom:shop", provider_type: "oauth2", scopes: ["profile"], pkce_enabled: true, enabled: true, email_optional: false, attribute_mapping: {}, token_url: `${OUTSIDE}/token` });
    expect(await admin.getProvider("custom:shop")).toEqual({ data: made, error: null });
    expect((await admin.listProviders()).data.providers).toEqual([made]);
    expect((await admin.listProviders({ type: "oidc" })).data.providers).toEqual([]);
    const { data: changed } = await admin.updateProvider("custom:shop", { name: "Store", enabled: false, client_secret: "another", attribute_mapping: { email: "mail" } });
    expect(changed).toMatchObject({ id: made!.id, name: "Store", enabled: false, attribute_mapping: { email: "mail" }, client_id: "id" });
    expect(JSON.stringify([made, changed])).not.toMatch(/client_secret|another/);
    const [row] = await backend.sql<{ client_secret: string }>("select client_secret from auth.custom_oauth_providers");
    expect(row!.client_secret).toMatch(/^sealed1\./);
    expect(await (await backend.tenant()).secrets.open(row!.client_secret, "auth.custom-provider")).toBe("another");
    expect((await admin.createProvider(OAUTH2)).error).toMatchObject({ status: 400, code: "conflict" });
    expect((await admin.deleteProvider("custom:shop")).error).toBeNull();
    for (const gone of [admin.getProvider("custom:shop"), admin.deleteProvider("custom:shop"), admin.updateProvider("custom:shop", { name: "x" })]) expect((await gone).error).toMatchObject({ status: 404, code: "custom_provider_not_found" });
  });

  test("of OpenID Connect are asked who they are first", async () => {
    const oidc = { provider_type: "oidc" as const, identifier: "custom:login", name: "Login", client_id: "id", client_secret: SECRET, issuer, scopes: ["email"] };
    const { data, error } = await workshop.createProvider(oidc);
    expect(error).toBeNull();
    expect(data).toMatchObject({ issuer, scopes: ["openid", "email"], discovery_document: { issuer, token_endpoint: `${issuer}/token`, scopes_supported: ["openid"] } });
    for (const [path, message] of [["/partly", /missing required fields: token_endpoint, jwks_uri/], ["/other", /issuer mismatch/], ["/nowhere", /status 404/], ["/inward", /must use HTTPS/]] as const) {
      const refused = await workshop.createProvider({ ...oidc, identifier: "custom:second", issuer: issuer + path });
      expect(refused.error).toMatchObject({ status: 400, code: "validation_failed", message: expect.stringMatching(message) });
    }
    expect((await workshop.updateProvider("custom:login", { issuer: `${issuer}/other` })).error).toMatchObject({ code: "validation_failed" });
    expect((await workshop.getProvider("custom:login")).data).toMatchObject({ issuer });
    expect((await workshop.createProvider({ ...OAUTH2, identifier: "custom:two" })).error).toBeNull();
    expect((await workshop.createProvider({ ...OAUTH2, identifier: "custom:three" })).error).toMatchObject({ status: 400, code: "over_custom_provider_quota" });
  });

  const inside = ["http://93.184.215.14/x", "https://localhost/x", "https://a.localhost/x", "https://127.0.0.1/x", "https://2130706433/x", "https://0x7f.1/x", "https://[::1]/x", "https://[::ffff:10.0.0.1]/x", "https://10.1.2.3/x", "https://172.20.0.1/x", "https://192.168.1.1/x", "https://169.254.169.254/latest", "https://[fd00::1]/x", "https://user@93.184.215.14/x", "file:///etc/passwd", "no address", "https://0.0.0.0/"];
  test.each(inside)("%s is no address of a provider", async (address) => {
    for (const field of ["authorization_url", "token_url", "userinfo_url", "jwks_uri"]) expect((await admin.createProvider({ ...OAUTH2, [field]: address })).error).toMatchObject({ status: 400, code: "validation_failed" });
    for (const field of ["issuer", "discovery_url"]) expect((await admin.createProvider({ provider_type: "oidc", identifier: "custom:x", name: "X", client_id: "x", client_secret: "x", issuer: `${OUTSIDE}/x`, [field]: address })).error).toMatchObject({ status: 400, code: "validation_failed" });
    expect((await admin.listProviders()).data.providers).toEqual([]);
  });

  test.each<readonly [object, RegExp]>([
    [{ identifier: "shop" }, /must start with 'custom:'/],
    [{ identifier: undefined }, /identifier is required/],
    [{ provider_type: "saml" }, /provider_type must be/],
    [{ name: "" }, /name is required/],
    [{ client_secret: undefined }, /client_secret is required/],
    [{ userinfo_url: undefined }, /userinfo_url is required for OAuth2/],
    [{ provider_type: "oidc" }, /issuer is required for OIDC/],
    [{ authorization_params: { redirect_uri: "https://evil.example.net" } }, /reserved OAuth parameter: redirect_uri/],
    [{ authorization_params: { prompt: 1 } }, /must be a string/],
    [{ attribute_mapping: { role: "role" } }, /protected system field: role/],
    [{ custom_claims_allowlist: [" "] }, /non-empty/],
  ])("%o is refused", async (change, message) => {
    const { error } = await admin.createProvider({ ...OAUTH2, ...change } as typeof OAUTH2);
    expect(error).toMatchObject({ status: 400, code: "validation_failed", message: expect.stringMatching(message) });
  });

  describe("what a project names on the machine itself or in its networks is not asked", () => {
    let loopback: Loopback;
    beforeAll(async () => {
      loopback = await openLoopback();
      loopback.answer({ body: {} });
    });
    afterAll(() => loopback.close());
    const post = async (path: string, body: object, role: "anon" | "service" = "anon") => {
      const response = await backend.fetch(`http://backend/auth/v1${path}`, { method: "POST", headers: { ...backend.headersFor(role), "content-type": "application/json" }, body: JSON.stringify(body) });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const signUp = () => post("/signup", { email: `${randomUUID()}@example.com`, password: "correct horse battery", gotrue_meta_security: { captcha_token: "x" } });
    /** By its name, too: what a name leads to is seen by the connection alone. */
    const places = () => [loopback.url, loopback.url.replace("127.0.0.1", "localhost")];
    const NOT_PUBLIC = expect.stringContaining("not on the public network") as string;

    test("its hooks", async () => {
      for (const uri of places()) {
        await configure({ hook: { beforeUserCreated: { enabled: true, uri } } });
        expect(await signUp()).toMatchObject({ status: 500, body: { error_code: "unexpected_failure", msg: NOT_PUBLIC } });
      }
      expect(loopback.heard).toEqual([]);
    });

    test("its lists of breached passwords, captchas, and senders of messages", async () => {
      for (const url of places()) {
        await configure({ password: { hibp: { enabled: true, failClosed: true, url } } });
        expect((await signUp()).body["error_code"]).toBe("unexpected_failure");
        await configure({ security: { captcha: { enabled: true, secret: "x", url } } });
        expect((await signUp()).body["msg"]).toBe("captcha verification process failed");
        for (const sms of [{ provider: "webhook", webhook: { url } }, { provider: "twilio", twilio: { accountSid: "a", authToken: "b", messageServiceSid: "c", url } }]) {
          await configure({ external: { phone: { enabled: true } }, sms: { ...sms, maxFrequency: 0 } });
          expect((await post("/otp", { phone: `1555${Math.floor(Math.random() * 1e7)}` })).body["error_code"]).toBe("sms_send_failed");
        }
      }
      expect(loopback.heard).toEqual([]);
    });

    test("its mail server", async () => {
      let connections = 0;
      const listener = createTcpServer((socket) => {
        connections++;
        socket.destroy();
      }).listen(0, "127.0.0.1");
      await once(listener, "listening");
      for (const host of ["127.0.0.1", "localhost"]) {
        await configure({ mailer: { autoconfirm: false }, smtp: { host, port: (listener.address() as AddressInfo).port, adminEmail: "a@example.com" } });
        expect((await signUp()).status).toBe(500);
      }
      expect(connections).toBe(0);
      listener.close();
    });

    test("its SAML metadata", async () => {
      await configure();
      const address = loopback.url.replace("http:", "https:");
      for (const url of [address, address.replace("127.0.0.1", "localhost"), "https://169.254.169.254/latest/meta-data", "https://[fd00::1]/", "https://2130706433/"]) {
        expect(await post("/admin/sso/providers", { type: "saml", metadata_url: url }, "service")).toMatchObject({ status: 400, body: { error_code: "saml_metadata_fetch_failed", msg: NOT_PUBLIC } });
      }
    });

    test("its providers, whose rows somebody has changed", async () => {
      await configure();
      await backend.sql(`insert into auth.custom_oauth_providers (id, provider_type, identifier, name, client_id, client_secret, authorization_url, token_url, userinfo_url)
        values (gen_random_uuid(), 'oauth2', 'custom:inward', 'Inward', 'id', '', '${loopback.url}/a', '${loopback.url}/t', '${loopback.url}/u')`);
      const response = await backend.fetch("http://backend/auth/v1/authorize?provider=custom:inward", { redirect: "manual" });
      expect([response.status, ((await response.json()) as { error_code: string }).error_code]).toEqual([400, "validation_failed"]);
      await configure({ external: { oidc: { inward: { enabled: true, clientId: "x", url: loopback.url } } } });
      expect((await backend.fetch("http://backend/auth/v1/authorize?provider=inward", { redirect: "manual" })).status).toBe(500);
      expect(loopback.heard).toEqual([]);
    });

    test("but the machine is, by a project that is reached on it", async () => {
      const { serviceRoleKey: key } = await backend.projects.get("workshop");
      await backend.projects.update("workshop", { settings: { auth: { hook: { beforeUserCreated: { enabled: true, uri: loopback.url } } } } });
      const headers = { apikey: key, authorization: `Bearer ${key}`, "content-type": "application/json" };
      const made = await backend.fetch("http://backend/auth/v1/signup", { method: "POST", headers, body: JSON.stringify({ email: "ann@example.com", password: "correct horse battery" }) });
      expect([made.status, loopback.heard.length]).toEqual([200, 1]);
    });
  });
});
