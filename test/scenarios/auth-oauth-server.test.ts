import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import * as oauth from "oauth4webapi";
import type { ProjectWithKeys } from "plinth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAtDoor } from "./support/open-backend.ts";

const ISSUER = "http://localhost/auth/v1";
const REDIRECT = "https://client.example/callback";
const PASSWORD = "correct horse";
const AUTH = { siteUrl: "https://app.example", mailer: { autoconfirm: true }, password: { cost: 4 }, security: { manualLinkingEnabled: true }, oauthServer: { enabled: true, allowDynamicRegistration: true }, rateLimit: { tokenRefresh: 0 } };

interface ClientJson {
  readonly client_id: string;
  readonly client_secret?: string;
}

type Answer = Readonly<Record<string, unknown>>;

describeDatabases("OAuth server", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let other: ProjectWithKeys;
  let server: oauth.AuthorizationServer;
  let admin: SupabaseClient;
  const [custom, insecure] = [oauth.customFetch, oauth.allowInsecureRequests];
  /** To oauth4webapi: its requests go to the backend, without a key. */
  const options = () => ({ [custom]: (url: string, init: RequestInit) => backend.fetch(new Request(url, init)), [insecure]: true }) as never;

  beforeAll(async () => {
    ({ backend, close } = await openAtDoor(databases, { auth: AUTH, sql: "create table public.notes (owner uuid default auth.uid(), text text); grant select on public.notes to anon, authenticated; insert into public.notes values (null, 'all')" }));
    other = await backend.projects.create({ ref: "other" });
    await backend.projects.keys("default").createSigningKey({ algorithm: "ES256" });
    await backend.projects.keys("default").rotateSigningKey({ overlapMs: 3_600_000 });
    admin = supabase(backend.serviceRoleKey);
    server = await oauth.processDiscoveryResponse(new URL(ISSUER), await oauth.discoveryRequest(new URL(ISSUER), options()));
  });
  afterAll(() => close());

  const supabase = (key: string): SupabaseClient => createClient("http://localhost", key, { global: { fetch: backend.fetch }, auth: { persistSession: false, autoRefreshToken: false } });
  const call = (path: string, init: RequestInit = {}) => backend.fetch(new Request(path.startsWith("http") ? path : `${ISSUER}${path}`, { redirect: "manual", ...init }));

  test("its metadata are found by the issuer, where RFC 8414 has them", async () => {
    const found = await oauth.processDiscoveryResponse(new URL(ISSUER), await oauth.discoveryRequest(new URL(ISSUER), { ...(options() as object), algorithm: "oauth2" } as never));
    expect(found).toEqual(server);
    const root = new URL("/.well-known/oauth-authorization-server/auth/v1", ISSUER).href;
    expect(await (await call(`${root}?apikey=${other.anonKey}`)).json()).toMatchObject({ authorization_endpoint: expect.stringContaining(other.anonKey) as string });
    expect((await call(root, { method: "POST" })).status).toBe(405);
    expect((await call(`${root}/more?apikey=${backend.anonKey}`)).ok).toBe(false);
  });

  async function user(): Promise<{ client: SupabaseClient; id: string; email: string }> {
    const client = supabase(backend.anonKey);
    const email = `user-${crypto.randomUUID()}@example.com`;
    const { data, error } = await client.auth.signUp({ email, password: PASSWORD, options: { data: { full_name: "Ada" } } });
    expect(error).toBeNull();
    return { client, id: data.user!.id, email };
  }

  async function register(metadata: Answer = {}): Promise<ClientJson> {
    const { data, error } = await admin.auth.admin.oauth.createClient({ client_name: "Notes", redirect_uris: [REDIRECT], ...metadata } as never);
    expect(error).toBeNull();
    return data as unknown as ClientJson;
  }

  interface Started {
    readonly id: string;
    readonly verifier: string;
    readonly nonce: string;
    readonly state: string;
  }

  async function authorizeUrl(clientId: string, parameters: Readonly<Record<string, string>> = {}): Promise<{ url: URL } & Omit<Started, "id">> {
    const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()];
    const url = new URL(server.authorization_endpoint!);
    const all = { client_id: clientId, redirect_uri: REDIRECT, response_type: "code", scope: "openid email profile", code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256", state, nonce, ...parameters };
    for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
    return { url, verifier, state, nonce };
  }

  async function start(clientId: string, parameters: Readonly<Record<string, string>> = {}): Promise<Started> {
    const { url, ...kept } = await authorizeUrl(clientId, parameters);
    const response = await call(url.href);
    const page = new URL(response.headers.get("location")!);
    expect([response.status, page.origin + page.pathname]).toEqual([302, "https://app.example/oauth/consent"]);
    return { id: page.searchParams.get("authorization_id")!, ...kept };
  }

  async function approve(client: SupabaseClient, id: string): Promise<URL> {
    await client.auth.oauth.getAuthorizationDetails(id);
    const { data, error } = await client.auth.oauth.approveAuthorization(id, { skipBrowserRedirect: true });
    expect(error).toBeNull();
    return new URL((data as { redirect_url: string }).redirect_url);
  }

  /** As a client without a library would ask. */
  async function redeem(fields: Readonly<Record<string, string>>, headers: Record<string, string> = {}): Promise<{ status: number; body: Answer }> {
    const response = await call("/oauth/token", { method: "POST", body: new URLSearchParams(fields), headers });
    return { status: response.status, body: (await response.json()) as Answer };
  }

  const basic = ({ client_id: id, client_secret: secret }: ClientJson): Record<string, string> => ({ authorization: `Basic ${btoa(`${id}:${secret}`)}` });

  async function signedIn(client: ClientJson, who: SupabaseClient, scope = "openid email profile"): Promise<Answer> {
    const { id, verifier } = await start(client.client_id, { scope });
    const code = (await approve(who, id)).searchParams.get("code")!;
    const { status, body } = await redeem({ grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: REDIRECT }, basic(client));
    expect(status, JSON.stringify(body)).toBe(200);
    return body;
  }

  describe.each(["client_secret_basic", "client_secret_post", "none"] as const)("a client of oauth4webapi with %s", (method) => {
    test("gets tokens, userinfo and new tokens for a user who has approved", async () => {
      const registered = await register({ token_endpoint_auth_method: method });
      expect(registered.client_secret === undefined).toBe(method === "none");
      const client: oauth.Client = { client_id: registered.client_id };
      const proof = { client_secret_basic: () => oauth.ClientSecretBasic(registered.client_secret!), client_secret_post: () => oauth.ClientSecretPost(registered.client_secret!), none: () => oauth.None() }[method]();
      const ada = await user();
      const { id, verifier, nonce, state } = await start(registered.client_id);

      const details = await ada.client.auth.oauth.getAuthorizationDetails(id);
      expect(details.data).toEqual({ authorization_id: id, redirect_uri: REDIRECT, client: { id: registered.client_id, name: "Notes", uri: "", logo_uri: "" }, user: { id: ada.id, email: ada.email }, scope: "openid email profile" });
      const parameters = oauth.validateAuthResponse(server, client, await approve(ada.client, id), state);
      const tokens = await oauth.processAuthorizationCodeResponse(server, client, await oauth.authorizationCodeGrantRequest(server, client, proof, parameters, REDIRECT, verifier, options()), { expectedNonce: nonce, requireIdToken: true });
      expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ iss: ISSUER, sub: ada.id, aud: registered.client_id, email: ada.email, email_verified: true, name: "Ada", nonce });

      const info = await oauth.processUserInfoResponse(server, client, ada.id, await oauth.userInfoRequest(server, client, tokens.access_token, options()));
      expect(info).toMatchObject({ sub: ada.id, email: ada.email, name: "Ada" });
      const refreshed = await oauth.processRefreshTokenResponse(server, client, await oauth.refreshTokenGrantRequest(server, client, proof, tokens.refresh_token!, options()));
      const claims = JSON.parse(atob(refreshed.access_token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/"))) as Answer;
      expect(claims).toMatchObject({ sub: ada.id, client_id: registered.client_id, scope: "openid email profile", role: "authenticated", aal: "aal1" });
    });
  });

  test("clients register themselves where the project lets them, and say in OAuth's words what is wrong", async () => {
    const made = await oauth.processDynamicClientRegistrationResponse(await oauth.dynamicClientRegistrationRequest(server, { redirect_uris: ["http://127.0.0.1/cb"], client_name: "Desk", token_endpoint_auth_method: "none" }, options()));
    expect(made).toMatchObject({ registration_type: "dynamic", client_type: "public", redirect_uris: ["http://127.0.0.1/cb"] });
    // An application on the machine has another port each time; nothing else may differ.
    await start(made.client_id, { redirect_uri: "http://127.0.0.1:51004/cb" });
    for (const redirectUri of ["http://127.0.0.1:51004/cb/", "http://127.0.0.1:51004@evil.example/cb", "http://localhost:51004/cb", "https://127.0.0.1:51004/cb", "http://127.0.0.1/cb?x=1"]) {
      expect([redirectUri, (await call((await authorizeUrl(made.client_id, { redirect_uri: redirectUri })).url.href)).status]).toEqual([redirectUri, 400]);
    }
    for (const [uri, error] of [["http://client.example/cb", "invalid_redirect_uri"], ["javascript:alert(1)//", "invalid_redirect_uri"], ["https://a.example/#x", "invalid_redirect_uri"], ["https://a.example/,https://b.example/", "invalid_redirect_uri"]]) {
      const refused = await call("/oauth/clients/register", { method: "POST", body: JSON.stringify({ redirect_uris: [uri] }) });
      expect([refused.status, ((await refused.json()) as Answer)["error"]]).toEqual([400, error]);
    }
    const script = await call("/oauth/clients/register", { method: "POST", body: JSON.stringify({ redirect_uris: [REDIRECT], client_uri: "javascript:alert(1)" }) });
    expect(((await script.json()) as Answer)["error"]).toBe("invalid_client_metadata");
  });

  test("requests that can't be trusted lead nowhere; others are answered at the redirect URI, with the issuer", async () => {
    const { client_id: id } = await register();
    const refused = async (parameters: Readonly<Record<string, string>>): Promise<unknown> => {
      const { url, state } = await authorizeUrl(id, parameters);
      const response = await call(url.href);
      const location = response.headers.get("location");
      if (location === null) return [response.status, ((await response.json()) as Answer)["error_code"]];
      const answer = new URL(location);
      expect([answer.origin + answer.pathname, answer.searchParams.get("iss"), answer.searchParams.get("state")]).toEqual([REDIRECT, ISSUER, state]);
      return answer.searchParams.get("error");
    };
    expect(await refused({ client_id: crypto.randomUUID() })).toEqual([400, "oauth_client_not_found"]);
    expect(await refused({ client_id: "x" })).toEqual([400, "oauth_client_not_found"]);
    for (const redirectUri of ["https://evil.example/callback", `${REDIRECT}/`, `${REDIRECT}?x=1`, REDIRECT.toUpperCase(), `${REDIRECT}/../x`, ""]) expect(await refused({ redirect_uri: redirectUri })).toEqual([400, "validation_failed"]);
    expect(await refused({ response_type: "token" })).toBe("unsupported_response_type");
    expect(await refused({ scope: "email admin" })).toBe("invalid_scope");
    expect(await refused({ code_challenge: "" })).toBe("invalid_request");
    expect(await refused({ code_challenge_method: "plain" })).toBe("invalid_request");
    expect(await refused({ resource: "https://a.example/#x" })).toBe("invalid_target");
    expect(await refused({ request_uri: "https://a.example" })).toBe("request_uri_not_supported");
    const { url } = await authorizeUrl(id);
    const twice = await call(`${url.href}&redirect_uri=${encodeURIComponent("https://evil.example/")}`);
    expect(twice.status).toBe(400);
  });

  test("what a user denies is denied, and neither decision is taken twice or by another", async () => {
    const client = await register();
    const [ada, ben] = [await user(), await user()];
    const { id, state } = await start(client.client_id);
    expect((await ada.client.auth.oauth.getAuthorizationDetails(id)).error).toBeNull();
    expect((await ben.client.auth.oauth.getAuthorizationDetails(id)).error).toMatchObject({ status: 404, code: "oauth_authorization_not_found" });
    expect((await ben.client.auth.oauth.approveAuthorization(id)).error).toMatchObject({ status: 404, code: "oauth_authorization_not_found" });
    const { data } = await ada.client.auth.oauth.denyAuthorization(id, { skipBrowserRedirect: true });
    const answer = new URL((data as { redirect_url: string }).redirect_url);
    expect(Object.fromEntries(answer.searchParams)).toEqual({ error: "access_denied", error_description: "User denied the request", state, iss: ISSUER });
    expect((await ada.client.auth.oauth.approveAuthorization(id)).error).toMatchObject({ status: 400, code: "validation_failed" });
    const fromElsewhere = await call(`/oauth/authorizations/${(await start(client.client_id)).id}`, { headers: { apikey: backend.anonKey, authorization: `Bearer ${(await ada.client.auth.getSession()).data.session!.access_token}`, origin: "https://evil.example" } });
    expect(fromElsewhere.status).toBe(400);
  });

  test("a code is good once, and its tokens end when it comes again", async () => {
    const client = await register();
    const ada = await user();
    const { id, verifier } = await start(client.client_id);
    const code = (await approve(ada.client, id)).searchParams.get("code")!;
    const fields = { grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: REDIRECT };
    const raced = await Promise.all([1, 2, 3].map(() => redeem(fields, basic(client))));
    expect(raced.map(({ status }) => status).toSorted()).toEqual([200, 400, 400]);
    const { body: tokens } = raced.find(({ status }) => status === 200)!;
    expect(await redeem({ grant_type: "refresh_token", refresh_token: String(tokens["refresh_token"]) }, basic(client))).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    expect((await call("/oauth/userinfo", { headers: { authorization: `Bearer ${String(tokens["access_token"])}` } })).status).toBe(403);
    const kept = await backend.sql<{ authorization_code: string }>("select authorization_code from auth.oauth_authorizations where authorization_code is not null");
    expect(kept.some((row) => row.authorization_code === code)).toBe(false);
  });

  test.each([
    ["another verifier", { code_verifier: oauth.generateRandomCodeVerifier() }],
    ["no verifier", { code_verifier: "" }],
    ["another redirect URI", { redirect_uri: "https://client.example/other" }],
    ["another resource", { resource: "https://api.example/" }],
  ])("a code with %s is refused, and used up", async (_what, wrong) => {
    const client = await register();
    const { id, verifier } = await start(client.client_id);
    const code = (await approve((await user()).client, id)).searchParams.get("code")!;
    const right = { grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: REDIRECT };
    expect(await redeem({ ...right, ...wrong }, basic(client))).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    expect(await redeem(right, basic(client))).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  });

  test("a code that comes too late is refused", async () => {
    const client = await register();
    const { id, verifier } = await start(client.client_id);
    const code = (await approve((await user()).client, id)).searchParams.get("code")!;
    await backend.sql("update auth.oauth_authorizations set created_at = now() - interval '2 seconds', expires_at = now() - interval '1 second' where status = 'approved'");
    expect(await redeem({ grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: REDIRECT }, basic(client))).toMatchObject({ status: 400, body: { error: "invalid_grant", error_description: "Authorization code has expired" } });
  });

  test("a code of a user who was banned meanwhile is refused", async () => {
    const client = await register();
    const ada = await user();
    const { id, verifier } = await start(client.client_id);
    const code = (await approve(ada.client, id)).searchParams.get("code")!;
    expect((await admin.auth.admin.updateUserById(ada.id, { ban_duration: "1h" })).error).toBeNull();
    expect(await redeem({ grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: REDIRECT }, basic(client))).toMatchObject({ status: 400, body: { error: "access_denied" } });
  });

  test("a client that is registered for codes alone gets no refresh token", async () => {
    const client = await register({ grant_types: ["authorization_code"] });
    const tokens = await signedIn(client, (await user()).client);
    expect(tokens).toHaveProperty("access_token");
    expect(tokens).not.toHaveProperty("refresh_token");
    expect(await redeem({ grant_type: "refresh_token", refresh_token: "any" }, basic(client))).toMatchObject({ status: 400, body: { error: "unauthorized_client" } });
  });

  test("another client gets nothing for a code or a refresh token, and takes nothing from whose they are", async () => {
    const [mine, theirs] = [await register(), await register()];
    const ada = await user();
    const { id, verifier } = await start(mine.client_id);
    const code = (await approve(ada.client, id)).searchParams.get("code")!;
    const fields = { grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: REDIRECT };
    expect(await redeem(fields, basic(theirs))).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    const { body: tokens } = await redeem(fields, basic(mine));
    const refresh = { grant_type: "refresh_token", refresh_token: String(tokens["refresh_token"]) };
    expect(await redeem(refresh, basic(theirs))).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    expect((await supabase(backend.anonKey).auth.refreshSession({ refresh_token: refresh.refresh_token })).error).not.toBeNull();
    expect((await redeem(refresh, basic(mine))).status).toBe(200);
    // A user's own session is no client's.
    const own = (await ada.client.auth.getSession()).data.session!.refresh_token;
    expect(await redeem({ grant_type: "refresh_token", refresh_token: own }, basic(mine))).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  });

  test("a client that does not prove itself as it is registered gets 401", async () => {
    const client = await register();
    const fields = { grant_type: "authorization_code", code: "x", code_verifier: "y" };
    const refused = { status: 401, body: { error: "invalid_client" } };
    expect(await redeem(fields)).toMatchObject(refused);
    expect(await redeem({ ...fields, client_id: client.client_id })).toMatchObject(refused);
    expect(await redeem({ ...fields, client_id: client.client_id, client_secret: client.client_secret! })).toMatchObject(refused);
    expect(await redeem(fields, basic({ ...client, client_secret: "wrong" }))).toMatchObject(refused);
    expect(await redeem(fields, { authorization: "Basic !" })).toMatchObject(refused);
    expect(await redeem({ grant_type: "password" }, basic(client))).toMatchObject({ status: 400, body: { error: "unsupported_grant_type" } });
  });

  test("another project knows neither client nor code", async () => {
    const client = await register();
    await backend.projects.update("other", { settings: { auth: { oauthServer: { enabled: true } } } });
    const { url } = await authorizeUrl(client.client_id);
    url.searchParams.set("apikey", other.anonKey);
    expect(await (await call(url.href)).json()).toMatchObject({ error_code: "oauth_client_not_found" });
    const response = await call(`/oauth/token?apikey=${other.anonKey}`, { method: "POST", body: new URLSearchParams({ grant_type: "authorization_code", code: "x" }), headers: basic(client) });
    expect(response.status).toBe(401);
    // There nobody else could verify an id_token: the key is a secret.
    const metadata = (await (await call(`/.well-known/openid-configuration?apikey=${other.anonKey}`)).json()) as oauth.AuthorizationServer;
    expect(metadata.scopes_supported).not.toContain("openid");
    expect(new URL(metadata.token_endpoint!).searchParams.has("apikey")).toBe(true);
  });

  test("consent is remembered, and revoking it ends the client's sessions and codes", async () => {
    const client = await register();
    const ada = await user();
    const [tokens, others] = [await signedIn(client, ada.client, "email"), await signedIn(client, (await user()).client, "email")];
    const pending = await start(client.client_id, { scope: "email" });
    const { data: again } = await ada.client.auth.oauth.getAuthorizationDetails(pending.id);
    expect(again).toEqual({ redirect_url: expect.stringContaining(`${REDIRECT}?code=`) });
    const code = new URL((again as { redirect_url: string }).redirect_url).searchParams.get("code")!;
    const { data: more } = await ada.client.auth.oauth.getAuthorizationDetails((await start(client.client_id, { scope: "email phone" })).id);
    expect(more).toMatchObject({ scope: "email phone" });

    const { data: grants } = await ada.client.auth.oauth.listGrants();
    expect(grants).toMatchObject([{ client: { id: client.client_id, name: "Notes" }, scopes: ["email"] }]);
    expect((await (await user()).client.auth.oauth.revokeGrant({ clientId: client.client_id })).error).toMatchObject({ code: "oauth_consent_not_found" });
    expect((await ada.client.auth.oauth.revokeGrant({ clientId: client.client_id })).error).toBeNull();
    expect((await ada.client.auth.oauth.listGrants()).data).toEqual([]);
    expect(await redeem({ grant_type: "refresh_token", refresh_token: String(tokens["refresh_token"]) }, basic(client))).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    expect(await redeem({ grant_type: "authorization_code", code, code_verifier: pending.verifier, redirect_uri: REDIRECT }, basic(client))).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    expect((await redeem({ grant_type: "refresh_token", refresh_token: String(others["refresh_token"]) }, basic(client))).status).toBe(200);
    const { data: asked } = await ada.client.auth.oauth.getAuthorizationDetails((await start(client.client_id, { scope: "email" })).id);
    expect(asked).toMatchObject({ scope: "email" });
    expect((await ada.client.auth.getUser()).error).toBeNull();
  });

  test("a public client that any program could pass itself off for is asked for each time", async () => {
    const client = await register({ redirect_uris: ["com.example.app://cb"], token_endpoint_auth_method: "none" });
    const ada = await user();
    const redirect = { redirect_uri: "com.example.app://cb" };
    await approve(ada.client, (await start(client.client_id, redirect)).id);
    expect((await ada.client.auth.oauth.getAuthorizationDetails((await start(client.client_id, redirect)).id)).data).toHaveProperty("client");
  });

  test("a client's token is for data and for who the user is; an id_token is for nothing here", async () => {
    const client = await register();
    const ada = await user();
    const tokens = await signedIn(client, ada.client);
    const headers = (token: unknown) => ({ apikey: backend.anonKey, authorization: `Bearer ${String(token)}`, "content-type": "application/json" });
    const status = async (path: string, token: unknown, init: RequestInit = {}) => (await call(path, { ...init, headers: headers(token) })).status;
    expect(await status("http://localhost/rest/v1/notes", tokens["access_token"])).toBe(200);
    expect(await status("/user", tokens["access_token"])).toBe(200);
    expect(await status("/user/oauth/grants", tokens["access_token"])).toBe(403);
    expect(await status(`/oauth/authorizations/${(await start(client.client_id)).id}`, tokens["access_token"])).toBe(403);
    for (const path of ["http://localhost/rest/v1/notes", "/user", "/oauth/userinfo", "/user/oauth/grants"]) expect([path, await status(path, tokens["id_token"])]).not.toEqual([path, 200]);
    const linking = await call("/token?grant_type=id_token", { method: "POST", headers: headers(tokens["access_token"]), body: JSON.stringify({ provider: "google", id_token: "any", link_identity: true }) });
    expect([linking.status, await linking.json()]).toMatchObject([403, { error_code: "oauth_client_not_allowed" }]);
    // Its signing out is its own.
    expect(await status("/logout?scope=global", tokens["access_token"], { method: "POST" })).toBe(204);
    expect((await ada.client.auth.getUser()).error).toBeNull();
    expect(await status("/user", tokens["access_token"])).toBe(403);
  });

  test("administrators manage clients through auth-js, and what is deleted is over", async () => {
    const client = await register({ client_uri: "https://client.example" });
    const { data: listed } = await admin.auth.admin.oauth.listClients({ page: 1, perPage: 2 });
    expect(listed.clients).toHaveLength(2);
    expect(listed).toMatchObject({ nextPage: 2, total: expect.any(Number) });
    expect((await admin.auth.admin.oauth.getClient(client.client_id)).data).toMatchObject({ client_id: client.client_id, client_uri: "https://client.example", client_type: "confidential" });
    expect((await admin.auth.admin.oauth.getClient(client.client_id)).data).not.toHaveProperty("client_secret");
    const updated = await admin.auth.admin.oauth.updateClient(client.client_id, { client_name: "Renamed", redirect_uris: [REDIRECT, "https://client.example/two"] });
    expect(updated.data).toMatchObject({ client_name: "Renamed", redirect_uris: [REDIRECT, "https://client.example/two"] });
    expect((await admin.auth.admin.oauth.updateClient(client.client_id, { redirect_uris: [] })).error).toMatchObject({ code: "validation_failed" });
    expect((await supabase(backend.anonKey).auth.admin.oauth.getClient(client.client_id)).error).toMatchObject({ code: "not_admin" });

    const ada = await user();
    const tokens = await signedIn(client, ada.client);
    const { data: regenerated } = await admin.auth.admin.oauth.regenerateClientSecret(client.client_id);
    expect((await redeem({ grant_type: "refresh_token", refresh_token: String(tokens["refresh_token"]) }, basic(client))).status).toBe(401);
    const fresh = regenerated as unknown as ClientJson;
    expect((await redeem({ grant_type: "refresh_token", refresh_token: String(tokens["refresh_token"]) }, basic(fresh))).status).toBe(200);
    expect((await admin.auth.admin.oauth.deleteClient(client.client_id)).error).toBeNull();
    expect((await redeem({ grant_type: "refresh_token", refresh_token: String(tokens["refresh_token"]) }, basic(fresh))).status).toBe(401);
    expect((await admin.auth.admin.oauth.getClient(client.client_id)).error).toMatchObject({ code: "oauth_client_not_found", status: 404 });
    expect((await ada.client.auth.oauth.listGrants()).data).toEqual([]);
    expect((await call("/oauth/userinfo", { headers: { authorization: `Bearer ${String(tokens["access_token"])}` } })).status).toBe(403);
  });

  test("none of it is there for a project that is no OAuth server", async () => {
    await backend.projects.update("other", { settings: { auth: { oauthServer: { enabled: false } } } });
    const { anonKey } = other;
    for (const path of ["/oauth/authorize?client_id=x", "/.well-known/oauth-authorization-server", "/oauth/userinfo"]) {
      const response = await call(`${path}${path.includes("?") ? "&" : "?"}apikey=${anonKey}`);
      expect([response.status, ((await response.json()) as Answer)["error_code"]]).toEqual([404, "feature_disabled"]);
    }
    expect((await call(`/.well-known/openid-configuration?apikey=${anonKey}`)).status).toBe(200);
  });
});
