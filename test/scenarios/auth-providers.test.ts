import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, createBrowser } from "./support/browser.ts";
import { type LoopbackOidcProvider, startOidcProvider } from "./support/oidc-provider.ts";
import { openAtDoor } from "./support/open-backend.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

const SITE = "https://app.example.com";
const CALLBACK = "http://localhost/auth/v1/callback";
const PASSWORD = "correct horse battery";

type FlowType = "pkce" | "implicit";

describeDatabases("signing in with providers", (databases) => {
  let oidc: LoopbackOidcProvider;
  let backend: TestBackend;
  let close: () => Promise<void>;
  beforeAll(async () => {
    oidc = await startOidcProvider([{ client_id: "app", client_secret: "secret-of-app", redirect_uris: [CALLBACK] }]);
    const provider = { enabled: true, clientId: "app", secret: "secret-of-app", url: oidc.issuer };
    ({ backend, close } = await openAtDoor(databases, {
      auth: {
        siteUrl: SITE, externalUrl: "http://localhost", uriAllowList: ["com.example.app://callback", "https://*.preview.example.org/**"], password: { cost: 4 },
        security: { manualLinkingEnabled: true }, rateLimit: { emailSent: 0 }, smtpMaxFrequency: 0, mailer: { notifications: { identityLinked: true, identityUnlinked: true } },
        external: { anonymousUsers: { enabled: true }, oidc: { acme: provider, acme_two: provider, off: { ...provider, enabled: false } } },
      },
    }));
  });
  afterAll(async () => {
    await close();
    await oidc.close();
  });

  const client = (flowType: FlowType = "pkce"): SupabaseClient =>
    createClient("http://backend", backend.anonKey, { global: { fetch: backend.fetch }, auth: { flowType, persistSession: false, autoRefreshToken: false, detectSessionInUrl: false, storageKey: `sb-${randomUUID()}` } });
  const admin = () => createClient("http://backend", backend.serviceRoleKey, { global: { fetch: backend.fetch }, auth: { persistSession: false, autoRefreshToken: false } }).auth.admin;
  const browser = (): Browser => createBrowser((request) => backend.fetch(request));
  const open = (address: string) => browser().open(address);
  const errorOf = ({ searchParams, hash }: URL) => {
    const query = Object.fromEntries(searchParams);
    const fragment = Object.fromEntries(new URLSearchParams(hash.slice(1)));
    expect(fragment).toEqual({ ...query, sb: "" });
    return query;
  };

  interface Journey {
    readonly redirectTo?: string;
    readonly provider?: string;
    readonly queryParams?: Readonly<Record<string, string>>;
  }
  /** From the application to the provider, where one is `who`, and back to it. */
  const goThrough = async (own: SupabaseClient, who: string, { redirectTo, provider = "acme", queryParams = {} }: Journey = {}) => {
    const { data, error } = await own.auth.signInWithOAuth({ provider: provider as "google", options: { skipBrowserRedirect: true, queryParams: { ...queryParams, login_hint: who }, ...(redirectTo ? { redirectTo } : {}) } });
    expect(error).toBeNull();
    return open(data.url!);
  };
  const redeem = async (own: SupabaseClient, location: URL) => {
    const { data, error } = await own.auth.exchangeCodeForSession(location.searchParams.get("code") ?? "none");
    expect(error, location.href).toBeNull();
    return { own, session: data.session!, user: data.user! };
  };
  const signIn = async (who: string, journey: Journey = {}, own = client()) => redeem(own, (await goThrough(own, who, journey)).location);
  const link = async (own: SupabaseClient, who: string, provider = "acme") => {
    const { data, error } = await own.auth.linkIdentity({ provider: provider as "google", options: { skipBrowserRedirect: true, queryParams: { login_hint: who } } });
    expect(error).toBeNull();
    return open(data.url!);
  };
  const authorize = async (query: string) => backend.fetch(`http://backend/auth/v1/authorize?${query}`);
  const visitedCallback = ({ visited }: { readonly visited: readonly string[] }): string => visited.find((address) => address.startsWith(CALLBACK))!;
  const makeUser = async (email: string) => {
    const { data, error } = await admin().createUser({ email, password: PASSWORD, email_confirm: true });
    expect(error).toBeNull();
    return data.user!;
  };

  describe("flows", () => {
    test("PKCE: a code, and for it a session with the provider's tokens", async () => {
      const own = client();
      const { location } = await goThrough(own, "anna");
      expect(location.origin + location.pathname).toBe(`${SITE}/`);
      expect([...location.searchParams.keys()]).toEqual(["code"]);
      expect(location.hash).toBe("");
      const { session, user } = await redeem(own, location);
      expect(session).toMatchObject({ token_type: "bearer", provider_token: expect.any(String), provider_refresh_token: expect.any(String) });
      expect(user).toMatchObject({
        email: "anna@example.com", app_metadata: { provider: "acme", providers: ["acme"] }, email_confirmed_at: expect.any(String), is_anonymous: false,
        user_metadata: { name: "User anna", full_name: "User anna", email: "anna@example.com", email_verified: true, sub: "anna", provider_id: "anna", picture: "https://pictures.example.com/anna.png" },
      });
      expect(user.identities).toEqual([expect.objectContaining({ provider: "acme", id: "anna", email: "anna@example.com", identity_data: expect.objectContaining({ iss: oidc.issuer, sub: "anna" }) })]);
      expect((await own.auth.getClaims()).data?.claims.amr).toEqual([{ method: "oauth", timestamp: expect.any(Number) }]);
    });

    test("implicit: the session in the fragment", async () => {
      const own = client("implicit");
      const { location } = await goThrough(own, "carl", { redirectTo: "https://a.preview.example.org/welcome?from=here" });
      expect(location.origin + location.pathname + location.search).toBe("https://a.preview.example.org/welcome?from=here");
      const session = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
      expect(session).toMatchObject({ token_type: "bearer", expires_in: "3600", provider_token: expect.any(String), provider_refresh_token: expect.any(String), sb: "" });
      const { data } = await own.auth.setSession({ access_token: session["access_token"]!, refresh_token: session["refresh_token"]! });
      expect(data.user?.email).toBe("carl@example.com");
    });

    test("the same user the next time, with what the provider says by then", async () => {
      const first = await signIn("bea");
      await backend.sql("update auth.identities set identity_data = identity_data || '{\"name\": \"Before\", \"gone\": 1}', last_sign_in_at = '2020-01-01' where provider_id = 'bea'");
      await backend.sql("update auth.users set raw_user_meta_data = raw_user_meta_data || '{\"name\": \"Before\", \"own\": 2}' where email = 'bea@example.com'");
      const second = await signIn("bea");
      expect(second.user.id).toBe(first.user.id);
      expect(second.session.refresh_token).not.toBe(first.session.refresh_token);
      expect(second.user.user_metadata).toMatchObject({ name: "User bea", own: 2 });
      const [identity] = second.user.identities!;
      expect(identity!.identity_data).toMatchObject({ name: "User bea" });
      expect(identity!.identity_data).not.toHaveProperty("gone");
      expect(Date.parse(identity!.last_sign_in_at!)).toBeGreaterThan(Date.parse("2021-01-01"));
    });

    test("an application on a phone gets its own scheme", async () => {
      const { location } = await goThrough(client(), "mob", { redirectTo: "com.example.app://callback" });
      expect(location.href).toMatch(/^com\.example\.app:\/\/callback\?code=[0-9a-f-]{36}$/);
    });

    test("nothing is kept as it is", async () => {
      const own = client();
      const { location } = await goThrough(own, "kim");
      const [flow] = await backend.sql("select f.* from auth.flow_state f join auth.identities i on i.user_id = f.user_id where i.provider_id = 'kim'");
      expect(flow).toMatchObject({ provider_access_token: expect.stringMatching(/^sealed1\./), provider_refresh_token: expect.stringMatching(/^sealed1\./), provider_type: "acme" });
      expect(JSON.stringify(flow)).not.toContain(location.searchParams.get("code")!);
      await authorize("provider=acme");
      const states = await backend.sql("select code_verifier from auth.oauth_client_states");
      expect(states.length).toBeGreaterThan(0);
      for (const state of states) expect(state["code_verifier"]).toMatch(/^sealed1\./);
    });
  });

  describe("what is sent to the provider", () => {
    test("the application's parameters, but none of ours in its place", async () => {
      const response = await authorize(`provider=ACME&scopes=offline_access,extra&prompt=login&client_id=evil&redirect_uri=https://evil.example&STATE=mine&response_type=token&response_mode=fragment&request_uri=https://evil.example&nonce=my-own-nonce&redirect_to=${SITE}/x`);
      expect(response.status).toBe(302);
      const { searchParams } = new URL(response.headers.get("location")!);
      const { state, code_challenge: challenge, ...others } = Object.fromEntries(searchParams);
      expect(others).toEqual({ prompt: "login", client_id: "app", redirect_uri: CALLBACK, response_type: "code", scope: "openid email profile offline_access extra", code_challenge_method: "S256", nonce: "my-own-nonce" });
      expect(state).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/);
      expect(challenge).toHaveLength(43);
    });

    test.each([
      ["", 400, "validation_failed"], ["provider=nobody", 400, "validation_failed"], ["provider=off", 400, "validation_failed"], ["provider=google", 400, "validation_failed"], ["provider=custom:none", 400, "validation_failed"],
      ["provider=__proto__", 400, "validation_failed"], ["provider=email", 400, "validation_failed"], ["provider=acme&code_challenge=short&code_challenge_method=s256", 400, "validation_failed"],
      ["provider=acme&code_challenge_method=s256", 400, "validation_failed"], ["provider=acme&invite_token=none", 404, "user_not_found"],
    ])("%j is refused", async (query, status, code) => {
      const response = await authorize(query);
      expect([response.status, ((await response.json()) as { error_code: string }).error_code]).toEqual([status, code]);
    });
  });

  describe("what the provider refuses, or doesn't tell", () => {
    test("its refusal reaches the application", async () => {
      const { location } = await goThrough(client(), "refuse", { redirectTo: "https://a.preview.example.org/x" });
      expect(location.origin + location.pathname).toBe("https://a.preview.example.org/x");
      expect(errorOf(location)).toEqual({ error: "access_denied", error_description: "The user refused" });
    });

    test("no address, no user", async () => {
      const { location } = await goThrough(client(), "nameless-1");
      expect(errorOf(location)).toMatchObject({ error_code: "email_address_not_provided", error_description: "Error getting user email from external provider" });
      expect(await backend.sql("select from auth.identities where provider_id = 'nameless-1'")).toEqual([]);
    });

    test("an unverified address has to be confirmed by a mail", async () => {
      const { location } = await goThrough(client(), "unverified-dora");
      expect(errorOf(location)).toEqual({ error: "access_denied", error_code: "provider_email_needs_verification", error_description: "Unverified email with acme. A confirmation email has been sent to your acme email" });
      expect(await backend.sql("select email, email_confirmed_at, encrypted_password from auth.users where email = 'dora@example.com'")).toEqual([{ email: "dora@example.com", email_confirmed_at: null, encrypted_password: null }]);
      expect(await backend.sql("select from auth.sessions s join auth.users u on u.id = s.user_id where u.email = 'dora@example.com'")).toEqual([]);
    });

    test("somebody's address, unverified, is not taken over", async () => {
      const owner = await makeUser("gina@example.com");
      const { location } = await goThrough(client(), "unverified-gina");
      expect(errorOf(location)).toMatchObject({ error_code: "provider_email_needs_verification", error_description: "Unverified email with acme. Verify the email with acme in order to sign in" });
      const { data } = await admin().getUserById(owner.id);
      expect(data.user!.identities!.map(({ provider }) => provider)).toEqual(["email"]);
    });
  });

  describe("whose a user of the provider is", () => {
    test("a confirmed user's of the same address", async () => {
      const owner = await makeUser("hugo@example.com");
      const { user } = await signIn("hugo");
      expect(user.id).toBe(owner.id);
      expect(user.identities!.map(({ provider }) => provider)).toEqual(["email", "acme"]);
      expect(user.app_metadata).toMatchObject({ provider: "email", providers: ["email", "acme"] });
      expect((await client().auth.signInWithPassword({ email: "hugo@example.com", password: PASSWORD })).error).toBeNull();
    });

    test("what a stranger prepared under an unconfirmed address is gone", async () => {
      const stranger = client();
      const { data } = await stranger.auth.signUp({ email: "ida@example.com", password: PASSWORD, options: { data: { role: "mine" } } });
      await backend.sql(`insert into auth.sessions (id, user_id, created_at) values (gen_random_uuid(), '${data.user!.id}', now())`);
      await backend.sql(`update auth.users set phone = '15550188', phone_confirmed_at = now() where id = '${data.user!.id}'`);
      const { user } = await signIn("ida");
      expect(user.id).toBe(data.user!.id);
      expect(user).toMatchObject({ phone: "" });
      expect(user.identities!.map(({ provider }) => provider)).toEqual(["acme"]);
      expect(user.app_metadata).toEqual({ provider: "acme", providers: ["acme"] });
      expect(user.user_metadata).not.toHaveProperty("role");
      expect((await stranger.auth.signInWithPassword({ email: "ida@example.com", password: PASSWORD })).error?.code).toBe("invalid_credentials");
      expect(await backend.sql(`select from auth.sessions where user_id = '${user.id}'`)).toHaveLength(1);
    });

    test("an address that changed at the provider does not confirm the one before", async () => {
      await goThrough(client(), "unverified-victor");
      await backend.sql("update auth.identities set provider_id = 'vera' where provider_id = 'unverified-victor'");
      const { location } = await goThrough(client(), "vera");
      expect(errorOf(location)["error_code"]).toBe("provider_email_needs_verification");
      expect(await backend.sql("select email_confirmed_at from auth.users where email = 'victor@example.com'")).toEqual([{ email_confirmed_at: null }]);
    });

    test("nobody is linked to an identity whose address was never verified", async () => {
      const attacker = await signIn("jack");
      await redeem(attacker.own, (await link(attacker.own, "unverified-lena", "acme_two")).location);
      const { user } = await signIn("lena");
      expect(user.id).not.toBe(attacker.user.id);
    });

    test("users of SSO are left alone", async () => {
      await backend.sql("insert into auth.users (id, aud, role, email, email_confirmed_at, is_sso_user) values (gen_random_uuid(), 'authenticated', 'authenticated', 'nora@example.com', now(), true)");
      await backend.sql("insert into auth.identities (provider_id, provider, user_id, identity_data) select 'n', 'sso:x', id, '{\"email\": \"nora@example.com\", \"email_verified\": true}' from auth.users where email = 'nora@example.com'");
      await backend.sql("insert into auth.identities (provider_id, provider, user_id, identity_data) select 'n', 'acme_two', id, '{\"email\": \"nora@example.com\", \"email_verified\": true}' from auth.users where email = 'nora@example.com'");
      const { user } = await signIn("nora");
      expect(user.identities!.map(({ provider }) => provider)).toEqual(["acme"]);
      expect(await backend.sql("select from auth.users where email = 'nora@example.com'")).toHaveLength(2);
    });

    test("banned users stay out", async () => {
      const { user } = await signIn("otto");
      await admin().updateUserById(user.id, { ban_duration: "1h" });
      const { location } = await goThrough(client(), "otto");
      expect(errorOf(location)).toEqual({ error: "access_denied", error_code: "user_banned", error_description: "User is banned" });
    });

    test("an invitation is taken up", async () => {
      const { data } = await admin().generateLink({ type: "invite", email: "paul@example.com", options: { data: { team: "red" } } });
      const { user } = await signIn("paul", { queryParams: { invite_token: data.properties!.hashed_token } });
      expect(user).toMatchObject({ id: data.user!.id, email: "paul@example.com", email_confirmed_at: expect.any(String) });
      expect((await authorize(`provider=acme&invite_token=${data.properties!.hashed_token}`)).status).toBe(404);
    });

    test("an invitation is the invited's", async () => {
      const { data } = await admin().generateLink({ type: "invite", email: "quinn@example.com" });
      const { location } = await goThrough(client(), "rita", { queryParams: { invite_token: data.properties!.hashed_token } });
      expect(errorOf(location)).toMatchObject({ error_code: "validation_failed", error_description: "Invited email does not match emails from external provider" });
    });
  });

  describe("linking", () => {
    test("a second identity, and away with it", async () => {
      const { own, user } = await signIn("sara");
      const linked = await redeem(own, (await link(own, "sara-work", "acme_two")).location);
      expect(linked.user.id).toBe(user.id);
      const { data } = await own.auth.getUserIdentities();
      expect(data!.identities.map(({ provider, id }) => [provider, id])).toEqual([["acme", "sara"], ["acme_two", "sara-work"]]);
      expect((await own.auth.unlinkIdentity(data!.identities[0]!)).error).toBeNull();
      const { data: { user: left } } = await own.auth.getUser();
      expect(left).toMatchObject({ email: "sara-work@example.com", app_metadata: { provider: "acme_two", providers: ["acme_two"] } });
      expect((await own.auth.unlinkIdentity(data!.identities[1]!)).error?.code).toBe("single_identity_not_deletable");
      expect((await own.auth.unlinkIdentity({ ...data!.identities[1]!, identity_id: "no-uuid" })).error?.code).toBe("validation_failed");
    });

    test("of two that are taken away at once one stays", async () => {
      const { own } = await signIn("theo");
      await redeem(own, (await link(own, "theo", "acme_two")).location);
      const { data } = await own.auth.getUserIdentities();
      const results = await Promise.all(data!.identities.map((identity) => own.auth.unlinkIdentity(identity)));
      expect(results.map(({ error }) => error?.code ?? "done").toSorted()).toEqual(["done", "single_identity_not_deletable"]);
    });

    test("another user's identity stays that user's, and can't be taken away", async () => {
      const [first, second] = [await signIn("ulla"), await signIn("udo")];
      expect(errorOf((await link(second.own, "ulla")).location)).toMatchObject({ error_code: "identity_already_exists", error_description: "Identity is already linked to another user" });
      expect(errorOf((await link(second.own, "udo")).location)).toMatchObject({ error_code: "identity_already_exists", error_description: "Identity is already linked" });
      await redeem(second.own, (await link(second.own, "udo", "acme_two")).location);
      expect((await second.own.auth.unlinkIdentity(first.user.identities![0]!)).error?.code).toBe("identity_not_found");
    });

    test("makes an anonymous user a permanent one", async () => {
      const own = client();
      const { data } = await own.auth.signInAnonymously();
      const { user } = await redeem(own, (await link(own, "wanda")).location);
      expect(user).toMatchObject({ id: data.user!.id, email: "wanda@example.com", is_anonymous: false, email_confirmed_at: expect.any(String), app_metadata: { provider: "acme", providers: ["acme"] } });
      expect((await signIn("wanda")).user.id).toBe(user.id);
    });

    test("not with somebody's address", async () => {
      await makeUser("xaver@example.com");
      const own = client();
      await own.auth.signInAnonymously();
      expect(errorOf((await link(own, "xaver")).location)["error_code"]).toBe("email_exists");
    });

    test("needs a user", async () => {
      const response = await backend.fetch("http://backend/auth/v1/user/identities/authorize?provider=acme", { headers: { apikey: backend.anonKey } });
      expect(response.status).toBe(401);
    });
  });

  describe("attacks on the state", () => {
    const callback = async (parameters: Readonly<Record<string, string>>, apikey?: string) => {
      const response = await backend.fetch(`${CALLBACK}?${new URLSearchParams({ ...parameters, ...(apikey ? { apikey } : {}) })}`);
      const location = new URL(response.headers.get("location")!);
      return { status: response.status, location, error: errorOf(location)["error_code"] };
    };
    const begin = async () => new URL((await authorize("provider=acme&login_hint=yara")).headers.get("location")!).searchParams.get("state")!;

    test("a made-up one, none, or a broken one", async () => {
      expect(await callback({ code: "c" })).toMatchObject({ status: 303, error: "bad_oauth_callback" });
      for (const state of [randomUUID(), "x", "' or 1=1", `${randomUUID()}x`]) expect(await callback({ code: "c", state })).toMatchObject({ status: 303, error: "bad_oauth_state" });
      expect((await callback({ code: "c", state: randomUUID() })).location.origin).toBe(SITE);
    });

    test("one that was used, even at the same time", async () => {
      const { searchParams } = new URL(visitedCallback(await goThrough(client(), "zoe")));
      expect(await callback(Object.fromEntries(searchParams))).toMatchObject({ status: 303, error: "flow_state_already_used" });
      const state = await begin();
      const parallel = await Promise.all(Array.from({ length: 5 }, () => callback({ state, error: "access_denied" })));
      expect(parallel.filter(({ status }) => status === 302)).toHaveLength(1);
    });

    test("one that is too old", async () => {
      const state = await begin();
      await backend.sql(`update auth.flow_state set created_at = now() - interval '301 seconds' where id = '${state}'`);
      expect((await callback({ code: "c", state })).error).toBe("bad_oauth_state");
    });

    test("one of another kind of flow", async () => {
      await client().auth.signUp({ email: "flow@example.com", password: PASSWORD });
      const [flow] = await backend.sql("select id from auth.flow_state where provider_type = 'email'");
      expect((await callback({ code: "c", state: String(flow!["id"]) })).error).toBe("bad_oauth_state");
    });

    test("another project's", async () => {
      const other = await backend.projects.create({ ref: `other-${databases.kind}` });
      expect((await callback({ code: "c", state: await begin() }, other.anonKey)).error).toBe("bad_oauth_state");
    });

    test("a code of the provider's for another state, and one that is none", async () => {
      expect(await callback({ code: "made-up", state: await begin() })).toMatchObject({ status: 302, error: "unexpected_failure" });
      const { data } = await client().auth.signInWithOAuth({ provider: "acme" as "google", options: { skipBrowserRedirect: true, queryParams: { login_hint: "yuri" } } });
      // Stopped before the backend hears of it.
      const stop = (url: string) => new Response(null, { status: 302, headers: { location: `https://stopped.example/?${new URL(url).searchParams}` } });
      const { location } = await createBrowser(async (request) => (request.url.startsWith(CALLBACK) ? stop(request.url) : backend.fetch(request))).open(data.url!);
      expect(await callback({ code: location.searchParams.get("code")!, state: await begin() })).toMatchObject({ status: 302, error: "unexpected_failure" });
      expect(await backend.sql("select from auth.identities where provider_id in ('yuri', 'yara')")).toEqual([]);
    });

    test("an id_token that was made for another request", async () => {
      const start = await authorize("provider=acme&login_hint=yvo");
      const asked = new URL(start.headers.get("location")!);
      expect(asked.searchParams.get("nonce")).toMatch(/.{16,}/);
      asked.searchParams.set("nonce", "of-another-request");
      expect(errorOf((await open(asked.href)).location)).toMatchObject({ error_description: "Nonces mismatch" });
      expect(await backend.sql("select from auth.identities where provider_id = 'yvo'")).toEqual([]);
    });

    test("an answer of another issuer", async () => {
      expect((await callback({ code: "c", state: await begin(), iss: "https://elsewhere.example" })).error).toBe("bad_oauth_callback");
    });
  });

  describe("attacks on the code", () => {
    test("used twice", async () => {
      const own = client();
      const { location } = await goThrough(own, "alba");
      await redeem(own, location);
      const again = await backend.fetch("http://backend/auth/v1/token?grant_type=pkce", { method: "POST", headers: { apikey: backend.anonKey }, body: JSON.stringify({ auth_code: location.searchParams.get("code"), code_verifier: "x".repeat(43) }) });
      expect(again.status).toBe(404);
    });

    test("with another's verifier: and then it is no good at all", async () => {
      const [own, thief] = [client(), client()];
      const { location } = await goThrough(own, "bert");
      await goThrough(thief, "thief");
      const code = location.searchParams.get("code")!;
      expect((await thief.auth.exchangeCodeForSession(code)).error?.code).toBe("bad_code_verifier");
      expect((await own.auth.exchangeCodeForSession(code)).error?.code).toBe("flow_state_not_found");
    });

    test("too late", async () => {
      const own = client();
      const { location } = await goThrough(own, "cleo");
      await backend.sql("update auth.flow_state f set auth_code_issued_at = now() - interval '301 seconds' from auth.identities i where i.user_id = f.user_id and i.provider_id = 'cleo'");
      expect((await own.auth.exchangeCodeForSession(location.searchParams.get("code")!)).error?.code).toBe("flow_state_expired");
    });
  });

  test("no browser is led elsewhere", async () => {
    const elsewhere = ["https://evil.example", "https://app.example.com@evil.example/", "http://app.example.com/", "//evil.example", "https:\\\\evil.example", "javascript:alert(1)", "com.example.app://callback.evil"];
    for (const redirectTo of elsewhere) expect((await goThrough(client(), "refuse", { redirectTo })).location.origin, redirectTo).toBe(SITE);
  });

  test("a provider of the project's own", async () => {
    const response = await backend.fetch("http://backend/auth/v1/admin/custom-providers", {
      method: "POST",
      headers: { ...backend.headersFor("service"), "content-type": "application/json" },
      body: JSON.stringify({ provider_type: "oidc", identifier: "custom:mine", name: "Mine", client_id: "app", client_secret: "secret-of-app", issuer: oidc.issuer, scopes: ["email", "profile"], attribute_mapping: { nickname: "name" }, custom_claims_allowlist: ["picture"] }),
    });
    expect(response.status, await response.clone().text()).toBe(201);
    const { user } = await signIn("flora", { provider: "custom:mine" });
    expect(user).toMatchObject({ email: "flora@example.com", app_metadata: { provider: "custom:mine" }, user_metadata: { nickname: "User flora", custom_claims: { picture: "https://pictures.example.com/flora.png" } } });
    await backend.sql("update auth.custom_oauth_providers set enabled = false");
    expect((await authorize("provider=custom:mine")).status).toBe(400);
  });
}, NATIVE_UNLESS_LONG);
