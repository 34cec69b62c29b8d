import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { AuthOptions } from "@plinth/auth";
import { type Logger, REMOTE_ADDRESS } from "@plinth/core";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type MailServer, startMailServer } from "./support/mail-server.ts";
import { openAtDoor } from "./support/open-backend.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

const SITE = "https://app.example.com";
const PASSWORD = "correct horse";
const nothing = (): void => undefined;
const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => silent };

describeDatabases("mails of Auth", (databases) => {
  let server: MailServer;
  let backend: TestBackend;
  let close: () => Promise<void>;
  let people = 0;
  const warnings: Array<{ readonly line: string; readonly [name: string]: unknown }> = [];
  let isPlain = false;
  beforeAll(async () => {
    server = await startMailServer();
    ({ backend, close } = await openAtDoor(databases, {
      onError: () => undefined,
      logger: { ...silent, warn: (fields, line) => void warnings.push({ line, ...fields }) },
      auth: {
        siteUrl: SITE, uriAllowList: ["com.example.app://callback", "https://*.example.org/**"], password: { cost: 4 }, smtpMaxFrequency: 0,
        rateLimit: { emailSent: 0, verify: 0 }, external: { anonymousUsers: { enabled: true } }, outbound: { allowPrivateAddresses: true },
      },
    }));
  });
  afterAll(async () => {
    await close();
    await server.close();
  });
  const configure = (auth: AuthOptions = {}) => backend.projects.update("default", { settings: { auth: { smtp: smtp(server.port), ...auth } } });
  beforeEach(async () => {
    Object.assign(server, { delay: 0, refusal: undefined });
    if (!isPlain) await configure();
    isPlain = true;
  });
  const withSettings = async (auth: AuthOptions) => {
    isPlain = false;
    await configure(auth);
  };

  const client = (flowType: "pkce" | "implicit" = "implicit", key = backend.anonKey): SupabaseClient =>
    createClient("http://backend", key, { global: { fetch: backend.fetch }, auth: { flowType, persistSession: false, autoRefreshToken: false, detectSessionInUrl: false, storageKey: `sb-${Math.random()}` } });
  const someone = () => `person${++people}@example.com`;
  const open = (link: string, method = "GET") => backend.fetch(link, { method });
  /** What the button of the page does. */
  const press = (link: string) => backend.fetch(link, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: "" });
  const locationOf = (response: Response) => new URL(response.headers.get("location") ?? "none:");
  const fragmentOf = (response: Response) => Object.fromEntries(new URLSearchParams(locationOf(response).hash.slice(1)));
  const signedUp = async (own = client(), email = someone()) => {
    const { data, error } = await own.auth.signUp({ email, password: PASSWORD });
    expect(error).toBeNull();
    return { own, email, user: data.user! };
  };
  const confirmed = async (own = client(), email = someone()) => {
    const { user } = await signedUp(own, email);
    const { data, error } = await own.auth.verifyOtp({ type: "email", email, token: server.to(email).code });
    expect(error).toBeNull();
    return { own, email, user, session: data.session! };
  };
  const usersWith = (email: string) => backend.sql(`select id, email_confirmed_at, confirmation_sent_at, recovery_sent_at, email_change from auth.users where email = '${email}'`);

  describe("addresses that somebody made up", () => {
    const signUp = (address: string, from: string | undefined, redirectTo?: string) => {
      const email = someone();
      const query = redirectTo === undefined ? "" : `?redirect_to=${encodeURIComponent(redirectTo)}`;
      const request = new Request(`${address}/auth/v1/signup${query}`, { method: "POST", headers: { ...backend.headersFor("anon"), "content-type": "application/json" }, body: JSON.stringify({ email, password: PASSWORD }) });
      return backend.fetch(Object.defineProperty(request, REMOTE_ADDRESS, { value: from })).then(({ status }) => ({ status, link: new URL(server.to(email).link) }));
    };

    test("the machine's own names are believed of those who are on it", async () => {
      for (const from of ["127.0.0.1", "::1", "::ffff:127.0.0.1", undefined]) expect((await signUp("http://localhost:3000", from)).link.origin).toBe("http://localhost:3000");
      warnings.length = 0;
      for (const address of ["http://localhost:3000", "http://127.0.0.1:3000", "http://localhost:3000", "http://evil.localhost:3000"]) {
        const { status, link } = await signUp(address, "203.0.113.9");
        expect([status, link.origin]).toEqual([200, SITE]);
      }
      expect(warnings.map(({ line, host, project }) => [/auth\.externalUrl/.test(line), host, project])).toEqual([[true, "localhost:3000", "default"], [true, "127.0.0.1:3000", "default"], [true, "evil.localhost:3000", "default"]]);
    });

    test("a redirect that isn't allowed leads to the site, and the log says once how to allow it", async () => {
      warnings.length = 0;
      const redirects = ["https://other.example/secret-path?token=secret#secret", "https://other.example/another", "https://user:secret@third.example/", "no address", `${SITE}/welcome`];
      for (const redirectTo of redirects) expect((await signUp("http://backend", undefined, redirectTo)).link.searchParams.get("redirect_to")).toBe(redirectTo.startsWith(SITE) ? redirectTo : SITE);
      expect(warnings.map(({ redirectTo, uriAllowList }) => [redirectTo, uriAllowList])).toEqual([["https://other.example", ["https://other.example/**"]], ["https://third.example", ["https://third.example/**"]], ["(not an address)", undefined]]);
      expect(JSON.stringify(warnings)).not.toContain("secret");
    });
  });

  describe("signing up", () => {
    test("a mail with a link and a code; the code signs in", async () => {
      const { own, email, user } = await signedUp();
      expect(user).toMatchObject({ email, confirmation_sent_at: expect.any(String), identities: [expect.objectContaining({ provider: "email" })] });
      expect((await own.auth.signInWithPassword({ email, password: PASSWORD })).error).toMatchObject({ code: "email_not_confirmed" });
      const mail = server.to(email);
      expect(mail.headers).toMatchObject({ subject: "Confirm your e-mail address", from: "Example <auth@example.com>", to: email, "auto-submitted": "auto-generated" });
      expect(mail.from).toBe("auth@example.com");
      expect(mail.text).toContain(mail.link);
      const { data } = await own.auth.verifyOtp({ type: "signup", email, token: mail.code });
      expect(data.session).toMatchObject({ token_type: "bearer" });
      expect(data.user).toMatchObject({ id: user.id, email_confirmed_at: expect.any(String), user_metadata: { email_verified: true }, identities: [expect.objectContaining({ identity_data: expect.objectContaining({ email_verified: true }) })] });
      expect((await own.auth.getUser()).data.user?.id).toBe(user.id);
    });

    test("a link that is opened uses nothing up; its button signs in", async () => {
      const { email } = await signedUp();
      const { link } = server.to(email);
      expect(await (await open(link, "HEAD")).text()).toBe("");
      const page = await open(link);
      expect(page.status).toBe(200);
      expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(page.headers.get("referrer-policy")).toBe("no-referrer");
      expect(await page.text()).toContain('<form method="post"><button type="submit">Confirm</button></form>');
      expect(await usersWith(email)).toMatchObject([{ email_confirmed_at: null }]);
      const response = await press(link);
      expect(response.status).toBe(303);
      expect(locationOf(response).origin).toBe(SITE);
      expect(fragmentOf(response)).toMatchObject({ access_token: expect.any(String), refresh_token: expect.any(String), token_type: "bearer", expires_in: "3600", type: "signup", sb: "" });
      for (const again of [await press(link), await open(link)]) {
        expect(again.status).toBe(303);
        expect(fragmentOf(again)).toEqual({ error: "access_denied", error_code: "otp_expired", error_description: "Email link is invalid or has expired", sb: "" });
      }
    });

    test("without the page where the project wants GoTrue's links; HEAD uses nothing up even so", async () => {
      await withSettings({ mailer: { confirmLinks: false } });
      const { email } = await signedUp();
      const { link } = server.to(email);
      await open(link, "HEAD");
      expect(fragmentOf(await open(link))).toMatchObject({ access_token: expect.any(String), type: "signup" });
    });

    test("once more for an address that is registered: as if it were new, and no mail", async () => {
      const { email, user } = await confirmed();
      const count = server.mails.length;
      const { data, error } = await client().auth.signUp({ email, password: "another one" });
      expect(error).toBeNull();
      expect(data.user).toMatchObject({ email, identities: [] });
      expect(data.user!.id).not.toBe(user.id);
      expect(server.mails.length).toBe(count);
    });

    test("resend: the newer link is good, the older one is not", async () => {
      const { own, email } = await signedUp();
      const first = server.to(email);
      expect((await own.auth.resend({ type: "signup", email })).error).toBeNull();
      const second = server.to(email);
      expect(second.link).not.toBe(first.link);
      expect(fragmentOf(await press(first.link))).toMatchObject({ error_code: "otp_expired" });
      expect((await own.auth.verifyOtp({ type: "signup", email, token: second.code })).error).toBeNull();
      expect((await own.auth.resend({ type: "signup", email })).error).toBeNull();
      expect((await own.auth.resend({ type: "signup", email: someone() })).error).toBeNull();
      expect(server.to(email)).toBe(second);
    });
  });

  describe("signing in by mail", () => {
    test("makes a user; who is there gets a magic link", async () => {
      const own = client();
      const email = someone();
      expect((await own.auth.signInWithOtp({ email, options: { data: { name: "Ann" } } })).error).toBeNull();
      const first = await own.auth.verifyOtp({ type: "email", email, token: server.to(email).code });
      expect(first.data.user).toMatchObject({ email, user_metadata: { name: "Ann", email_verified: true } });
      expect((await own.auth.signInWithOtp({ email, options: { emailRedirectTo: "https://a.example.org/in" } })).error).toBeNull();
      const mail = server.to(email);
      expect(mail.headers["subject"]).toBe("Your link to sign in");
      const response = await press(mail.link);
      expect(locationOf(response).href).toMatch(/^https:\/\/a\.example\.org\/in#/);
      expect(fragmentOf(response)).toMatchObject({ type: "magiclink", access_token: expect.any(String) });
    });

    test("makes nobody where that is not wanted", async () => {
      const email = someone();
      expect((await client().auth.signInWithOtp({ email, options: { shouldCreateUser: false } })).error).toMatchObject({ status: 422, code: "otp_disabled", message: "Signups not allowed for otp" });
      expect(await usersWith(email)).toEqual([]);
    });

    test("by the hash that is in the link, as server-side applications do", async () => {
      const { email } = await confirmed();
      const own = client();
      await own.auth.signInWithOtp({ email });
      const token_hash = new URL(server.to(email).link).searchParams.get("token")!;
      expect((await own.auth.verifyOtp({ type: "recovery", token_hash })).data.user).toMatchObject({ email });
      expect((await own.auth.verifyOtp({ type: "recovery", token_hash })).error).toMatchObject({ status: 403, code: "otp_expired" });
    });
  });

  describe("a forgotten password", () => {
    test("PKCE: the link leads on with a code, which only who asked can redeem", async () => {
      const { email } = await confirmed();
      const own = client("pkce");
      expect((await own.auth.resetPasswordForEmail(email, { redirectTo: "com.example.app://callback" })).error).toBeNull();
      const { link } = server.to(email);
      expect(new URL(link).searchParams.get("token")).toMatch(/^pkce_/);
      // Another kind of link can't be made of it.
      expect(locationOf(await press(link.replace("pkce_", ""))).href).toContain("otp_expired");
      const target = locationOf(await press(link));
      expect(target.href).toMatch(/^com\.example\.app:\/\/callback\?.*\bcode=[0-9a-f-]{36}$/);
      const { data, error } = await own.auth.exchangeCodeForSession(target.searchParams.get("code")!);
      expect(error).toBeNull();
      expect(data.user).toMatchObject({ email });
      expect((await own.auth.updateUser({ password: "a new password" })).error).toBeNull();
      expect((await client().auth.signInWithPassword({ email, password: "a new password" })).error).toBeNull();
      expect((await client().auth.signInWithPassword({ email, password: PASSWORD })).error).toMatchObject({ code: "invalid_credentials" });
      expect(locationOf(await press(link)).search).toContain("error_code=otp_expired");
    });

    test("an address that nobody has: the same answer, the same refusals, the same time", async () => {
      const { email } = await confirmed();
      await withSettings({ smtpMaxFrequency: 60 });
      server.delay = 150;
      const ask = async (address: string) => {
        const begun = performance.now();
        const { data, error } = await client().auth.resetPasswordForEmail(address);
        return { data, error: error && { code: error.code, status: error.status, message: error.message.replace(/\d+/, "N") }, isSlow: performance.now() - begun > 140 };
      };
      const unknown = someone();
      const first = await ask(email);
      expect(first).toEqual({ data: {}, error: null, isSlow: true });
      expect(await ask(unknown)).toEqual(first);
      const [again, unknownAgain] = [await ask(email), await ask(unknown)];
      expect(again).toMatchObject({ error: { code: "over_email_send_rate_limit", status: 429, message: "For security purposes, you can only request this after N seconds." } });
      expect(unknownAgain.error).toEqual(again.error);
    });
  });

  describe("codes and links are only good as they are", () => {
    test("a wrong code, another's code, another type, an old one", async () => {
      const [one, other] = [await signedUp(), await signedUp()];
      const { code } = server.to(one.email);
      const verify = async (params: Parameters<SupabaseClient["auth"]["verifyOtp"]>[0]) => (await client().auth.verifyOtp(params)).error;
      const refused = { status: 403, code: "otp_expired", message: "Token has expired or is invalid" };
      expect(await verify({ type: "signup", email: other.email, token: code })).toMatchObject(refused);
      expect(await verify({ type: "signup", email: one.email, token: code === "000000" ? "000001" : "000000" })).toMatchObject(refused);
      expect(await verify({ type: "recovery", email: one.email, token: code })).toMatchObject(refused);
      expect(await verify({ type: "email_change", email: one.email, token: code })).toMatchObject(refused);
      await backend.sql(`update auth.one_time_tokens set created_at = created_at - interval '25 hours' where user_id = '${one.user.id}'`);
      expect(await verify({ type: "signup", email: one.email, token: code })).toMatchObject(refused);
      expect(await verify({ type: "signup", email: other.email, token: server.to(other.email).code })).toBeNull();
      const shop = createClient("http://backend", backend.anonKey, { global: { fetch: backend.fetch, headers: { "x-jwt-aud": "shop" } }, auth: { persistSession: false, autoRefreshToken: false, storageKey: `sb-${Math.random()}` } });
      const { email } = await signedUp(shop);
      expect(await verify({ type: "signup", email, token: server.to(email).code })).toMatchObject(refused);
      expect((await shop.auth.verifyOtp({ type: "signup", email, token: server.to(email).code })).error).toBeNull();
    });

    test("nothing in the tables can be used", async () => {
      const { email, user } = await signedUp();
      const [row] = await backend.sql<Record<string, string>>(`select u.*, t.token_hash from auth.users u join auth.one_time_tokens t on t.user_id = u.id where u.id = '${user.id}'`);
      const { code, link } = server.to(email);
      expect(row!["token_hash"]).not.toContain(code);
      expect(JSON.stringify(row)).not.toContain(new URL(link).searchParams.get("token"));
      expect((await client().auth.verifyOtp({ type: "signup", token_hash: row!["token_hash"]! })).error).toMatchObject({ code: "otp_expired" });
    });

    test("of parallel tries with one code a single one succeeds", async () => {
      const { email } = await signedUp();
      const { code } = server.to(email);
      const tries = await Promise.all(Array.from({ length: 5 }, () => client().auth.verifyOtp({ type: "signup", email, token: code })));
      expect(tries.filter(({ error }) => error === null)).toHaveLength(1);
      expect(tries.filter(({ error }) => error?.code === "otp_expired")).toHaveLength(4);
    });

    test("a link leads nowhere that the project doesn't allow, and needs its type and token", async () => {
      const { email } = await signedUp();
      const link = new URL(server.to(email).link);
      link.searchParams.set("redirect_to", "https://evil.example.net/");
      expect(locationOf(await press(link.href)).origin).toBe(SITE);
      for (const query of ["type=signup", "token=x", "token=x&type=sms", "token=x&type=constructor"]) expect((await open(`http://backend/auth/v1/verify?${query}`)).status).toBe(400);
    });
  });

  describe("another e-mail address", () => {
    test("both addresses have to agree", async () => {
      const { own, email, user } = await confirmed();
      const next = someone();
      const { data } = await own.auth.updateUser({ email: next });
      expect(data.user).toMatchObject({ email, new_email: next, email_change_sent_at: expect.any(String) });
      const half = await own.auth.verifyOtp({ type: "email_change", email: next, token: server.to(next).code });
      expect(half).toMatchObject({ error: null, data: { session: null } });
      expect(await usersWith(email)).toMatchObject([{ id: user.id, email_change: next }]);
      expect(fragmentOf(await press(server.to(email).link))).toMatchObject({ type: "email_change", access_token: expect.any(String) });
      expect(await usersWith(next)).toMatchObject([{ id: user.id, email_change: "" }]);
      expect((await own.auth.getUser()).data.user).toMatchObject({ email: next, identities: [expect.objectContaining({ email: next })] });
    });

    test("the same half twice is no second half", async () => {
      const { own, email } = await confirmed();
      const next = someone();
      await own.auth.updateUser({ email: next });
      const { link } = server.to(next);
      expect(fragmentOf(await press(link))).toEqual({ message: "Confirmation link accepted. Please proceed to confirm link sent to the other email", sb: "" });
      expect(fragmentOf(await press(link))).toMatchObject({ error_code: "otp_expired" });
      expect(await usersWith(email)).toHaveLength(1);
    });

    test("only the new one where the project says so, and its former owner is told", async () => {
      await withSettings({ mailer: { secureEmailChangeEnabled: false, notifications: { emailChanged: true } } });
      const { own, email } = await confirmed();
      const next = someone();
      await own.auth.updateUser({ email: next });
      const { data } = await own.auth.verifyOtp({ type: "email_change", email: next, token: server.to(next).code });
      expect(data.user).toMatchObject({ email: next });
      expect(server.to(email).text).toContain(`it was ${email}`);
    });

    test("not one that is another's", async () => {
      const [one, other] = [await confirmed(), await confirmed()];
      expect((await one.own.auth.updateUser({ email: other.email })).error).toMatchObject({ status: 422, code: "email_exists" });
    });

    test("an anonymous user becomes a permanent one", async () => {
      const own = client();
      const { data } = await own.auth.signInAnonymously();
      expect((await own.auth.updateUser({ password: "not yet possible" })).error).toMatchObject({ status: 422, code: "validation_failed" });
      const email = someone();
      expect((await own.auth.updateUser({ email })).error).toBeNull();
      const verified = await own.auth.verifyOtp({ type: "email_change", email, token: server.to(email).code });
      expect(verified.data.user).toMatchObject({ id: data.user!.id, email, is_anonymous: false, email_confirmed_at: expect.any(String), app_metadata: { provider: "email", providers: ["email"] } });
    });
  });

  describe("another password", () => {
    test("ends the user's other sessions and what was under way, and the user is told", async () => {
      await withSettings({ mailer: { notifications: { passwordChanged: true } } });
      const { own, email } = await confirmed();
      const elsewhere = client();
      await elsewhere.auth.signInWithPassword({ email, password: PASSWORD });
      await elsewhere.auth.resetPasswordForEmail(email);
      const { link } = server.to(email);
      expect((await own.auth.updateUser({ password: PASSWORD })).error).toMatchObject({ status: 422, code: "same_password" });
      expect((await own.auth.updateUser({ password: "12345" })).error).toMatchObject({ status: 422, code: "weak_password" });
      expect((await own.auth.updateUser({ password: "a better one", data: { theme: "dark" } })).data.user).toMatchObject({ user_metadata: { theme: "dark", email_verified: true } });
      expect((await elsewhere.auth.getUser()).error).toMatchObject({ name: "AuthSessionMissingError" });
      expect((await own.auth.getUser()).error).toBeNull();
      expect(server.to(email).headers["subject"]).toBe("Your password was changed");
      expect(fragmentOf(await press(link))).toMatchObject({ error_code: "otp_expired" });
    });

    test("needs a nonce in an older session", async () => {
      await withSettings({ security: { updatePasswordRequireReauthentication: true } });
      const { own, email, user, session } = await confirmed();
      await backend.sql(`update auth.sessions set created_at = now() - interval '25 hours' where user_id = '${user.id}'`);
      expect((await own.auth.updateUser({ password: "a better one" })).error).toMatchObject({ status: 400, code: "reauthentication_needed" });
      expect((await own.auth.reauthenticate()).error).toBeNull();
      const mail = server.to(email);
      expect(mail.headers["subject"]).toBe(`${mail.code} is your code`);
      expect((await own.auth.updateUser({ password: "a better one", nonce: mail.code === "000000" ? "000001" : "000000" })).error).toMatchObject({ status: 422, code: "reauthentication_not_valid" });
      const grow = (hours: number) => backend.sql(`update auth.one_time_tokens set created_at = created_at - interval '${hours} hours' where user_id = '${user.id}'`);
      await grow(25);
      expect((await own.auth.updateUser({ password: "a better one", nonce: mail.code })).error).toMatchObject({ status: 422, code: "reauthentication_not_valid" });
      await grow(-25);
      const headers = { apikey: backend.anonKey, authorization: `Bearer ${session.access_token}`, "content-type": "application/json" };
      const both = await Promise.all(["a better one", "another one"].map((password) => backend.fetch("http://backend/auth/v1/user", { method: "PUT", headers, body: JSON.stringify({ password, nonce: mail.code }) })));
      expect(both.map(({ status }) => status).sort()).toEqual([200, 422]);
      expect((await own.auth.updateUser({ password: "a third one", nonce: mail.code })).error).toMatchObject({ code: "reauthentication_not_valid" });
    });

    test("needs the present one where the project wants it, but not after a recovery", async () => {
      await withSettings({ security: { updatePasswordRequireCurrentPassword: true } });
      const { own, email } = await confirmed();
      expect((await own.auth.updateUser({ password: "a better one" })).error).toMatchObject({ status: 400, code: "current_password_required" });
      expect((await own.auth.updateUser({ password: "a better one", current_password: "wrong" } as object)).error).toMatchObject({ status: 400, code: "current_password_invalid" });
      expect((await own.auth.updateUser({ password: "a better one", current_password: PASSWORD } as object)).error).toBeNull();
      const recovering = client("pkce");
      await recovering.auth.resetPasswordForEmail(email);
      await recovering.auth.exchangeCodeForSession(locationOf(await press(server.to(email).link)).searchParams.get("code")!);
      expect((await recovering.auth.updateUser({ password: "a third one" })).error).toBeNull();
    });
  });

  describe("a mail that can't be sent", () => {
    const failed = { name: "AuthRetryableFetchError", status: 500, message: "Error sending email" };

    test("leaves no new user, and the next try works", async () => {
      server.refusal = "No room";
      const email = someone();
      expect((await client().auth.signUp({ email, password: PASSWORD })).error).toMatchObject(failed);
      expect((await client().auth.signInWithOtp({ email })).error).toMatchObject(failed);
      expect(await usersWith(email)).toEqual([]);
      server.refusal = undefined;
      await signedUp(client(), email);
    });

    test("leaves what was there before", async () => {
      const { own, email } = await confirmed();
      await own.auth.resetPasswordForEmail(email);
      const { link } = server.to(email);
      const before = await usersWith(email);
      server.refusal = "No room";
      expect((await own.auth.resetPasswordForEmail(email)).error).toMatchObject(failed);
      expect((await own.auth.updateUser({ email: someone(), password: "a better one", data: { a: 1 } })).error).toMatchObject(failed);
      expect(await usersWith(email)).toEqual(before);
      expect((await own.auth.getUser()).data.user!.user_metadata).not.toHaveProperty("a");
      expect((await own.auth.signInWithPassword({ email, password: PASSWORD })).error).toBeNull();
      expect(fragmentOf(await press(link))).toMatchObject({ type: "recovery", access_token: expect.any(String) });
    });

    test("a server that is not there; and a slow one keeps nobody from the database", async () => {
      await withSettings({ smtp: smtp(1) });
      const email = someone();
      expect((await client().auth.signUp({ email, password: PASSWORD })).error).toMatchObject(failed);
      expect(await usersWith(email)).toEqual([]);
      await configure();
      server.delay = 500;
      const order: string[] = [];
      const slow = Array.from({ length: 4 }, () => signedUp().then(() => order.push("mail")));
      await expect.poll(() => backend.sql("select 1 from auth.users where confirmation_sent_at > now() - interval '500 ms'"), { interval: 10 }).not.toHaveLength(0);
      await client().auth.signInAnonymously().then(() => order.push("other"));
      await Promise.all(slow);
      expect(order[0]).toBe("other");
    });

    test("no further mail within the time between two", async () => {
      await withSettings({ smtpMaxFrequency: 60 });
      const { own, email } = await signedUp();
      const count = server.mails.length;
      const tooSoon = { status: 429, code: "over_email_send_rate_limit", message: expect.stringMatching(/^For security purposes, you can only request this after \d+ seconds\.$/) };
      expect((await own.auth.resend({ type: "signup", email })).error).toMatchObject(tooSoon);
      expect((await own.auth.signUp({ email, password: PASSWORD })).error).toMatchObject(tooSoon);
      expect(server.mails.length).toBe(count);
    });
  });

  describe("the project's own words", () => {
    test("templates, subjects and paths; values are escaped and can't break out of the subject", async () => {
      await withSettings({
        mailer: {
          subjects: { confirmation: "{{ .Data.name }}, hello" },
          templates: { confirmation: '<a href="{{ .ConfirmationURL }}">go</a>|{{ .Token }}|{{ .TokenHash }}|{{ .SiteURL }}|{{ .RedirectTo }}|{{ .Email }}|{{ .Data.name }}|{{ .Nothing.here }}|{{ if .Data.vip }}vip{{ else }}no vip{{ end }}|' },
          urlPaths: { confirmation: "https://app.example.com/welcome" },
        },
      });
      const email = someone();
      await client().auth.signUp({ email, password: PASSWORD, options: { emailRedirectTo: "https://a.example.org/x?a=1&b=2", data: { name: "<b>Eve</b>\r\nBcc: all@example.com" } } });
      const { html, headers, link, to } = server.to(email);
      const [, code, hash, site, redirectTo, address, name, nothing, vip] = html.split("|");
      expect([site, redirectTo, address]).toEqual([SITE, "https://a.example.org/x?a=1&amp;b=2", email]);
      expect(code).toMatch(/^\d{6}$/);
      expect([name, nothing, vip]).toEqual(["&lt;b&gt;Eve&lt;/b&gt;\r\nBcc: all@example.com", "", "no vip"]);
      const url = new URL(link);
      expect(url.origin + url.pathname).toBe("https://app.example.com/welcome");
      expect(Object.fromEntries(url.searchParams)).toEqual({ token: hash, type: "signup", redirect_to: "https://a.example.org/x?a=1&b=2" });
      expect(to).toEqual([email]);
      expect(headers["subject"]).toBe("<b>Eve</b> Bcc: all@example.com, hello");
      expect(headers).not.toHaveProperty("bcc");
    });

    test("settings with a template that is not understood are refused", async () => {
      const mailer = { templates: { recovery: "{{ range .Data }}x{{ end }}" } };
      await expect(backend.projects.update("default", { settings: { auth: { mailer } } })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID", message: expect.stringContaining("mailer.templates.recovery") });
    });

    test("the hook send-email in place of the server", async () => {
      await backend.sql(`create table if not exists public.told (event jsonb); grant insert on public.told to supabase_auth_admin;
        create or replace function public.send_email(event jsonb) returns jsonb language plpgsql as $$ begin insert into public.told values (event); return '{}'; end $$;
        grant usage on schema public to supabase_auth_admin; grant execute on function public.send_email to supabase_auth_admin`);
      await withSettings({ hook: { sendEmail: { enabled: true, uri: "pg-functions://postgres/public/send_email" } } });
      const count = server.mails.length;
      const { own, email, user } = await signedUp();
      expect(server.mails.length).toBe(count);
      const [told] = await backend.sql<{ event: { email_data: Record<string, string> } }>("select event from public.told");
      expect(told!.event).toMatchObject({ metadata: { name: "send-email" }, user: { id: user.id, email }, email_data: { email_action_type: "signup", site_url: "http://backend/auth/v1", redirect_to: SITE, token_new: "", token_hash_new: "" } });
      expect((await own.auth.verifyOtp({ type: "signup", email, token: told!.event.email_data["token"]! })).error).toBeNull();
    });
  });

  test("another project's codes and links are nothing here", async () => {
    const other = await backend.projects.create({ ref: "other", settings: { auth: { smtp: smtp(server.port) } } });
    const email = someone();
    await signedUp(client("implicit", other.anonKey), email);
    const theirs = server.to(email);
    expect(new URL(theirs.link).searchParams.get("apikey")).toEqual(expect.any(String));
    const { own } = await signedUp(client(), email);
    expect((await own.auth.verifyOtp({ type: "signup", email, token: theirs.code })).error).toMatchObject({ code: "otp_expired" });
    const link = new URL(theirs.link);
    link.searchParams.delete("apikey");
    expect(fragmentOf(await press(link.href))).toMatchObject({ error_code: "otp_expired" });
    expect(fragmentOf(await press(theirs.link))).toMatchObject({ type: "signup", access_token: expect.any(String) });
  });
}, NATIVE_UNLESS_LONG);

const smtp = (port: number): NonNullable<AuthOptions["smtp"]> => ({ host: "127.0.0.1", port, adminEmail: "auth@example.com", senderName: "Example" });
