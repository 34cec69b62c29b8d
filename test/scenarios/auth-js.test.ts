import { createHash, generateKeyPairSync, randomBytes, randomUUID, sign } from "node:crypto";
import { base58 } from "@scure/base";
import { createClient, type SupabaseClient, type SupabaseClientOptions } from "@supabase/supabase-js";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SoftwareAuthenticator } from "../../packages/auth/test/support/software-authenticator.ts";
import { createAuthRecorder, publicMethods } from "./support/auth-recorder.ts";
import { createBrowser } from "./support/browser.ts";
import { inBrowser } from "./support/browser-globals.ts";
import { SOCKET_DOOR } from "./support/doors.ts";
import { type HttpDoor, openHttpDoor } from "./support/http-door.ts";
import { type MailServer, startMailServer } from "./support/mail-server.ts";
import { type LoopbackOidcProvider, startOidcProvider } from "./support/oidc-provider.ts";
import { openNativeOrEmbedded } from "./support/open-backend.ts";
import { SamlIdentityProvider } from "./support/saml-identity-provider.ts";
import { startTokenIssuer, type TokenIssuer } from "./support/token-issuer.ts";
import { until } from "./support/until.ts";

const PASSWORD = "correct horse battery";
const SITE = "https://app.example.com";
const URL_OF_BACKEND = "http://localhost";
const CALLBACK = `${URL_OF_BACKEND}/auth/v1/callback`;
/** An address that is in nobody's network and needs no name server. */
const OUTSIDE = "https://93.184.215.14";
const WEBAUTHN = { rpId: "app.example.com", rpOrigins: [SITE] };

type Options = NonNullable<SupabaseClientOptions<"public">["auth"]>;

// Each method of the installed auth-js once, as it succeeds: what may go wrong with each is in the other files.
describeDatabases("every method of auth-js", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let mail: MailServer;
  let oidc: LoopbackOidcProvider;
  let issuer: TokenIssuer;
  let http: HttpDoor;
  beforeAll(async () => {
    [mail, issuer, oidc] = await Promise.all([startMailServer(), startTokenIssuer(), startOidcProvider([{ client_id: "app", client_secret: "secret-of-app", redirect_uris: [CALLBACK] }])]);
    const provider = { enabled: true, clientId: "app", secret: "secret-of-app", url: oidc.issuer };
    ({ backend, close } = await openNativeOrEmbedded(databases, {
      sql: "create table notes (owner uuid not null default auth.uid() references auth.users on delete cascade, text text); alter table notes enable row level security; create policy own on notes to authenticated using (owner = (select auth.uid())); grant all on notes to authenticated",
      auth: {
        siteUrl: SITE, password: { cost: 4 }, smtp: { host: "127.0.0.1", port: mail.port, adminEmail: "auth@example.com" }, smtpMaxFrequency: 0,
        rateLimit: { emailSent: 0 }, outbound: { allowPrivateAddresses: true }, security: { manualLinkingEnabled: true }, mfa: { webAuthn: { enrollEnabled: true, verifyEnabled: true } },
        passkey: { enabled: true }, saml: { enabled: true }, oauthServer: { enabled: true },
        external: { anonymousUsers: { enabled: true }, google: { enabled: true, clientId: "web", url: issuer.issuer }, web3Solana: { enabled: true }, oidc: { acme: provider } },
      },
    }));
    http = await openHttpDoor(backend);
    const metadata = (await SamlIdentityProvider.create()).metadata();
    const added = await backend.fetch(`${URL_OF_BACKEND}/auth/v1/admin/sso/providers`, { method: "POST", headers: backend.headersFor("service"), body: JSON.stringify({ type: "saml", metadata_xml: metadata, domains: ["acme.example"] }) });
    if (added.status !== 201) throw new Error(await added.text());
  });
  afterAll(async () => {
    await http.close();
    await close();
    await Promise.all([mail.close(), oidc.close(), issuer.close()]);
  });

  describe.each(["backend.fetch", "HTTP"])("through %s", (door) => {
    const recorder = createAuthRecorder();
    const fetch: TestBackend["fetch"] = (input, init) => (door === "HTTP" ? http : backend).fetch(input, init);
    const client = (options: Options = {}, key = backend.anonKey): SupabaseClient["auth"] =>
      recorder.record(createClient(URL_OF_BACKEND, key, { global: { fetch }, auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false, storageKey: `sb-${randomUUID()}`, ...options } }).auth);
    const admin = () => client({}, backend.serviceRoleKey).admin;
    const someone = (): string => `${randomUUID()}@example.com`;
    /** What there is where there is no error. */
    const of = async <Answer extends { readonly data: unknown; readonly error: unknown }>(asked: PromiseLike<Answer>): Promise<NonNullable<Extract<Answer, { readonly error: null }>["data"]>> => {
      const { data, error } = await asked;
      expect(error).toBeNull();
      return data!;
    };
    const signedIn = async (email = someone(), options: Options = {}) => {
      const user = (await of(admin().createUser({ email, password: PASSWORD, email_confirm: true }))).user!;
      const own = client(options);
      const { session } = await of(own.signInWithPassword({ email, password: PASSWORD }));
      return { own, email, id: user.id, session: session! };
    };
    const goThrough = async (url: string): Promise<string> => (await createBrowser((request) => fetch(request)).open(url)).location.searchParams.get("code")!;

    test("signing up, and all that is done by mail", async () => {
      const [own, email, changed] = [client(), someone(), someone()];
      await of(own.signUp({ email, password: PASSWORD }));
      await of(own.resend({ type: "signup", email }));
      expect((await of(own.verifyOtp({ type: "email", email, token: mail.to(email).code }))).user).toMatchObject({ email });
      expect((await of(own.reauthenticate())).user).toBeNull();
      expect(mail.to(email).headers["subject"]).toContain(mail.to(email).code);
      expect((await of(own.updateUser({ email: changed }))).user).toMatchObject({ email, new_email: changed });
      await of(own.resetPasswordForEmail(email));
      expect((await of(own.verifyOtp({ type: "recovery", email, token: mail.to(email).code }))).session).toMatchObject({ token_type: "bearer" });
      await of(own.signInWithOtp({ email }));
      expect((await of(own.verifyOtp({ type: "email", email, token: mail.to(email).code }))).user).toMatchObject({ email });
    });

    test("a session, from a stored one to none", async () => {
      const kept = new Map<string, string>();
      const storage = { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value), removeItem: (name: string) => void kept.delete(name) };
      const { own, email, id, session } = await signedIn(someone(), { storage, persistSession: true, storageKey: "session" });
      const events: string[] = [];
      const { data: { subscription } } = own.onAuthStateChange((event) => void events.push(event));
      expect(own.isThrowOnErrorEnabled()).toBeFalsy();
      expect((await of(own.getSession())).session!.access_token).toBe(session.access_token);
      expect((await of(own.getUser())).user).toMatchObject({ id, email });
      expect((await of(own.getClaims())).claims).toMatchObject({ sub: id, email });
      kept.set("session", JSON.stringify({ ...session, expires_at: Math.floor(Date.now() / 1_000) + 30 }));
      await own.startAutoRefresh();
      await until(() => events.includes("TOKEN_REFRESHED"));
      await own.stopAutoRefresh();
      const { session: refreshed } = await of(own.refreshSession());
      expect((await of(client().setSession(refreshed!))).user).toMatchObject({ id });
      expect((await own.signOut()).error).toBeNull();
      expect(events).toEqual(["INITIAL_SESSION", "TOKEN_REFRESHED", "TOKEN_REFRESHED", "SIGNED_OUT"]);
      expect((await client().getUser(refreshed!.access_token)).error).toMatchObject({ name: "AuthSessionMissingError" });
      subscription.unsubscribe();
      await own.dispose();
    });

    test("a page that a mail's link leads to", async () => {
      const { email, id } = await signedIn();
      const { properties } = await of(admin().generateLink({ type: "magiclink", email }));
      const { headers } = await fetch(properties.action_link, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: "" });
      await inBrowser(headers.get("location")!, undefined, async () => {
        const own = client({ detectSessionInUrl: true });
        expect((await own.initialize()).error).toBeNull();
        expect((await of(own.getSession())).session?.user.id).toBe(id);
      });
    });

    test("without a password", async () => {
      expect((await of(client().signInAnonymously())).user).toMatchObject({ is_anonymous: true });
      const [name, nonce] = [randomUUID(), randomBytes(8).toString("hex")];
      const token = await issuer.sign({ sub: name, aud: "web", email: `${name}@example.com`, email_verified: true, nonce: createHash("sha256").update(nonce).digest("hex") });
      expect((await of(client().signInWithIdToken({ provider: "google", token, nonce }))).user).toMatchObject({ email: `${name}@example.com` });
      const { publicKey, privateKey } = generateKeyPairSync("ed25519");
      const address = base58.encode(Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url"));
      const message = ["app.example.com wants you to sign in with your Solana account:", address, "", "Version: 1", `URI: ${SITE}/`, `Issued At: ${new Date().toISOString()}`].join("\n");
      expect((await of(client().signInWithWeb3({ chain: "solana", message, signature: sign(null, Buffer.from(message), privateKey) }))).user.user_metadata).toMatchObject({ custom_claims: { address } });
      expect((await of(client().signInWithSSO({ domain: "acme.example", options: { skipBrowserRedirect: true } }))).url).toContain("SAMLRequest=");
    });

    test("providers and identities", async () => {
      const own = client({ flowType: "pkce" });
      const visitor = (hint: string) => ({ provider: "acme" as "google", options: { skipBrowserRedirect: true, queryParams: { login_hint: hint } } });
      const who = `${door === "HTTP" ? "h" : "f"}-ann`;
      await of(own.exchangeCodeForSession(await goThrough((await of(own.signInWithOAuth(visitor(who)))).url)));
      expect((await of(own.getUser())).user).toMatchObject({ email: `${who}@example.com` });
      const another = await signedIn(someone(), { flowType: "pkce" });
      await of(another.own.exchangeCodeForSession(await goThrough((await of(another.own.linkIdentity(visitor(`${who}-too`)))).url)));
      const { identities } = await of(another.own.getUserIdentities());
      expect(identities.map(({ provider }) => provider).toSorted()).toEqual(["acme", "email"]);
      await of(another.own.unlinkIdentity(identities.find(({ provider }) => provider === "acme")!));
    });

    test("second factors", async () => {
      const { own, id } = await signedIn();
      const enroll = async (friendlyName: string) => {
        const factor = await of(own.mfa.enroll({ factorType: "totp", friendlyName }));
        return { factorId: factor.id, generate: () => new TOTP({ secret: Secret.fromBase32((factor as { totp: { secret: string } }).totp.secret) }).generate() };
      };
      const first = await enroll("first");
      const { id: challengeId } = await of(own.mfa.challenge({ factorId: first.factorId }));
      await of(own.mfa.verify({ factorId: first.factorId, challengeId, code: first.generate() }));
      expect(await of(own.mfa.getAuthenticatorAssuranceLevel())).toMatchObject({ currentLevel: "aal2" });
      const second = await enroll("second");
      await of(own.mfa.challengeAndVerify({ factorId: second.factorId, code: second.generate() }));
      expect((await of(own.mfa.listFactors())).totp).toHaveLength(2);
      await of(own.mfa.unenroll({ factorId: second.factorId }));
      expect((await of(admin().mfa.listFactors({ userId: id }))).factors).toMatchObject([{ id: first.factorId, status: "verified" }]);
      await of(admin().mfa.deleteFactor({ userId: id, id: first.factorId }));
    });

    test("second factors of WebAuthn, in a browser", async () => {
      const { own } = await signedIn();
      const device = new SoftwareAuthenticator({ origin: SITE });
      await inBrowser(`${SITE}/factors`, device, async () => {
        await of(own.mfa.webauthn.register({ friendlyName: "Key", webauthn: WEBAUTHN }));
        const { webauthn: [factor] } = await of(own.mfa.listFactors());
        await of(own.mfa.webauthn.authenticate({ factorId: factor!.id, webauthn: WEBAUTHN }));
        expect(await of(own.mfa.getAuthenticatorAssuranceLevel())).toMatchObject({ currentLevel: "aal2" });
      });
      const { id: factorId } = await of(own.mfa.webauthn.enroll({ friendlyName: "Another" }));
      await inBrowser(`${SITE}/factors`, new SoftwareAuthenticator({ origin: SITE }), async () => {
        const { challengeId, webauthn } = await of(own.mfa.webauthn.challenge({ factorId, friendlyName: "Another", webauthn: WEBAUTHN }));
        await of(own.mfa.webauthn.verify({ factorId, challengeId, webauthn: { ...webauthn, ...WEBAUTHN } as never }));
      });
      expect((await of(own.mfa.listFactors())).webauthn).toHaveLength(2);
    });

    test("passkeys, in a browser and step by step", async () => {
      const { own, id } = await signedIn();
      const device = new SoftwareAuthenticator({ origin: SITE });
      await inBrowser(`${SITE}/passkeys`, device, async () => {
        await of(own.registerPasskey());
        expect((await of(client().signInWithPasskey())).user).toMatchObject({ id });
      });
      const another = new SoftwareAuthenticator({ origin: SITE });
      const { challenge_id: registration, options } = await of(own.passkey.startRegistration());
      const made = await of(own.passkey.verifyRegistration({ challengeId: registration, credential: another.create(options).toJSON() }));
      const { challenge_id: challengeId, options: asked } = await of(client().passkey.startAuthentication());
      expect((await of(client().passkey.verifyAuthentication({ challengeId, credential: another.get(asked).toJSON() }))).user).toMatchObject({ id });
      await of(own.passkey.update({ passkeyId: made.id, friendlyName: "Laptop" }));
      expect((await of(own.passkey.list())).map(({ friendly_name: name }) => name)).toContain("Laptop");
      expect((await own.passkey.delete({ passkeyId: made.id })).error).toBeNull();
      const [left] = await of(admin().passkey.listPasskeys({ userId: id }));
      expect((await admin().passkey.deletePasskey({ userId: id, passkeyId: left!.id })).error).toBeNull();
      expect(await of(own.passkey.list())).toEqual([]);
    });

    test("the OAuth server, and its clients", async () => {
      const { own } = await signedIn();
      const redirect = "https://client.example/callback";
      const { oauth } = admin();
      const { client_id: id, client_secret: secret } = await of(oauth.createClient({ client_name: "Notes", redirect_uris: [redirect] }));
      const authorization = async (): Promise<string> => {
        const parameters = { client_id: id, redirect_uri: redirect, response_type: "code", scope: "email", code_challenge: createHash("sha256").update("x".repeat(43)).digest("base64url"), code_challenge_method: "S256" };
        const { headers } = await fetch(`${URL_OF_BACKEND}/auth/v1/oauth/authorize?${new URLSearchParams(parameters)}`, { redirect: "manual" });
        return new URL(headers.get("location")!).searchParams.get("authorization_id")!;
      };
      const [refused, approved] = [await authorization(), await authorization()];
      for (const each of [refused, approved]) expect(await of(own.oauth.getAuthorizationDetails(each))).toMatchObject({ client: { name: "Notes" } });
      expect(await of(own.oauth.denyAuthorization(refused, { skipBrowserRedirect: true }))).toMatchObject({ redirect_url: expect.stringContaining("error=access_denied") });
      expect(await of(own.oauth.approveAuthorization(approved, { skipBrowserRedirect: true }))).toMatchObject({ redirect_url: expect.stringContaining("code=") });
      expect(await of(own.oauth.listGrants())).toMatchObject([{ client: { id } }]);
      await of(own.oauth.revokeGrant({ clientId: id }));
      expect(await of(own.oauth.listGrants())).toEqual([]);
      expect((await of(oauth.listClients())).clients.map(({ client_id: each }) => each)).toContain(id);
      expect(await of(oauth.updateClient(id, { client_name: "Notebook" }))).toMatchObject({ client_name: "Notebook" });
      expect((await of(oauth.regenerateClientSecret(id))).client_secret).not.toBe(secret);
      expect(await of(oauth.getClient(id))).toMatchObject({ client_name: "Notebook" });
      expect((await oauth.deleteClient(id)).error).toBeNull();
    });

    test("users and providers, as an administrator", async () => {
      const [{ id, session }, invited] = [await signedIn(), someone()];
      expect((await of(admin().inviteUserByEmail(invited))).user).toMatchObject({ email: invited });
      expect(mail.to(invited).link).toContain("type=invite");
      expect((await of(admin().listUsers({ perPage: 1_000 }))).users.map((user) => user.id)).toContain(id);
      expect((await of(admin().updateUserById(id, { app_metadata: { plan: "pro" } }))).user).toMatchObject({ app_metadata: { plan: "pro" } });
      expect((await of(admin().getUserById(id))).user).toMatchObject({ app_metadata: { plan: "pro" } });
      expect((await admin().signOut(session.access_token)).error).toBeNull();
      await of(admin().deleteUser(id));
      const { customProviders } = admin();
      const shop = { provider_type: "oauth2" as const, identifier: "custom:shop", name: "Shop", client_id: "id", client_secret: "secret", authorization_url: `${OUTSIDE}/authorize`, token_url: `${OUTSIDE}/token`, userinfo_url: `${OUTSIDE}/userinfo` };
      await of(customProviders.createProvider(shop));
      expect(await of(customProviders.updateProvider("custom:shop", { name: "Store" }))).toMatchObject({ name: "Store" });
      expect(await of(customProviders.getProvider("custom:shop"))).toMatchObject({ name: "Store" });
      expect((await of(customProviders.listProviders())).providers).toHaveLength(1);
      expect((await customProviders.deleteProvider("custom:shop")).error).toBeNull();
    });

    test("none is left", async () => {
      const all = await publicMethods(client());
      expect(all.length).toBeGreaterThan(70);
      expect(all.filter((name) => !recorder.succeeded.has(name))).toEqual([]);
    });
  });

  // Where the address that clients have is the server's own, and theirs is the socket's.
  describe("at a port", () => {
    let door: Awaited<ReturnType<typeof SOCKET_DOOR.open>>;
    beforeAll(async () => void (door = await SOCKET_DOOR.open(backend)));
    afterAll(() => door.close());
    const client = (key = backend.anonKey): SupabaseClient => createClient(door.url, key, { auth: { persistSession: false, autoRefreshToken: false } });

    test("a link in a mail opens a page, whose button redeems it once", async () => {
      expect((await client().auth.signInWithOtp({ email: "ben@example.com", options: { emailRedirectTo: `${SITE}/welcome` } })).error).toBeNull();
      const { link } = mail.to("ben@example.com");
      expect(link).toContain(`${door.url}/auth/v1/verify?`);
      for (const method of ["GET", "HEAD", "GET"]) expect((await fetch(link, { method, redirect: "manual" })).status).toBe(200);
      expect(await (await fetch(link)).text()).toContain('<form method="post"><button');
      const press = () => fetch(link, { method: "POST", redirect: "manual", headers: { "content-type": "application/x-www-form-urlencoded" }, body: "" });
      const redeemed = await press();
      expect(redeemed.status).toBe(303);
      const target = new URL(redeemed.headers.get("location")!);
      expect(target.origin + target.pathname).toBe(`${SITE}/welcome`);
      const ben = client();
      const { data: { user } } = await ben.auth.getUser(new URLSearchParams(target.hash.slice(1)).get("access_token")!);
      expect(user?.email).toBe("ben@example.com");
      expect(new URL((await press()).headers.get("location")!).hash).toContain("error_code=otp_expired");
    });

    test("a user keeps rows of their own, by tokens of that address, until they are banned", async () => {
      const { admin } = client(backend.serviceRoleKey).auth;
      const { data: { user } } = await admin.createUser({ email: "cat@example.com", password: PASSWORD, email_confirm: true });
      const cat = client();
      expect((await cat.auth.signInWithPassword({ email: "cat@example.com", password: PASSWORD })).error).toBeNull();
      expect((await cat.auth.getClaims()).data?.claims).toMatchObject({ sub: user!.id, iss: `${door.url}/auth/v1` });
      expect((await cat.from("notes").insert({ text: "mine" })).error).toBeNull();
      expect((await cat.from("notes").select("text, owner")).data).toEqual([{ text: "mine", owner: user!.id }]);
      expect((await client().from("notes").select()).data).toEqual([]);
      expect((await cat.auth.admin.listUsers()).error?.code).toBe("not_admin");
      await admin.updateUserById(user!.id, { ban_duration: "1h" });
      expect((await cat.auth.refreshSession()).error?.code).toBe("user_banned");
      await admin.deleteUser(user!.id);
      expect((await cat.auth.getUser()).error?.code).toBe("user_not_found");
    });

    test("an address that asks too often is told how long to wait", async () => {
      const ask = () => fetch(`${door.url}/auth/v1/otp`, { method: "POST", headers: { apikey: backend.anonKey }, body: JSON.stringify({ email: "nobody@example.com", create_user: false }) });
      const answers: number[] = [];
      let last = await ask();
      for (; answers.length < 60 && last.status !== 429; last = await ask()) answers.push(last.status);
      expect([[...new Set(answers)], last.status]).toEqual([[422], 429]);
      expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await last.json()).toMatchObject({ error_code: "over_request_rate_limit" });
    });
  });
});
