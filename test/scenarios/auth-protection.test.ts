import { inspect } from "node:util";
import { createHash, randomUUID } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { sql } from "kysely";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Loopback, openLoopback } from "../support/loopback.ts";
import { openAtDoor } from "./support/open-backend.ts";
import { until } from "./support/until.ts";

const PASSWORD = "correct horse battery";
const BASE = { mailer: { autoconfirm: true }, password: { cost: 4 }, external: { anonymousUsers: { enabled: true } }, outbound: { allowPrivateAddresses: true } };
const SECRET = `v1,whsec_${Buffer.from("a secret of thirty-two bytes!!!!").toString("base64")}`;
const HEADER = "x-real-ip";

const SQL = `
create schema hooks; grant usage on schema hooks to supabase_auth_admin;
create function hooks.claims(event jsonb) returns jsonb language sql as $$ select jsonb_build_object('claims', event->'claims' || jsonb_build_object('shop', 7, 'told', event->>'authentication_method')) $$;
create function hooks.broken_claims(event jsonb) returns jsonb language sql as $$ select jsonb_build_object('claims', (event->'claims') - 'role') $$;
create function hooks.refuse(event jsonb) returns jsonb language sql as $$ select '{"error":{"http_code":403,"message":"Only employees"}}'::jsonb $$;
create function hooks.raise(event jsonb) returns jsonb language plpgsql as $$ begin raise exception 'a word for the log'; end $$;
create table hooks.attempts (user_id uuid, valid boolean); grant all on hooks.attempts to supabase_auth_admin;
create function hooks.attempt(event jsonb) returns jsonb language plpgsql as $$ begin
  insert into hooks.attempts values ((event->>'user_id')::uuid, (event->>'valid')::boolean);
  if (select count(*) from hooks.attempts a where a.user_id = (event->>'user_id')::uuid and not valid) > 2 then return '{"decision":"reject","message":"Too many wrong passwords","should_logout_user":true}'; end if;
  return '{"decision":"continue"}'; end $$;
grant execute on all functions in schema hooks to supabase_auth_admin;`;

describeDatabases("protection", (databases) => {
  let backend: TestBackend;
  let fetchInProcess: TestBackend["fetch"];
  let close: () => Promise<void>;
  let loopback: Loopback;
  const failures: unknown[] = [];
  beforeAll(async () => {
    loopback = await openLoopback();
    ({ backend, fetchInProcess, close } = await openAtDoor(databases, { auth: BASE, sql: SQL, onError: (error) => void failures.push(error) }));
  });
  afterAll(async () => {
    await close();
    await loopback.close();
  });
  const configure = (auth: object): Promise<unknown> => backend.projects.update("default", { settings: { auth } });

  const post = async (path: string, body: unknown = {}, headers: Record<string, string> = {}, fetch = backend.fetch) => {
    const response = await fetch(`http://backend/auth/v1${path}`, { method: "POST", headers: { ...backend.headersFor("anon"), "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown> };
  };
  const signUp = async (email = `${randomUUID()}@example.com`) => ({ email, ...(await post("/signup", { email, password: PASSWORD })) });
  const signIn = (email: string, password = PASSWORD) => post("/token?grant_type=password", { email, password });
  const refresh = (token: unknown) => post("/token?grant_type=refresh_token", { refresh_token: token });
  const claimsOf = (token: unknown) => JSON.parse(Buffer.from(String(token).split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown>;

  describe("limits of requests", () => {
    beforeEach(() => backend.sql("delete from auth.rate_limits"));

    test("count each address and endpoint by itself, say when to come again, and refill", async () => {
      await configure({ rateLimit: { header: HEADER, otp: 3 } });
      const attempt = (ip: string, path = "/signup") => post(path, { email: "no", password: "no" }, { [HEADER]: ip }).then(({ status, headers, body }) => ({ status, retry: headers.get("retry-after"), code: body["error_code"] }));
      for (let i = 0; i < 3; i++) expect((await attempt("192.0.2.1")).status).not.toBe(429);
      expect(await attempt("192.0.2.1")).toEqual({ status: 429, retry: "100", code: "over_request_rate_limit" });
      expect((await attempt("192.0.2.2")).status).not.toBe(429);
      expect((await attempt("192.0.2.1", "/otp")).status).not.toBe(429);
      await backend.sql("update auth.rate_limits set refilled_at = refilled_at - interval '60 seconds'");
      expect(await attempt("192.0.2.1")).toMatchObject({ status: 429, retry: "40" });
      await backend.sql("update auth.rate_limits set refilled_at = refilled_at - interval '41 seconds'");
      expect((await attempt("192.0.2.1")).status).not.toBe(429);
    });

    test("take the /64 of IPv6 for one, and of a list the address that the proxy added", async () => {
      await configure({ rateLimit: { header: HEADER, otp: 1 } });
      const status = async (ip: string) => (await post("/signup", { email: "no", password: "no" }, { [HEADER]: ip })).status;
      expect(await status("2001:db8:1:2::1")).not.toBe(429);
      expect(await status("2001:0db8:0001:0002:ffff:1:2:3")).toBe(429);
      expect(await status("2001:db8:1:3::1")).not.toBe(429);
      expect(await status("198.51.100.7, 192.0.2.9")).not.toBe(429);
      expect(await status("198.51.100.8, 192.0.2.9")).toBe(429);
      expect(await status("198.51.100.8")).not.toBe(429);
    });

    test("let no more through when many come at once", async () => {
      await configure({ rateLimit: { header: HEADER, otp: 5 } });
      const answers = await Promise.all(Array.from({ length: 20 }, () => post("/signup", { email: "no", password: "no" }, { [HEADER]: "192.0.2.5" })));
      expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array<number>(5).fill(422), ...Array<number>(15).fill(429)]);
    });

    test("let nobody through who has seen some left that others were just taking", async () => {
      await configure({ rateLimit: { header: HEADER, otp: 5 } });
      const attempt = () => post("/signup", { email: "no", password: "no" }, { [HEADER]: "192.0.2.6" }).then(({ status, headers }) => [status, headers.get("retry-after")]);
      expect(await attempt()).toEqual([422, null]);
      const owner = await backend.ownerDatabase();
      const waiting = sql<{ pid: number }>`select distinct pid from pg_locks where not granted and pid in (select pid from pg_locks where database = (select oid from pg_database where datname = current_database()))`;
      const late = await owner.db.transaction().execute(async (others) => {
        await sql`update auth.rate_limits set tokens = 0, refilled_at = clock_timestamp()`.execute(others);
        const asked = [attempt(), attempt()];
        // The embedded database lets nobody in until this transaction ends.
        if (databases.kind === "native") await until(async () => (await waiting.execute(others)).rows.length === asked.length);
        return asked;
      }).finally(() => owner.release());
      expect(await Promise.all(late)).toEqual([[429, "60"], [429, "60"]]);
    });

    test("hold for the codes of one address, from wherever they are guessed", async () => {
      await configure({ rateLimit: { header: HEADER, verify: 3 } });
      let from = 0;
      const guess = async (email: string) => (await post("/verify", { type: "email", email, token: "000000" }, { [HEADER]: `198.51.100.${++from}` })).status;
      for (let i = 0; i < 3; i++) expect(await guess("guessed@example.com")).toBe(403);
      expect(await guess("Guessed@example.com")).toBe(429);
      expect(await guess("another@example.com")).toBe(403);
    });

    test("hold for anonymous users, by an allowance of their own", async () => {
      await configure({ rateLimit: { header: HEADER, anonymousUsers: 2 } });
      const from = (ip: string, body: object = {}) => post("/signup", body, { [HEADER]: ip });
      for (let i = 0; i < 2; i++) expect((await from("192.0.2.20")).status).toBe(200);
      const refused = await from("192.0.2.20");
      expect([refused.status, refused.headers.get("retry-after"), refused.body["error_code"]]).toEqual([429, "1800", "over_request_rate_limit"]);
      expect((await from("192.0.2.21")).status).toBe(200);
      expect((await from("192.0.2.20", { email: "no", password: "no" })).status).toBe(422);
    });

    test("don't hold for calls in process, whose address nobody knows", async () => {
      await configure({ rateLimit: { header: HEADER, otp: 1 } });
      for (let i = 0; i < 5; i++) expect((await post("/signup", { email: "no", password: "no" }, {}, fetchInProcess)).status).toBe(422);
    });
  });

  describe("captcha", () => {
    const withToken = (token?: string) => post("/signup", { email: `${randomUUID()}@example.com`, password: PASSWORD, ...(token === undefined ? {} : { gotrue_meta_security: { captcha_token: token } }) }, { [HEADER]: "192.0.2.30" });
    beforeAll(() => configure({ rateLimit: { header: HEADER }, security: { captcha: { enabled: true, provider: "turnstile", secret: " the secret ", url: loopback.url, timeout: 1 } } }));

    test("is asked for, and asked about", async () => {
      loopback.answer(({ body }) => ({ body: new URLSearchParams(body).get("response") === "good" ? { success: true } : { success: false, "error-codes": ["invalid-input-response"] } }));
      expect(await withToken()).toMatchObject({ status: 400, body: { error_code: "captcha_failed" } });
      expect(loopback.heard).toEqual([]);
      expect(await withToken("bad")).toMatchObject({ status: 400, body: { error_code: "captcha_failed", msg: "captcha protection: request disallowed (invalid-input-response)" } });
      expect(await withToken("good")).toMatchObject({ status: 200, body: { token_type: "bearer" } });
      expect(Object.fromEntries(new URLSearchParams(loopback.heard.at(-1)?.body))).toEqual({ secret: "the secret", response: "good", remoteip: "192.0.2.30" });
      expect((await signIn("nobody@example.com")).body).toMatchObject({ error_code: "captcha_failed" });
      for (const path of ["/recover", "/otp", "/magiclink", "/resend"]) expect([path, (await post(path, { type: "signup", email: "nobody@example.com" })).body["error_code"]]).toEqual([path, "captcha_failed"]);
    });

    test("lets nobody in where its provider can't be asked", async () => {
      for (const answer of ["never", { status: 502, body: "no" }, { body: { success: "yes" } }] as const) {
        loopback.answer(answer);
        expect(await withToken("good")).toMatchObject({ status: 500, body: { error_code: "unexpected_failure", msg: "captcha verification process failed" } });
      }
    });

    test("is not asked of administrators", async () => {
      loopback.answer({ status: 500 });
      const admin = createClient("http://backend", backend.serviceRoleKey, { global: { fetch: backend.fetch }, auth: { persistSession: false } });
      expect((await admin.auth.signUp({ email: `${randomUUID()}@example.com`, password: PASSWORD })).error).toBeNull();
    });
  });

  describe("passwords", () => {
    const setting = async (password: string) => (await post("/signup", { email: `${randomUUID()}@example.com`, password })).body;

    test("that are known from a breach are refused, of which five digits of a hash are told", async () => {
      const digest = createHash("sha1").update(PASSWORD).digest("hex").toUpperCase();
      await configure({ password: { hibp: { enabled: true, url: loopback.url } } });
      loopback.answer({ body: `${digest.slice(5)}:12\r\n0000000000000000000000000000000000F:0\r\n` });
      expect(await setting(PASSWORD)).toMatchObject({ error_code: "weak_password", weak_password: { reasons: ["pwned"] } });
      expect(loopback.heard.map(({ url, headers }) => [url, headers["add-padding"]])).toEqual([[`/range/${digest.slice(0, 5)}`, "true"]]);
      loopback.answer({ body: `${digest.slice(5)}:0\r\n` });
      expect(await setting(PASSWORD)).toHaveProperty("access_token");
      loopback.answer({ status: 503 });
      expect(await setting(PASSWORD)).toHaveProperty("access_token");
      await configure({ password: { hibp: { enabled: true, failClosed: true, url: loopback.url } } });
      expect(await setting(PASSWORD)).toMatchObject({ error_code: "unexpected_failure" });
    });

    test("have the length and characters that the project asks for, of Unicode's too", async () => {
      await configure({ password: { minLength: 8, requiredCharacters: "abc:XYZ:\\:\\\\" } });
      expect(await setting("ab")).toMatchObject({ weak_password: { reasons: ["length", "characters"] } });
      expect(await setting("aXaaaaaa")).toMatchObject({ weak_password: { reasons: ["characters"] } });
      expect(await setting("aX:aaaaa")).toHaveProperty("access_token");
      await configure({ password: { minLength: 8 } });
      expect(await setting("🐎🐎🐎🐎")).toMatchObject({ weak_password: { reasons: ["length"] } });
      expect(await setting("🐎".repeat(19))).toMatchObject({ error_code: "validation_failed", msg: "Password cannot be longer than 72 characters" });
      expect(await setting("🐎".repeat(18))).toHaveProperty("access_token");
    });
  });

  describe("hooks", () => {
    const functionHook = (name: string) => ({ enabled: true, uri: `pg-functions://postgres/hooks/${name}` });
    const httpHook = () => ({ enabled: true, uri: `${loopback.url}/hook`, secrets: [SECRET] });

    test("a function changes the claims of tokens, and can't take away what a token needs", async () => {
      await configure({ hook: { customAccessToken: functionHook("claims") } });
      const { email, body } = await signUp();
      expect(claimsOf(body["access_token"])).toMatchObject({ shop: 7, told: "password", role: "authenticated" });
      expect(claimsOf((await refresh(body["refresh_token"])).body["access_token"])).toMatchObject({ shop: 7, told: "token_refresh" });
      await configure({ hook: { customAccessToken: functionHook("broken_claims") } });
      expect(await signIn(email)).toMatchObject({ status: 500, body: { msg: expect.stringContaining("output claims do not conform to the expected schema: \n- role") as string } });
    });

    test("what a function raises is for the log, what it refuses for the caller; neither leaves a user", async () => {
      await configure({ hook: { beforeUserCreated: functionHook("refuse") } });
      const refused = await signUp();
      expect(refused).toMatchObject({ status: 403, body: { msg: "Only employees" } });
      await configure({ hook: { beforeUserCreated: functionHook("raise") } });
      const raised = await signUp();
      expect(raised).toMatchObject({ status: 500, body: { code: 500, error_code: "unexpected_failure", msg: "Error running hook URI: pg-functions://postgres/hooks/raise" } });
      expect(Object.keys(raised.body)).toEqual(["code", "error_code", "msg"]);
      expect(inspect(failures.at(-1))).toContain("a word for the log");
      await configure({ hook: { beforeUserCreated: functionHook("missing") } });
      expect(Object.keys((await signUp()).body)).toEqual(["code", "error_code", "msg"]);
      expect(inspect(failures.at(-1))).toMatch(/function hooks\.missing\(jsonb\) does not exist.*supabase_auth_admin/s);
      expect(await backend.sql(`select 1 from auth.users where email in ('${refused.email}', '${raised.email}')`)).toEqual([]);
    });

    test("of passwords count wrong ones, and refuse a right one", async () => {
      await configure({ hook: { passwordVerificationAttempt: functionHook("attempt") } });
      const { email, body } = await signUp();
      for (let i = 0; i < 2; i++) expect((await signIn(email, "wrong")).body).toMatchObject({ error_code: "invalid_credentials", msg: "Invalid login credentials" });
      expect((await signIn(email)).status).toBe(200);
      expect((await signIn(email, "wrong")).body).toMatchObject({ error_code: "invalid_credentials", msg: "Too many wrong passwords" });
      expect((await signIn(email)).body).toMatchObject({ error_code: "invalid_credentials", msg: "Too many wrong passwords" });
      expect((await refresh(body["refresh_token"])).body).toMatchObject({ error_code: "session_not_found" });
    });

    test("over HTTP are signed, and told who and what", async () => {
      await configure({ hook: { beforeUserCreated: httpHook(), customAccessToken: httpHook() } });
      loopback.answer(({ body }) => {
        const { claims } = JSON.parse(body) as { claims?: object };
        return { body: claims === undefined ? {} : { claims: { ...claims, shop: 9 } } };
      });
      const { email, body } = await signUp();
      expect(claimsOf(body["access_token"])).toMatchObject({ shop: 9 });
      const told = loopback.heard.map((request) => new Webhook(SECRET.slice(3)).verify(request.body, request.headers as Record<string, string>) as Record<string, unknown>);
      expect(told).toMatchObject([
        { metadata: { name: "before-user-created", uuid: expect.any(String) as string }, user: { email, app_metadata: { provider: "email" } } },
        { metadata: { name: "customize-access-token" }, user_id: (body["user"] as { id: string }).id, authentication_method: "password", claims: { email } },
      ]);
    });

    test("over HTTP: what goes wrong has GoTrue's codes, and nobody is signed up", async () => {
      await configure({ hook: { beforeUserCreated: httpHook() } });
      const answers = [
        [{ body: { error: { http_code: 418, message: "No tea" } } }, 418, "hook_rejected", "No tea"],
        [{ body: { error: { message: "Whatever" } } }, 500, "unexpected_failure", "Whatever"],
        [{ body: { error: { http_code: 200, message: "Fine?" } } }, 500, "unexpected_failure", "Fine?"],
        [{ status: 400 }, 500, "unexpected_failure", "Invalid payload sent to hook"],
        [{ status: 401 }, 500, "unexpected_failure", "Hook requires authorization token"],
        [{ status: 404 }, 500, "unexpected_failure", "Unexpected status code returned from hook: 404"],
        [{ status: 302, headers: { location: "/elsewhere" } }, 500, "unexpected_failure", "Unexpected status code returned from hook: 302"],
        [{ body: "[]", headers: { "content-type": "application/json" } }, 500, "unexpected_failure", "Error unmarshaling JSON output."],
        [{ body: "{}", headers: { "content-type": "text/html" } }, 400, "hook_payload_invalid_content_type", "Invalid JSON response. Received content-type: text/html"],
        [{ body: { much: "x".repeat(210_000) } }, 422, "hook_payload_over_size_limit", "Payload size exceeded size limit of 204800 bytes"],
      ] as const;
      for (const [answer, status, code, msg] of answers) {
        loopback.answer(answer);
        const { email, ...refused } = await signUp();
        expect({ answer, ...refused }).toMatchObject({ status, body: { error_code: code, msg } });
        expect(await backend.sql(`select 1 from auth.users where email = '${email}'`)).toEqual([]);
      }
    });

    test("over HTTP are asked again where they ask for it", async () => {
      await configure({ hook: { beforeUserCreated: httpHook() } });
      let times = 0;
      loopback.answer(() => (++times < 3 ? { status: 503, headers: { "retry-after": "0" } } : { status: 204 }));
      expect((await signUp()).status).toBe(200);
      expect(times).toBe(3);
      loopback.answer({ status: 429, headers: { "retry-after": "0" } });
      expect(await signUp()).toMatchObject({ status: 500, body: { msg: "Service currently unavailable due to hook" } });
      expect(loopback.heard).toHaveLength(3);
      loopback.answer({ status: 503 });
      expect((await signUp()).status).toBe(500);
      expect(loopback.heard).toHaveLength(1);
    });
  });

  describe("sessions", () => {
    const longAgo = (seconds: number) => backend.sql(`update auth.sessions set created_at = created_at - interval '${seconds} seconds', refreshed_at = coalesce(refreshed_at, created_at at time zone 'utc') - interval '${seconds} seconds'`);
    const message = async (token: unknown) => (await refresh(token)).body["msg"] ?? "refreshed";

    test("go on with the tokens alone that this server has made", async () => {
      await configure({});
      const { body } = await signUp();
      const { body: other } = await signUp();
      const id = String(claimsOf(other["access_token"])["session_id"]).replaceAll("-", "");
      const token = Buffer.from(String(body["refresh_token"]), "base64url");
      const forged = [
        Buffer.concat([token.subarray(0, 1), Buffer.from(id, "hex"), token.subarray(17)]),
        Buffer.concat([token.subarray(0, 20), Buffer.from([1]), token.subarray(21)]),
        Buffer.concat([Buffer.from([2]), token.subarray(1)]),
        Buffer.concat([token.subarray(0, -1), Buffer.from([token.at(-1)! ^ 1])]),
        token.subarray(0, -1),
      ];
      for (const each of forged) expect(await refresh(each.toString("base64url"))).toMatchObject({ status: 400, body: { error_code: "refresh_token_not_found" } });
      for (const { refresh_token: own } of [body, other]) expect(await message(own)).toBe("refreshed");
    });

    test("end after a time, or where they are not used", async () => {
      await configure({ sessions: { timebox: 100 } });
      const boxed = (await signUp()).body["refresh_token"];
      await longAgo(99);
      const { body } = await refresh(boxed);
      expect(body).toHaveProperty("refresh_token");
      await backend.sql("update auth.sessions set created_at = created_at - interval '2 seconds'");
      expect(await message(body["refresh_token"])).toBe("Invalid Refresh Token: Session Expired");

      await configure({ sessions: { inactivityTimeout: 100 } });
      const idle = (await signUp()).body["refresh_token"];
      await longAgo(90);
      const next = (await refresh(idle)).body["refresh_token"];
      await longAgo(90);
      expect(await message(next)).toBe("refreshed");
      await longAgo(101);
      expect(await message(next)).toBe("Invalid Refresh Token: Session Expired (Inactivity)");
    });

    test("of a user with a second factor end without it", async () => {
      await configure({ sessions: { allowLowAal: 100 }, jwt: { exp: 3600 } });
      const { email, body } = await signUp();
      const user = body["user"] as { id: string };
      await backend.sql(`insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at, secret) values (gen_random_uuid(), '${user.id}', 'a', 'totp', 'verified', now(), now(), 'x')`);
      const low = (await signIn(email)).body;
      const { exp, iat } = claimsOf(low["access_token"]) as { exp: number; iat: number };
      expect(exp - iat).toBeLessThanOrEqual(100);
      await longAgo(101);
      expect(await message(low["refresh_token"])).toContain("Low AAL");
    });

    test("are one for each user, where the project wants that", async () => {
      await configure({ sessions: { singlePerUser: true } });
      const { email, body } = await signUp();
      const second = (await signIn(email)).body;
      expect(await message(body["refresh_token"])).toBe("Invalid Refresh Token: Session Expired (Revoked by Newer Login)");
      expect(await message(second["refresh_token"])).toBe("refreshed");
    });
  });
});
