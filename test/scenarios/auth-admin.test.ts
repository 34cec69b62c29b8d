import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { hash as argon2 } from "@node-rs/argon2";
import { hash as bcrypt } from "@node-rs/bcrypt";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Logger } from "plinth";
import { openAtDoor } from "./support/open-backend.ts";

const PASSWORD = "correct horse battery";
/** What a backend has to say: its mails, where there is no mail server. */
function collecting(): { readonly lines: unknown[]; readonly logger: Logger } {
  const lines: unknown[] = [];
  const note = (fields: object, message?: string): void => void lines.push([message, fields]);
  const logger: Logger = { debug: note, info: note, warn: note, error: note, child: () => logger };
  return { lines, logger };
}
const UNKNOWN = "7b0c5c3e-6a4f-4d3c-8a55-0f6f0b1f7a11";

describeDatabases("administration of users", (databases) => {
  const { lines, logger } = collecting();
  let backend: TestBackend;
  let close: () => Promise<void>;
  let admin: SupabaseClient["auth"]["admin"];
  beforeAll(async () => {
    ({ backend, close } = await openAtDoor(databases, { auth: { password: { cost: 4 }, siteUrl: "https://app.example.com", uriAllowList: ["https://preview.example.com/**"], rateLimit: { emailSent: 0 } }, logger }));
    admin = client(backend.serviceRoleKey).auth.admin;
  });
  afterAll(() => close());

  const client = (key: string): SupabaseClient => createClient("http://backend", key, { global: { fetch: backend.fetch }, auth: { persistSession: false, autoRefreshToken: false } });
  const signIn = async (email: string, password = PASSWORD) => {
    const own = client(backend.anonKey);
    const { data, error } = await own.auth.signInWithPassword({ email, password });
    return { own, session: data.session, error };
  };
  const make = async (email: string, attributes: object = {}) => {
    const { data, error } = await admin.createUser({ email, password: PASSWORD, email_confirm: true, ...attributes });
    expect(error).toBeNull();
    return data.user!;
  };
  const call = (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = backend.headersFor("service")) =>
    backend.fetch(`http://backend/auth/v1${path}`, { method, headers: { ...headers, "content-type": "application/json" }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });

  describe("creating", () => {
    test("a user as it was described", async () => {
      const id = randomUUID();
      const user = await make("Whole@Example.com", { id, phone: "+4915112345678", phone_confirm: true, user_metadata: { full_name: "A. Whole", empty: null }, app_metadata: { plan: "pro" }, role: "authenticated" });
      expect(user).toMatchObject({
        id, aud: "authenticated", role: "authenticated", email: "whole@example.com", phone: "4915112345678", is_anonymous: false,
        app_metadata: { provider: "email", providers: ["email", "phone"], plan: "pro" }, user_metadata: { full_name: "A. Whole", email_verified: true, phone_verified: true },
      });
      expect(user.user_metadata).not.toHaveProperty("empty");
      expect(user.email_confirmed_at).toBe(user.confirmed_at);
      expect(user.identities?.map(({ provider, identity_data: data }) => [provider, data?.["email"] ?? data?.["phone"]])).toEqual([["email", "whole@example.com"], ["phone", "4915112345678"]]);
      expect((await signIn("whole@example.com")).session?.user.id).toBe(id);
    });

    test("with hashes that were made elsewhere", async () => {
      const hashes = { "bcrypt@example.com": await bcrypt(PASSWORD, { cost: 4 }), "argon2@example.com": await argon2(PASSWORD, { memoryCost: 1024, timeCost: 2, parallelism: 1 }) };
      for (const [email, hash] of Object.entries(hashes)) {
        await make(email, { password: undefined, password_hash: hash });
        expect((await signIn(email)).error).toBeNull();
        expect((await signIn(email, "another")).error).toMatchObject({ code: "invalid_credentials" });
      }
      expect((await admin.createUser({ email: "plain@example.com", password_hash: "5f4dcc3b5aa765d61d8327deb882cf99" })).error).toMatchObject({ status: 400, code: "validation_failed" });
      expect((await admin.createUser({ email: "both@example.com", password: PASSWORD, password_hash: await bcrypt(PASSWORD, { cost: 4 }) })).error).toMatchObject({ status: 400, code: "validation_failed" });
    });

    test("one without a password signs in with none", async () => {
      await make("without@example.com", { password: undefined });
      for (const password of ["", " ", "x"]) expect((await signIn("without@example.com", password)).error).not.toBeNull();
    });

    test("nothing of what can't be", async () => {
      await make("taken@example.com", { phone: "4915100000001" });
      const refused: ReadonlyArray<readonly [object, number, string]> = [
        [{}, 400, "validation_failed"],
        [{ email: "taken@example.com" }, 422, "email_exists"],
        [{ email: "TAKEN@example.com" }, 422, "email_exists"],
        [{ phone: "+49 151 00000001" }, 422, "phone_exists"],
        [{ email: "no address" }, 400, "validation_failed"],
        [{ phone: "0123" }, 400, "validation_failed"],
        [{ email: "id@example.com", id: "1" }, 400, "validation_failed"],
        [{ email: "id@example.com", id: "00000000-0000-0000-0000-000000000000" }, 400, "validation_failed"],
        [{ email: "ban@example.com", ban_duration: "10d" }, 400, "validation_failed"],
        [{ email: "ban@example.com", ban_duration: "10" }, 400, "validation_failed"],
        [{ email: "long@example.com", password: "ä".repeat(37) }, 400, "validation_failed"],
        [{ email: 1 }, 400, "bad_json"],
        [{ email: "meta@example.com", user_metadata: [] }, 400, "bad_json"],
      ];
      for (const [body, status, code] of refused) {
        const response = await call("POST", "/admin/users", body);
        expect([body, response.status, (await response.json() as { error_code: string }).error_code]).toEqual([body, status, code]);
      }
      const first = await make("id-once@example.com");
      expect((await admin.createUser({ email: "id-twice@example.com", id: first.id })).error).toMatchObject({ status: 422, code: "user_already_exists" });
    });

    test("twenty at once of one address make one user", async () => {
      const made = await Promise.all(Array.from({ length: 20 }, () => admin.createUser({ email: "race@example.com", password: PASSWORD })));
      expect(made.filter(({ error }) => error === null)).toHaveLength(1);
      expect(new Set(made.flatMap(({ error }) => error?.code ?? []))).toEqual(new Set(["email_exists"]));
    });

    test("a trigger's own words reach the administrator", async () => {
      await backend.sql(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'Only staff, not %', new.email; end $$;
        create trigger refuse before insert on auth.users for each row when (new.email like '%@refused.example.com') execute function refuse()`);
      expect((await admin.createUser({ email: "a@refused.example.com" })).error).toMatchObject({ message: "Database error saving new user: Only staff, not a@refused.example.com" });
    });
  });

  describe("reading", () => {
    test("one by id", async () => {
      const user = await make("one@example.com");
      expect((await admin.getUserById(user.id)).data.user).toEqual(user);
      expect((await admin.getUserById(UNKNOWN)).error).toMatchObject({ status: 404, code: "user_not_found" });
      const response = await call("GET", "/admin/users/not-a-uuid");
      expect([response.status, await response.json()]).toEqual([404, { code: 404, error_code: "validation_failed", msg: "user_id must be an UUID" }]);
    });

    test("page by page, each once", async () => {
      for (const number of [1, 2, 3, 4, 5]) await make(`page-${number}@pages.example.com`, { user_metadata: { full_name: `Page Number ${number}` } });
      const seen: string[] = [];
      for (let page: number | null = 1; page !== null;) {
        const response = await call("GET", `/admin/users?page=${page}&per_page=2&filter=pages.example&sort=created_at+asc`);
        const { users, aud } = await response.json() as { users: readonly { email: string }[]; aud: string };
        expect([aud, response.headers.get("x-total-count")]).toEqual(["authenticated", "5"]);
        seen.push(...users.map(({ email }) => email));
        expect(response.headers.get("link")).toContain(`page=3&per_page=2&sort=created_at+asc>; rel="last"`);
        page = response.headers.get("link")?.includes('rel="next"') ? page + 1 : null;
      }
      expect(seen).toEqual([1, 2, 3, 4, 5].map((number) => `page-${number}@pages.example.com`));
      const { users } = await (await call("GET", "/admin/users?filter=page+number+4")).json() as { users: readonly { email: string }[] };
      expect(users.map(({ email }) => email)).toEqual(["page-4@pages.example.com"]);
    });

    test("as @supabase/auth-js reads a page", async () => {
      const { data } = await admin.listUsers({ page: 1, perPage: 2 });
      expect(data).toMatchObject({ aud: "authenticated", nextPage: 2 });
      expect(data.users).toHaveLength(2);
      expect((await admin.listUsers()).data.users.length).toBeGreaterThan(5);
      const response = await call("GET", "/admin/users?page=&per_page=");
      expect(response.headers.get("link")).toMatch(/^<\/auth\/v1\/admin\/users\?page=1&per_page=>; rel="last"$/);
    });

    test.each(["page=x", "per_page=-1", "per_page=99999999999", "sort=email", "sort=created_at+up"])("%s is no page", async (query) => {
      const response = await call("GET", `/admin/users?${query}`);
      expect([response.status, (await response.json() as { error_code: string }).error_code]).toEqual([400, "validation_failed"]);
    });

    test("a filter is no SQL", async () => {
      const response = await call("GET", `/admin/users?filter=${encodeURIComponent("' or 1=1 -- \\")}`);
      expect(await response.json()).toMatchObject({ users: [] });
    });
  });

  describe("changing", () => {
    test("metadata is merged, null takes away", async () => {
      const { id } = await make("merged@example.com", { user_metadata: { a: 1, b: 2 }, app_metadata: { plan: "free" } });
      const { data } = await admin.updateUserById(id, { user_metadata: { b: null, c: 3 }, app_metadata: { plan: null, seats: 4 } });
      expect(data.user).toMatchObject({ user_metadata: { a: 1, c: 3 }, app_metadata: { provider: "email", providers: ["email"], seats: 4 } });
      expect(data.user?.user_metadata).not.toHaveProperty("b");
      expect(data.user?.app_metadata).not.toHaveProperty("plan");
    });

    test("an address, with the identity that says so", async () => {
      const { id } = await make("before@example.com");
      await make("other@example.com");
      const { data } = await admin.updateUserById(id, { email: "After@example.com", email_confirm: true, phone: "4915100000099" });
      expect(data.user).toMatchObject({ email: "after@example.com", phone: "4915100000099" });
      expect(data.user?.identities?.map(({ provider, identity_data: of }) => [provider, of?.["email"] ?? of?.["phone"], of?.["email_verified"]])).toEqual([["email", "after@example.com", true], ["phone", "4915100000099", false]]);
      expect((await admin.updateUserById(id, { email: "other@example.com" })).error).toMatchObject({ status: 422, code: "email_exists" });
      expect((await admin.getUserById(id)).data.user?.email).toBe("after@example.com");
      // What was sent to the address before holds no more, whatever is said of the new one.
      const sent = (await admin.generateLink({ type: "recovery", email: "after@example.com" })).data.properties!;
      expect((await admin.updateUserById(id, { email: "later@example.com" })).error).toBeNull();
      expect((await client(backend.anonKey).auth.verifyOtp({ type: "recovery", token_hash: sent.hashed_token })).error).toMatchObject({ status: 403, code: "otp_expired" });
    });

    test("a password ends the sessions that there were", async () => {
      const { id } = await make("rotated@example.com");
      const before = await signIn("rotated@example.com");
      expect((await admin.updateUserById(id, { password: "short" })).error).toMatchObject({ status: 422, code: "weak_password" });
      expect((await admin.updateUserById(id, { password: "another password" })).error).toBeNull();
      expect((await before.own.auth.refreshSession()).error).toMatchObject({ status: 400 });
      expect((await signIn("rotated@example.com")).error).toMatchObject({ code: "invalid_credentials" });
      expect((await signIn("rotated@example.com", "another password")).error).toBeNull();
    });

    test("a ban, and its end", async () => {
      const { id } = await make("banned@example.com");
      const { own } = await signIn("banned@example.com");
      const link = await admin.generateLink({ type: "magiclink", email: "banned@example.com" });
      const { data } = await admin.updateUserById(id, { ban_duration: "1h30m" });
      const until = Date.parse((data.user as unknown as { banned_until: string }).banned_until);
      expect(Math.abs(until - Date.now() - 5_400_000)).toBeLessThan(60_000);
      expect((await own.auth.getUser()).error).toMatchObject({ status: 403, code: "user_banned" });
      expect((await signIn("banned@example.com")).error).toMatchObject({ code: "user_banned" });
      expect((await own.auth.refreshSession()).error).toMatchObject({ code: "user_banned" });
      expect((await client(backend.anonKey).auth.verifyOtp({ type: "magiclink", token_hash: link.data.properties!.hashed_token })).error).toMatchObject({ status: 403, code: "user_banned" });
      expect((await admin.updateUserById(id, { ban_duration: "none" })).data.user).not.toHaveProperty("banned_until");
      expect((await signIn("banned@example.com")).error).toBeNull();
    });
  });

  describe("deleting", () => {
    test("all of it", async () => {
      const { id } = await make("gone@example.com");
      const { own } = await signIn("gone@example.com");
      const response = await call("DELETE", `/admin/users/${id}`);
      expect([response.status, await response.json()]).toEqual([200, {}]);
      expect((await own.auth.getUser()).error).toMatchObject({ status: 403 });
      expect(await backend.sql(`select 1 from auth.identities where user_id = '${id}' union all select 1 from auth.sessions where user_id = '${id}'`)).toEqual([]);
      expect((await admin.deleteUser(id)).error).toMatchObject({ status: 404, code: "user_not_found" });
    });

    test("softly: the row stays, and nothing that says whose it was", async () => {
      const { id } = await make("soft@example.com", { phone: "4915100000077", user_metadata: { full_name: "Soft" } });
      const { own } = await signIn("soft@example.com");
      await backend.sql(`insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at, secret) values (gen_random_uuid(), '${id}', 'a', 'totp', 'verified', now(), now(), 'x')`);
      await backend.sql(`insert into auth.webauthn_credentials (user_id, credential_id, public_key, attestation_type, aaguid, sign_count, transports, backup_eligible, backed_up, friendly_name, created_at, updated_at) values ('${id}', 'c', 'k', 'none', null, 0, '[]', false, false, 'a', now(), now())`);
      await admin.generateLink({ type: "recovery", email: "soft@example.com" });
      expect((await admin.deleteUser(id, true)).error).toBeNull();
      for (const table of ["sessions", "mfa_factors", "webauthn_credentials", "one_time_tokens"]) expect([table, await backend.sql(`select from auth.${table} where user_id = '${id}'`)]).toEqual([table, []]);
      const [left] = await backend.sql<{ text: string }>(`select to_json(u)::text || coalesce((select json_agg(i) from auth.identities i where user_id = u.id)::text, '') as text from auth.users u where id = '${id}'`);
      expect(left?.text).not.toMatch(/soft@|Soft|4915100000077|\$2b\$/);
      const { data } = await admin.getUserById(id);
      expect(data.user).toMatchObject({ id, user_metadata: {}, app_metadata: {} });
      expect(data.user).toHaveProperty("deleted_at");
      expect((await own.auth.refreshSession()).error).not.toBeNull();
      expect((await signIn("soft@example.com")).error).toMatchObject({ code: "invalid_credentials" });
      // The address is free again; and once deleted it can't be again.
      await make("soft@example.com");
      expect((await admin.deleteUser(id, true)).error).toBeNull();
    });
  });

  describe("sessions", () => {
    test("are listed and ended by administrators", async () => {
      const { id } = await make("sessions@example.com");
      const [first, second] = [await signIn("sessions@example.com"), await signIn("sessions@example.com")];
      const { sessions } = await (await call("GET", `/admin/users/${id}/sessions`)).json() as { sessions: readonly { id: string; aal: string; amr: readonly { method: string }[] }[] };
      expect(sessions).toHaveLength(2);
      expect(sessions[0]).toMatchObject({ aal: "aal1", amr: [{ method: "password" }], user_id: id });
      expect(JSON.stringify(sessions)).not.toMatch(/refresh_token|hmac/);
      expect((await call("DELETE", `/admin/users/${id}/sessions/${sessions[0]!.id}`)).status).toBe(204);
      expect((await second.own.auth.refreshSession()).error).not.toBeNull();
      expect((await call("DELETE", `/admin/users/${id}/sessions/${sessions[0]!.id}`)).status).toBe(404);
      expect((await call("DELETE", `/admin/users/${UNKNOWN}/sessions/${sessions[1]!.id}`)).status).toBe(404);
      expect((await first.own.auth.refreshSession()).error).toBeNull();
      expect((await call("DELETE", `/admin/users/${id}/sessions`)).status).toBe(204);
      expect((await first.own.auth.refreshSession()).error).not.toBeNull();
    });

    test("a user sees and ends its own alone", async () => {
      await make("mine@example.com");
      await make("theirs@example.com");
      const [mine, mineToo, theirs] = [await signIn("mine@example.com"), await signIn("mine@example.com"), await signIn("theirs@example.com")];
      const as = (session: { access_token: string } | null) => ({ apikey: backend.anonKey, authorization: `Bearer ${session?.access_token}` });
      const list = async (session: typeof mine.session) => (await (await call("GET", "/user/sessions", undefined, as(session))).json() as { sessions: readonly { id: string; current: boolean }[] }).sessions;
      const own = await list(mine.session);
      expect(own.map(({ current }) => current).toSorted()).toEqual([false, true]);
      const [other] = await list(theirs.session);
      expect((await call("DELETE", `/user/sessions/${other!.id}`, undefined, as(mine.session))).status).toBe(404);
      expect((await call("DELETE", "/user/sessions/1", undefined, as(mine.session))).status).toBe(404);
      expect((await call("DELETE", `/user/sessions/${own.find(({ current }) => !current)!.id}`, undefined, as(mine.session))).status).toBe(204);
      expect((await mineToo.own.auth.refreshSession()).error).not.toBeNull();
      expect(await list(mine.session)).toHaveLength(1);
      expect(await list(theirs.session)).toHaveLength(1);
    });

    test("admin.signOut ends what the token's user has", async () => {
      await make("signed-out@example.com");
      const { own, session } = await signIn("signed-out@example.com");
      expect((await admin.signOut(session!.access_token, "global")).error).toBeNull();
      expect((await own.auth.refreshSession()).error).not.toBeNull();
    });
  });

  describe("factors and passkeys", () => {
    test("are listed, renamed and taken away", async () => {
      const { id } = await make("factors@example.com");
      const { own } = await signIn("factors@example.com");
      const { data: enrolled } = await own.auth.mfa.enroll({ factorType: "totp", friendlyName: "phone" });
      const { data } = await admin.mfa.listFactors({ userId: id });
      expect(data?.factors).toMatchObject([{ id: enrolled!.id, factor_type: "totp", friendly_name: "phone", status: "unverified" }]);
      expect(JSON.stringify(data)).not.toContain("secret");
      expect(await (await call("PUT", `/admin/users/${id}/factors/${enrolled!.id}`, { friendly_name: "renamed" })).json()).toMatchObject({ friendly_name: "renamed" });
      const stranger = await make("no-factors@example.com");
      expect((await admin.mfa.deleteFactor({ userId: stranger.id, id: enrolled!.id })).error).toMatchObject({ status: 404, code: "mfa_factor_not_found" });
      expect(await (await call("DELETE", `/admin/users/${id}/factors/${enrolled!.id}`)).json()).toMatchObject({ id: enrolled!.id });
      expect((await admin.mfa.listFactors({ userId: id })).data?.factors).toEqual([]);
      expect((await call("DELETE", `/admin/users/${id}/factors/x`)).status).toBe(404);
    });

    test("passkeys too", async () => {
      const { id } = await make("passkeys@example.com");
      const [row] = await backend.sql<{ id: string }>(`insert into auth.webauthn_credentials (user_id, credential_id, public_key, friendly_name) values ('${id}', '\\x01', '\\x02', 'key') returning id`);
      const listed = await (await call("GET", `/admin/users/${id}/passkeys`)).json();
      expect(listed).toEqual([{ id: row!.id, friendly_name: "key", created_at: expect.any(String) }]);
      expect((await call("DELETE", `/admin/users/${id}/passkeys/${UNKNOWN}`)).status).toBe(404);
      expect((await call("DELETE", `/admin/users/${id}/passkeys/${row!.id}`)).status).toBe(204);
      expect(await (await call("GET", `/admin/users/${id}/passkeys`)).json()).toEqual([]);
    });
  });

  describe("links", () => {
    test.each(["signup", "invite", "magiclink", "recovery"] as const)("a %s link signs its user in", async (type) => {
      const email = `${type}@links.example.com`;
      if (type === "recovery") await make(email);
      const { data, error } = await admin.generateLink({ type, email, password: PASSWORD, options: { redirectTo: "https://preview.example.com/in" } } as Parameters<typeof admin.generateLink>[0]);
      expect(error).toBeNull();
      const { properties } = data;
      expect(properties).toMatchObject({ verification_type: type === "magiclink" ? "signup" : type, redirect_to: "https://preview.example.com/in" });
      expect(properties!.email_otp).toMatch(/^\d{6}$/);
      const link = new URL(properties!.action_link);
      expect([link.pathname, link.searchParams.get("token"), link.searchParams.get("redirect_to")]).toEqual(["/auth/v1/verify", properties!.hashed_token, "https://preview.example.com/in"]);
      expect(data.user?.email).toBe(email);
    });

    test("by whose hash a client signs in", async () => {
      const { data } = await admin.generateLink({ type: "magiclink", email: "hash@links.example.com" });
      const { data: verified, error } = await client(backend.anonKey).auth.verifyOtp({ type: "email", token_hash: data.properties!.hashed_token });
      expect(error).toBeNull();
      expect(verified.user?.email).toBe("hash@links.example.com");
      const again = await client(backend.anonKey).auth.verifyOtp({ type: "email", token_hash: data.properties!.hashed_token });
      expect(again.error).toMatchObject({ code: "otp_expired" });
    });

    test("nothing secret is kept of them", async () => {
      const { data } = await admin.generateLink({ type: "invite", email: "kept@links.example.com" });
      const [kept] = await backend.sql<{ text: string }>("select json_agg(t)::text as text from auth.one_time_tokens t");
      expect(kept!.text).not.toContain(data.properties!.hashed_token);
      const [user] = await backend.sql<{ text: string }>(`select to_json(u)::text as text from auth.users u where email = 'kept@links.example.com'`);
      expect(user!.text).not.toContain(data.properties!.hashed_token);
    });

    test("to change an address, each half", async () => {
      await make("current@links.example.com");
      for (const type of ["email_change_current", "email_change_new"] as const) {
        const { data, error } = await admin.generateLink({ type, email: "current@links.example.com", newEmail: "new@links.example.com" });
        expect(error).toBeNull();
        expect([data.user?.new_email, new URL(data.properties!.action_link).searchParams.get("type")]).toEqual(["new@links.example.com", "email_change"]);
      }
    });

    test("none of what can't be", async () => {
      await make("confirmed@links.example.com");
      const refused: ReadonlyArray<readonly [object, number, string]> = [
        [{ type: "signup", email: "confirmed@links.example.com", password: PASSWORD }, 422, "email_exists"],
        [{ type: "invite", email: "confirmed@links.example.com" }, 422, "email_exists"],
        [{ type: "signup", email: "fresh@links.example.com" }, 400, "validation_failed"],
        [{ type: "signup", email: "fresh@links.example.com", password: "short" }, 422, "weak_password"],
        [{ type: "recovery", email: "nobody@links.example.com" }, 404, "user_not_found"],
        [{ type: "email_change_new", email: "confirmed@links.example.com", new_email: "confirmed@links.example.com" }, 422, "email_exists"],
        [{ type: "email_change_new", email: "confirmed@links.example.com" }, 400, "validation_failed"],
        [{ type: "sms", email: "confirmed@links.example.com" }, 400, "validation_failed"],
        [{ type: "constructor", email: "confirmed@links.example.com" }, 400, "validation_failed"],
        [{ type: "recovery" }, 400, "validation_failed"],
      ];
      for (const [body, status, code] of refused) {
        const response = await call("POST", "/admin/generate_link", body);
        expect([body, response.status, (await response.json() as { error_code: string }).error_code]).toEqual([body, status, code]);
      }
      expect((await admin.getUserById(UNKNOWN)).error?.status).toBe(404);
    });

    test("and never lead where they may not", async () => {
      const { data } = await admin.generateLink({ type: "magiclink", email: "away@links.example.com", options: { redirectTo: "https://evil.example.net" } });
      expect(data.properties?.redirect_to).toBe("https://app.example.com");
      for (const [asked, led] of [["https://evil.example.net", "https://app.example.com"], ["https://preview.example.com/x", "https://preview.example.com/x"]]) {
        const link = (await (await call("POST", "/admin/generate_link", { type: "magiclink", email: "away@links.example.com", redirect_to: asked })).json()) as { redirect_to: string; action_link: string };
        expect([link.redirect_to, new URL(link.action_link).searchParams.get("redirect_to")]).toEqual([led, led]);
      }
    });

    test("an invitation is mailed", async () => {
      lines.length = 0;
      const { data, error } = await admin.inviteUserByEmail("invited@example.com", { data: { team: "red" } });
      expect(error).toBeNull();
      expect(data.user).toMatchObject({ email: "invited@example.com", user_metadata: { team: "red" }, invited_at: expect.any(String) });
      expect(JSON.stringify(lines)).toContain("invited@example.com");
      expect((await admin.inviteUserByEmail("invited@example.com")).error).toBeNull();
      await make("member@example.com");
      expect((await admin.inviteUserByEmail("member@example.com")).error).toMatchObject({ status: 422, code: "email_exists" });
    });
  });

  test("what was done is in the audit log", async () => {
    const { id } = await make("audited@example.com");
    const { own } = await signIn("audited@example.com");
    await own.auth.refreshSession();
    await own.auth.signOut();
    const entries = (await (await call("GET", "/admin/audit?query=author:audited@example.com")).json()) as Array<{ payload: object }>;
    expect(entries).toHaveLength(3);
    for (const [action, more] of [["login", { traits: { provider: "email" } }], ["token_refreshed", { log_type: "token" }], ["logout", {}]] as const) {
      expect(entries).toContainEqual(expect.objectContaining({ payload: expect.objectContaining({ action, actor_id: id, ...more }) }));
    }
    await admin.deleteUser(id);
    const response = await call("GET", "/admin/audit?query=action:user_deleted&per_page=1");
    expect(Number(response.headers.get("x-total-count"))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject([{ payload: { action: "user_deleted", log_type: "team", actor_username: "service_role", traits: { user_id: id, user_email: "audited@example.com" } } }]);
    expect(await (await call("GET", "/admin/audit?query=author:nobody-of-this-name")).json()).toEqual([]);
    expect((await call("GET", "/admin/audit?query=payload:x")).status).toBe(400);
    expect((await call("GET", "/admin/audit?query=action")).status).toBe(400);
  });

  describe("is for administrators alone", () => {
    const ENDPOINTS = [
      "GET /admin/users", "POST /admin/users", `GET /admin/users/${UNKNOWN}`, `PUT /admin/users/${UNKNOWN}`, `DELETE /admin/users/${UNKNOWN}`,
      `GET /admin/users/${UNKNOWN}/factors`, `PUT /admin/users/${UNKNOWN}/factors/${UNKNOWN}`, `DELETE /admin/users/${UNKNOWN}/factors/${UNKNOWN}`,
      `GET /admin/users/${UNKNOWN}/passkeys`, `DELETE /admin/users/${UNKNOWN}/passkeys/${UNKNOWN}`,
      `GET /admin/users/${UNKNOWN}/sessions`, `DELETE /admin/users/${UNKNOWN}/sessions`, `DELETE /admin/users/${UNKNOWN}/sessions/${UNKNOWN}`,
      "POST /invite", "POST /admin/generate_link", "GET /admin/audit",
      "GET /admin/custom-providers", "POST /admin/custom-providers", "GET /admin/custom-providers/custom:x", "PUT /admin/custom-providers/custom:x", "DELETE /admin/custom-providers/custom:x",
    ];
    let callers: Readonly<Record<string, Readonly<Record<string, string>>>>;
    beforeAll(async () => {
      const other = await backend.projects.create({ ref: "other-project" });
      await make("plain-user@example.com");
      const { session } = await signIn("plain-user@example.com");
      const forged = `${backend.serviceRoleKey.split(".").slice(0, 2).join(".")}.${"A".repeat(43)}`;
      const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${backend.serviceRoleKey.split(".")[1]}.`;
      callers = {
        "nobody": {},
        "anon": backend.headersFor("anon"),
        "a user": { apikey: backend.anonKey, authorization: `Bearer ${session!.access_token}` },
        "another project's service key, with this one's anon key": { apikey: backend.anonKey, authorization: `Bearer ${other.serviceRoleKey}` },
        "a forged token": { apikey: backend.anonKey, authorization: `Bearer ${forged}` },
        "an unsigned token": { apikey: backend.anonKey, authorization: `Bearer ${unsigned}` },
      };
    });

    test.each(ENDPOINTS)("%s", async (endpoint) => {
      const [method = "", path = ""] = endpoint.split(" ");
      for (const [who, headers] of Object.entries(callers)) {
        const response = await call(method, path, method === "GET" ? undefined : {}, headers);
        expect([who, [401, 403].includes(response.status)]).toEqual([who, true]);
      }
      expect((await call(method, path, method === "GET" ? undefined : {})).status).not.toBe(403);
    });

    test("another project's service key finds that project's users alone", async () => {
      const { serviceRoleKey } = await backend.projects.get("other-project");
      const other = client(serviceRoleKey).auth.admin;
      const { id } = await make("of-this-project@example.com");
      expect((await other.getUserById(id)).error).toMatchObject({ code: "user_not_found" });
      expect((await other.deleteUser(id)).error).toMatchObject({ code: "user_not_found" });
      expect((await admin.getUserById(id)).data.user?.id).toBe(id);
    });
  });
});
