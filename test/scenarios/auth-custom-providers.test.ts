import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openNativeOrEmbedded } from "./support/open-backend.ts";

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
    ({ backend, close } = await openNativeOrEmbedded(databases));
    const { serviceRoleKey } = await backend.projects.create({ ref: "workshop", settings: { auth: { externalUrl: "http://localhost:3000", customOauth: { maxProviders: 2 } } } });
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
});
