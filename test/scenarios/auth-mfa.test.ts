import { setTimeout } from "node:timers/promises";
import { createClient, type Session, type SupabaseClient } from "@supabase/supabase-js";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { Secret, TOTP } from "otpauth";
import type { Logger } from "plinth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAtDoor } from "./support/open-backend.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

const PASSWORD = "correct horse battery";
const UNKNOWN = "7b0c5c3e-6a4f-4d3c-8a55-0f6f0b1f7a11";

/** Refuses further attempts of whoever is called so, and counts those of all. */
const HOOK = `
  create table attempts (factor_type text, valid boolean, user_id uuid);
  grant insert on attempts to supabase_auth_admin;
  create function count_attempt(event jsonb) returns jsonb language plpgsql as $$ begin
    insert into attempts values (event ->> 'factor_type', (event ->> 'valid')::boolean, (event ->> 'user_id')::uuid);
    if exists (select from auth.users where id = (event ->> 'user_id')::uuid and email like 'rejected@%') then
      return '{"decision": "reject", "message": "Too many attempts"}';
    end if;
    return '{"decision": "continue"}';
  end $$;
  grant execute on function count_attempt to supabase_auth_admin;`;

interface Line {
  readonly to?: string;
  readonly code?: string;
  readonly subject?: string;
}

function collecting(): { readonly lines: Line[]; readonly logger: Logger } {
  const lines: Line[] = [];
  const note = (fields: object): void => void lines.push(fields as Line);
  const logger: Logger = { debug: note, info: note, warn: note, error: note, child: () => logger };
  return { lines, logger };
}

describeDatabases("second factors", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  const { lines, logger } = collecting();
  beforeAll(async () => {
    ({ backend, close } = await openAtDoor(databases, {
      sql: HOOK,
      logger,
      auth: {
        siteUrl: "https://app.example.com",
        password: { cost: 4 },
        mailer: { autoconfirm: true, notifications: { mfaFactorEnrolled: true, mfaFactorUnenrolled: true } },
        sms: { provider: "log" },
        external: { anonymousUsers: { enabled: true } },
        mfa: { maxEnrolledFactors: 4, maxVerifiedFactors: 2, phone: { enrollEnabled: true, verifyEnabled: true } },
        rateLimit: { header: "x-forwarded-for" },
        hook: { mfaVerificationAttempt: { enabled: true, uri: "pg-functions://postgres/public/count_attempt" } },
      },
    }));
  });
  afterAll(() => close());

  const clientOf = (key: string, headers: Record<string, string> = {}): SupabaseClient => createClient("http://backend", key, { global: { fetch: backend.fetch, headers }, auth: { persistSession: false, autoRefreshToken: false } });
  const client = (headers?: Record<string, string>): SupabaseClient => clientOf(backend.anonKey, headers);
  const signUp = async (email: string, headers?: Record<string, string>) => {
    const own = client(headers);
    const { data, error } = await own.auth.signUp({ email, password: PASSWORD });
    expect(error).toBeNull();
    return { own, user: data.user!, session: data.session! };
  };
  const signIn = async (email: string) => {
    const own = client();
    const { data, error } = await own.auth.signInWithPassword({ email, password: PASSWORD });
    expect(error).toBeNull();
    return { own, session: data.session! };
  };
  const enroll = async ({ auth }: SupabaseClient, friendlyName = "phone") => {
    const { data, error } = await auth.mfa.enroll({ factorType: "totp", friendlyName });
    expect(error).toBeNull();
    return data!;
  };
  /** @param ahead in steps of thirty seconds */
  const codeOf = (factor: { totp: { secret: string } }, ahead = 0): string => new TOTP({ secret: Secret.fromBase32(factor.totp.secret) }).generate({ timestamp: Date.now() + ahead * 30_000 });
  const enrollVerified = async (own: SupabaseClient, friendlyName = "phone") => {
    const factor = await enroll(own, friendlyName);
    const { data, error } = await own.auth.mfa.challengeAndVerify({ factorId: factor.id, code: codeOf(factor) });
    expect(error).toBeNull();
    return { factor, session: data as unknown as Session };
  };
  const claimsOf = ({ access_token: token }: Pick<Session, "access_token">) => JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as Record<string, unknown> & { amr: Array<{ method: string }> };
  const call = (method: string, path: string, token: string, body?: unknown, headers: Record<string, string> = {}) =>
    backend.fetch(`http://backend/auth/v1${path}`, { method, headers: { apikey: backend.anonKey, authorization: `Bearer ${token}`, "content-type": "application/json", ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const refresh = (token: string) => client().auth.refreshSession({ refresh_token: token });
  const forget = (factorId: string) => backend.sql(`update auth.mfa_challenges set otp_code = null where factor_id = '${factorId}'`);

  describe("TOTP", () => {
    test("is enrolled with a secret, an URI and a picture, and kept sealed", async () => {
      const { own, user } = await signUp("enrolls@example.com");
      const { data } = await own.auth.mfa.enroll({ factorType: "totp", friendlyName: "My phone" });
      expect(data).toEqual({ id: expect.any(String), type: "totp", friendly_name: "My phone", totp: { qr_code: expect.any(String), secret: expect.stringMatching(/^[A-Z2-7]{32}$/), uri: expect.any(String) } });
      const { secret, uri, qr_code: picture } = data!.totp;
      const parsed = new URL(uri);
      expect(parsed.protocol + parsed.host + decodeURIComponent(parsed.pathname)).toBe("otpauth:totp/app.example.com:enrolls@example.com");
      expect(Object.fromEntries(parsed.searchParams)).toEqual({ issuer: "app.example.com", secret, algorithm: "SHA1", digits: "6", period: "30" });
      expect(picture).toMatch(/^data:image\/svg\+xml;utf-8,<svg /);
      // A "#" would end the data: URI.
      expect(picture).not.toContain("#");
      const [row] = await backend.sql<{ secret: string; status: string }>(`select secret, status from auth.mfa_factors where user_id = '${user.id}'`);
      expect(row).toEqual({ status: "unverified", secret: expect.stringMatching(/^sealed1\./) });
    });

    test("takes the issuer that is asked for", async () => {
      const { own } = await signUp("issuer@example.com");
      const { data } = await own.auth.mfa.enroll({ factorType: "totp", issuer: "Acme & Söhne" });
      expect(new URL(data!.totp.uri).searchParams.get("issuer")).toBe("Acme & Söhne");
      expect(data!.friendly_name).toBe("");
    });

    test("is challenged and verified, which raises the session", async () => {
      const { own, user, session } = await signUp("raises@example.com");
      expect((await own.auth.mfa.getAuthenticatorAssuranceLevel()).data).toMatchObject({ currentLevel: "aal1", nextLevel: "aal1" });
      const factor = await enroll(own);
      const challenge = await own.auth.mfa.challenge({ factorId: factor.id });
      expect(challenge.data).toEqual({ id: expect.any(String), type: "totp", expires_at: expect.any(Number) });
      expect(challenge.data!.expires_at - Date.now() / 1_000).toBeCloseTo(300, -1);
      const { data, error } = await own.auth.mfa.verify({ factorId: factor.id, challengeId: challenge.data!.id, code: codeOf(factor) });
      expect(error).toBeNull();
      expect(data).toMatchObject({ token_type: "bearer", expires_in: 3600, user: { id: user.id, factors: [{ id: factor.id, status: "verified", factor_type: "totp", friendly_name: "phone" }] } });
      expect(claimsOf(data!)).toMatchObject({ aal: "aal2", session_id: claimsOf(session)["session_id"], amr: [{ method: "totp" }, { method: "password" }] });
      expect((await own.auth.mfa.getAuthenticatorAssuranceLevel()).data).toMatchObject({ currentLevel: "aal2", nextLevel: "aal2", currentAuthenticationMethods: [{ method: "totp" }, { method: "password" }] });
      expect((await own.auth.mfa.listFactors()).data).toMatchObject({ totp: [{ id: factor.id }], phone: [], all: [{ id: factor.id }] });
      const [row] = await backend.sql(`select aal, factor_id from auth.sessions where user_id = '${user.id}'`);
      expect(row).toEqual({ aal: "aal2", factor_id: factor.id });
      // It lasts: the next token is aal2 as well.
      const next = await refresh(data!.refresh_token);
      expect(claimsOf(next.data.session!)["aal"]).toBe("aal2");
    });

    test("is asked for at the next sign-in", async () => {
      const { own } = await signUp("again@example.com");
      const { factor } = await enrollVerified(own);
      const { own: later } = await signIn("again@example.com");
      expect((await later.auth.mfa.getAuthenticatorAssuranceLevel()).data).toMatchObject({ currentLevel: "aal1", nextLevel: "aal2" });
      // Until then, what one signs in with stays: the password alone would change it otherwise.
      for (const change of [{ password: "another battery staple" }, { email: "taken@example.com" }, { phone: "15550166" }]) expect((await later.auth.updateUser(change)).error).toMatchObject({ code: "insufficient_aal", status: 401 });
      expect((await later.auth.updateUser({ data: { theme: "dark" } })).error).toBeNull();
      const { error } = await later.auth.mfa.challengeAndVerify({ factorId: factor.id, code: codeOf(factor, 1) });
      expect(error).toBeNull();
      expect((await later.auth.mfa.getAuthenticatorAssuranceLevel()).data).toMatchObject({ currentLevel: "aal2" });
      expect((await later.auth.updateUser({ password: "another battery staple" })).error).toBeNull();
    });

    test("ends the user's sessions without it, and drops what was not finished", async () => {
      const { own: bystander } = await signUp("bystander@example.com");
      const { own, user } = await signUp("ends@example.com");
      const { own: other, session: low } = await signIn("ends@example.com");
      const unfinished = await enroll(own, "unfinished");
      await own.auth.mfa.enroll({ factorType: "phone", phone: "+15550100", friendlyName: "number" });
      await enrollVerified(own);
      expect((await refresh(low.refresh_token)).error).toMatchObject({ name: "AuthSessionMissingError" });
      expect((await other.auth.getUser()).error).toMatchObject({ name: "AuthSessionMissingError" });
      expect((await bystander.auth.getUser()).error).toBeNull();
      const { data } = await own.auth.mfa.listFactors();
      expect(data!.all.map(({ friendly_name: name }) => name).sort()).toEqual(["number", "phone"]);
      expect(data!.all.some(({ id }) => id === unfinished.id)).toBe(false);
      expect(await backend.sql(`select aal from auth.sessions where user_id = '${user.id}'`)).toEqual([{ aal: "aal2" }]);
    });

    test("leaves no way from a refresh token of before to aal2", async () => {
      const { own, session } = await signUp("before@example.com");
      const first = (await refresh(session.refresh_token)).data.session!;
      await own.auth.setSession(first);
      const { session: raised } = await enrollVerified(own);
      const { error } = await refresh(first.refresh_token);
      expect(error).toMatchObject({ code: "refresh_token_already_used", status: 400 });
      // Two hold what is one's: the session has ended.
      expect((await refresh(raised.refresh_token)).error).toMatchObject({ name: "AuthSessionMissingError" });
    });

    test("refuses a wrong code, after which the challenge may be tried again", async () => {
      const { own } = await signUp("wrong@example.com");
      const factor = await enroll(own);
      const challenge = (await own.auth.mfa.challenge({ factorId: factor.id })).data!;
      const verify = (code: string) => own.auth.mfa.verify({ factorId: factor.id, challengeId: challenge.id, code });
      for (const code of ["000000", "12345", "abcdef", "１２３４５６"]) expect((await verify(code)).error).toMatchObject({ code: "mfa_verification_failed", status: 422, message: "Invalid TOTP code entered" });
      expect((await verify(codeOf(factor))).error).toBeNull();
    });

    test("refuses codes of two steps ago and two ahead", async () => {
      const { own } = await signUp("skew@example.com");
      const factor = await enroll(own);
      for (const ahead of [-2.5, 2.5]) expect((await own.auth.mfa.challengeAndVerify({ factorId: factor.id, code: codeOf(factor, ahead) })).error).toMatchObject({ code: "mfa_verification_failed" });
    });

    test("takes a code once, and none from before it", async () => {
      const { own } = await signUp("replay@example.com");
      const factor = await enroll(own);
      const code = codeOf(factor, 1);
      expect((await own.auth.mfa.challengeAndVerify({ factorId: factor.id, code })).error).toBeNull();
      const replayed = await own.auth.mfa.challengeAndVerify({ factorId: factor.id, code });
      expect(replayed.error).toMatchObject({ code: "mfa_verification_failed" });
      expect((await own.auth.mfa.challengeAndVerify({ factorId: factor.id, code: codeOf(factor) })).error).toMatchObject({ code: "mfa_verification_failed" });
      await forget(factor.id);
      expect((await own.auth.mfa.challengeAndVerify({ factorId: factor.id, code: codeOf(factor) })).error).toBeNull();
    });

    test("takes a code once of five that arrive together", async () => {
      const { own, session } = await signUp("race@example.com");
      const factor = await enroll(own);
      const code = codeOf(factor);
      const challenges = await Promise.all(Array.from({ length: 5 }, () => own.auth.mfa.challenge({ factorId: factor.id })));
      const answers = await Promise.all(challenges.map(({ data }) => call("POST", `/factors/${factor.id}/verify`, session.access_token, { challenge_id: data!.id, code })));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422, 422, 422]);
    });

    test("takes a challenge once", async () => {
      const { own } = await signUp("challenge-once@example.com");
      const factor = await enroll(own);
      const challenge = (await own.auth.mfa.challenge({ factorId: factor.id })).data!;
      expect((await own.auth.mfa.verify({ factorId: factor.id, challengeId: challenge.id, code: codeOf(factor) })).error).toBeNull();
      expect((await own.auth.mfa.verify({ factorId: factor.id, challengeId: challenge.id, code: codeOf(factor, 1) })).error).toMatchObject({ code: "mfa_ip_address_mismatch", status: 422 });
    });

    test("refuses an expired challenge", async () => {
      const { own } = await signUp("expired@example.com");
      const factor = await enroll(own);
      const challenge = (await own.auth.mfa.challenge({ factorId: factor.id })).data!;
      await backend.sql(`update auth.mfa_challenges set created_at = now() - interval '301 seconds' where id = '${challenge.id}'`);
      const { error } = await own.auth.mfa.verify({ factorId: factor.id, challengeId: challenge.id, code: codeOf(factor) });
      expect(error).toMatchObject({ code: "mfa_challenge_expired", status: 422, message: `MFA challenge ${challenge.id} has expired, verify against another challenge or create a new challenge.` });
    });

    test("is verified from where it was challenged", async () => {
      const { own, session } = await signUp("moves@example.com", { "x-forwarded-for": "192.0.2.1" });
      const factor = await enroll(own);
      const challenge = (await own.auth.mfa.challenge({ factorId: factor.id })).data!;
      const verify = (ip: string) => call("POST", `/factors/${factor.id}/verify`, session.access_token, { challenge_id: challenge.id, code: codeOf(factor) }, { "x-forwarded-for": ip });
      const moved = await verify("192.0.2.2");
      expect([moved.status, await moved.json()]).toEqual([422, { code: 422, error_code: "mfa_ip_address_mismatch", msg: "Challenge and verify IP addresses mismatch." }]);
      expect((await verify("::ffff:192.0.2.1")).status).toBe(200);
    });
  });

  describe("whose it is", () => {
    test("another user's factor isn't there", async () => {
      const [ann, ben] = [await signUp("ann@example.com"), await signUp("ben@example.com")];
      const factor = await enroll(ann.own);
      const challenge = (await ann.own.auth.mfa.challenge({ factorId: factor.id })).data!;
      const notFound = { code: "mfa_factor_not_found", status: 404, message: "Factor not found" };
      expect((await ben.own.auth.mfa.challenge({ factorId: factor.id })).error).toMatchObject(notFound);
      expect((await ben.own.auth.mfa.verify({ factorId: factor.id, challengeId: challenge.id, code: codeOf(factor) })).error).toMatchObject(notFound);
      expect((await ben.own.auth.mfa.unenroll({ factorId: factor.id })).error).toMatchObject(notFound);
      expect((await ben.own.auth.mfa.listFactors()).data!.all).toEqual([]);
      // Nor does a challenge of hers open a factor of his.
      const own = await enroll(ben.own);
      expect((await ben.own.auth.mfa.verify({ factorId: own.id, challengeId: challenge.id, code: codeOf(own) })).error).toMatchObject({ code: "mfa_factor_not_found", status: 422 });
    });

    test("another project's token reaches none", async () => {
      const { own, session } = await signUp("project@example.com");
      const factor = await enroll(own);
      const other = await backend.projects.create({ ref: "other", settings: { auth: { sms: { provider: "webhook", webhook: { url: "http://127.0.0.1:1/" } } } } });
      const foreign = clientOf(other.anonKey);
      const { data } = await foreign.auth.signUp({ email: "project@example.com", password: PASSWORD });
      // Its messages can't be sent: what was not sent doesn't keep anybody waiting.
      const number = (await foreign.auth.mfa.enroll({ factorType: "phone", phone: "+15550160", friendlyName: "number" })).data!;
      for (let times = 0; times < 2; times++) expect((await foreign.auth.mfa.challenge({ factorId: number.id, channel: "sms" })).error).toMatchObject({ code: "sms_send_failed", status: 422 });
      expect(data.session).not.toBeNull();
      expect((await foreign.auth.mfa.challenge({ factorId: factor.id })).error).toMatchObject({ code: "mfa_factor_not_found" });
      const crossed = await call("POST", `/factors/${factor.id}/challenge`, session.access_token, {}, { apikey: other.anonKey });
      expect(crossed.status).toBe(403);
    });

    test("anonymous users and visitors have none", async () => {
      const own = client();
      const { data } = await own.auth.signInAnonymously();
      expect((await own.auth.mfa.enroll({ factorType: "totp" })).error).toMatchObject({ status: 403, code: "no_authorization" });
      expect((await call("DELETE", `/factors/${UNKNOWN}`, data.session!.access_token)).status).toBe(403);
      expect((await call("POST", "/factors", backend.anonKey, { factor_type: "totp" })).status).toBe(403);
      // A token that was signed elsewhere with the project's secret has no session to raise.
      const { user } = await signUp("elsewhere@example.com");
      expect((await call("POST", "/factors", backend.tokenFor({ sub: user.id }), { factor_type: "totp" })).status).toBe(403);
    });
  });

  describe("bad input", () => {
    test.each([
      [{}, 400, "validation_failed", "factor_type needs to be totp, phone, or webauthn"],
      [{ factor_type: "toString" }, 400, "validation_failed", "factor_type needs to be totp, phone, or webauthn"],
      [{ factor_type: "webauthn" }, 422, "mfa_webauthn_enroll_not_enabled", "MFA enroll is disabled for WebAuthn"],
      [{ factor_type: "phone" }, 400, "validation_failed", "Phone number required to enroll Phone factor"],
      [{ factor_type: "phone", phone: "12" + "3".repeat(20) }, 400, "validation_failed", "Invalid phone number format (E.164 required)"],
      [{ factor_type: "totp", friendly_name: 5 }, 400, "bad_json", expect.any(String)],
      [{ factor_type: "totp", friendly_name: "x".repeat(256) }, 400, "validation_failed", "friendly_name must be 255 characters or less"],
      [{ factor_type: "totp", friendly_name: "\0" }, 400, "validation_failed", expect.any(String)],
      [{ factor_type: "totp", issuer: "ａ".repeat(255) }, 400, "validation_failed", "Error generating QR Code: the issuer's name is too long"],
    ])("enrolling with %j", async (body, status, code, msg) => {
      const { session } = await (bad ??= signUp("bad@example.com"));
      const response = await call("POST", "/factors", session.access_token, body);
      expect([response.status, await response.json()]).toEqual([status, expect.objectContaining({ error_code: code, msg })]);
    });
    let bad: ReturnType<typeof signUp> | undefined;

    test("verifying with something else", async () => {
      const { own, session } = await (bad ??= signUp("bad@example.com"));
      const factor = await enroll(own);
      const verify = async (id: string, body: unknown) => {
        const response = await call("POST", `/factors/${id}/verify`, session.access_token, body);
        return [response.status, ((await response.json()) as { error_code: string }).error_code];
      };
      expect(await verify("none", { code: "123456" })).toEqual([404, "validation_failed"]);
      expect(await verify(UNKNOWN, { code: "123456" })).toEqual([404, "mfa_factor_not_found"]);
      expect(await verify(factor.id, {})).toEqual([400, "validation_failed"]);
      expect(await verify(factor.id, { code: "123456" })).toEqual([422, "mfa_factor_not_found"]);
      expect(await verify(factor.id, { code: "123456", challenge_id: UNKNOWN })).toEqual([422, "mfa_factor_not_found"]);
      expect(await verify(factor.id, { code: "123456", challenge_id: "none" })).toEqual([400, "validation_failed"]);
      expect(await verify(factor.id, { code: 123456, challenge_id: UNKNOWN })).toEqual([400, "bad_json"]);
    });
  });

  describe("rules", () => {
    test("names are taken once", async () => {
      const { own } = await signUp("names@example.com");
      await enroll(own, "work");
      const { error } = await own.auth.mfa.enroll({ factorType: "totp", friendlyName: "work" });
      expect(error).toMatchObject({ code: "mfa_factor_name_conflict", status: 422, message: 'A factor with the friendly name "work" for this user already exists' });
    });

    test("a second factor is added by whoever has shown the first", async () => {
      const { own } = await signUp("second@example.com");
      await enrollVerified(own);
      const { own: low } = await signIn("second@example.com");
      const { error } = await low.auth.mfa.enroll({ factorType: "totp", friendlyName: "mine" });
      expect(error).toMatchObject({ code: "insufficient_aal", status: 403, message: "AAL2 required to enroll a new factor" });
      await enrollVerified(own, "tablet");
      const third = await own.auth.mfa.enroll({ factorType: "totp", friendlyName: "third" });
      expect(third.error).toMatchObject({ code: "too_many_enrolled_mfa_factors", status: 422 });
    });

    test("only so many are begun, in parallel too; those left lying make room", async () => {
      const { own, user, session } = await signUp("many@example.com");
      const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => call("POST", "/factors", session.access_token, { factor_type: "totp", friendly_name: `factor ${index}` })));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 422, 422, 422, 422]);
      await backend.sql(`update auth.mfa_factors set created_at = now() - interval '301 seconds' where user_id = '${user.id}'`);
      await enroll(own, "later");
      expect((await own.auth.mfa.listFactors()).data!.all).toHaveLength(1);

      // The embedded database has one transaction at a time.
      if (databases.kind === "embedded") return;
      for (const name of ["b", "c"]) await enroll(own, name);
      // Whoever doesn't wait for the user counts three, and is then kept from adding a factor until all have counted.
      const held = backend.sql(`do $$ begin perform from auth.users where id = '${user.id}' for update; perform pg_sleep(0.5); end $$`);
      await setTimeout(100);
      const last = await Promise.all(["x", "y", "z"].map((name) => call("POST", "/factors", session.access_token, { factor_type: "totp", friendly_name: name })));
      await held;
      expect(last.map(({ status }) => status).sort()).toEqual([200, 422, 422]);
    });

    test("a verified one is taken off in aal2 alone, and the sessions that it raised go down", async () => {
      const { own, user } = await signUp("off@example.com");
      const { factor, session: raised } = await enrollVerified(own);
      const { own: low } = await signIn("off@example.com");
      expect((await low.auth.mfa.unenroll({ factorId: factor.id })).error).toMatchObject({ code: "insufficient_aal", status: 422, message: "AAL2 required to unenroll verified factor" });
      expect((await own.auth.mfa.unenroll({ factorId: factor.id })).data).toEqual({ id: factor.id });
      expect(await backend.sql(`select aal, factor_id from auth.sessions where user_id = '${user.id}'`)).toEqual([{ aal: "aal1", factor_id: null }, { aal: "aal1", factor_id: null }]);
      const { data } = await refresh(raised.refresh_token);
      expect(claimsOf(data.session!)).toMatchObject({ aal: "aal1", amr: [{ method: "password" }] });
      // And nothing is left that one could show.
      expect((await own.auth.mfa.challenge({ factorId: factor.id })).error).toMatchObject({ code: "mfa_factor_not_found" });
    });

    test("a session that has shown two keeps aal2 by the other one", async () => {
      const { own, user } = await signUp("two@example.com");
      const { factor } = await enrollVerified(own);
      const number = (await own.auth.mfa.enroll({ factorType: "phone", phone: "+15550111", friendlyName: "number" })).data!;
      const challenge = (await own.auth.mfa.challenge({ factorId: number.id, channel: "sms" })).data!;
      await own.auth.mfa.verify({ factorId: number.id, challengeId: challenge.id, code: lines.findLast(({ to }) => to === "15550111")!.code! });
      await own.auth.mfa.unenroll({ factorId: number.id });
      expect(await backend.sql(`select aal from auth.sessions where user_id = '${user.id}'`)).toEqual([{ aal: "aal2" }]);
      await own.auth.mfa.unenroll({ factorId: factor.id });
      expect(await backend.sql(`select aal from auth.sessions where user_id = '${user.id}'`)).toEqual([{ aal: "aal1" }]);
    });

    test("an unverified one is taken off in any session", async () => {
      const { own } = await signUp("off-unverified@example.com");
      const factor = await enroll(own);
      expect((await own.auth.mfa.unenroll({ factorId: factor.id })).error).toBeNull();
      expect((await own.auth.mfa.listFactors()).data!.all).toEqual([]);
    });

    test("guessing is limited by address", async () => {
      const headers = { "x-forwarded-for": "192.0.2.77" };
      const { own, session } = await signUp("guessed@example.com", headers);
      const factor = await enroll(own);
      const challenge = (await own.auth.mfa.challenge({ factorId: factor.id })).data!;
      const guess = (ip: string) => call("POST", `/factors/${factor.id}/verify`, session.access_token, { challenge_id: challenge.id, code: "000000" }, { "x-forwarded-for": ip });
      // An allowance is refilled by one in four seconds meanwhile.
      const untilLimited = async (ip: string) => {
        for (let guesses = 0; ; guesses++) {
          const response = await guess(ip);
          if (response.status !== 422) return { guesses, response };
        }
      };
      const { guesses, response } = await untilLimited("192.0.2.77");
      expect(guesses).toBeGreaterThanOrEqual(15);
      expect([response.status, response.headers.get("retry-after"), ((await response.json()) as { error_code: string }).error_code]).toEqual([429, expect.stringMatching(/^[1-4]$/), "over_request_rate_limit"]);
      // Nor does another address help.
      const elsewhere = await untilLimited("192.0.2.78");
      expect(elsewhere.response.status).toBe(429);
      expect(elsewhere.guesses).toBeLessThan(10);
    });

    test("a hook hears of every attempt, and may refuse all", async () => {
      const { own, user, session } = await signUp("rejected@example.com");
      const factor = await enroll(own);
      const { error } = await own.auth.mfa.challengeAndVerify({ factorId: factor.id, code: codeOf(factor) });
      expect(error).toMatchObject({ code: "mfa_verification_rejected", status: 403, message: "Too many attempts" });
      expect((await refresh(session.refresh_token)).error).toMatchObject({ name: "AuthSessionMissingError" });
      expect(await backend.sql(`select factor_type, valid from attempts where user_id = '${user.id}'`)).toEqual([{ factor_type: "totp", valid: true }]);
    });

    test("what was done is noted, and told by mail", async () => {
      const { own, user } = await signUp("noted@example.com");
      const { factor } = await enrollVerified(own);
      await own.auth.mfa.unenroll({ factorId: factor.id });
      expect(lines.filter(({ to }) => to === "noted@example.com").map(({ subject }) => subject)).toEqual(["A second factor was added", "A second factor was removed"]);
      const entries = await backend.sql<{ action: string }>(`select payload ->> 'action' as action from auth.audit_log_entries where payload ->> 'actor_id' = '${user.id}' and payload ->> 'log_type' = 'factor' order by created_at`);
      expect(entries.map(({ action }) => action)).toEqual(["factor_in_progress", "challenge_created", "verification_attempted", "factor_unenrolled"]);
    });
  });

  describe("phone", () => {
    const enrollPhone = async (own: SupabaseClient, phone: string) => (await own.auth.mfa.enroll({ factorType: "phone", phone, friendlyName: `number ${phone}` })).data!;
    const sentTo = (phone: string): string => lines.findLast(({ to }) => to === phone)!.code!;

    test("one that was begun before another was verified is verified in aal2 alone", async () => {
      const { own } = await signUp("begun@example.com");
      const begun = await enroll(own, "begun");
      const phone = await enrollPhone(own, "15550131");
      const challenge = (await own.auth.mfa.challenge({ factorId: phone.id, channel: "sms" })).data!;
      expect((await own.auth.mfa.verify({ factorId: phone.id, challengeId: challenge.id, code: sentTo("15550131") })).error).toBeNull();
      const { own: low } = await signIn("begun@example.com");
      expect((await low.auth.mfa.challengeAndVerify({ factorId: begun.id, code: codeOf(begun) })).error).toMatchObject({ code: "insufficient_aal", status: 403 });
      expect((await own.auth.mfa.challengeAndVerify({ factorId: begun.id, code: codeOf(begun) })).error).toBeNull();
    });

    test("is verified by the code that is sent, once, and kept as a digest", async () => {
      const { own, session } = await signUp("phone@example.com");
      const factor = await enrollPhone(own, "+1 555 0120");
      expect(factor).toEqual({ id: expect.any(String), type: "phone", friendly_name: "number +1 555 0120", phone: "+1 555 0120" });
      const challenge = (await own.auth.mfa.challenge({ factorId: factor.id, channel: "sms" })).data!;
      expect(challenge).toEqual({ id: expect.any(String), type: "phone", expires_at: expect.any(Number) });
      const code = sentTo("15550120");
      expect(code).toMatch(/^\d{6}$/);
      const [row] = await backend.sql<{ otp_code: string }>(`select otp_code from auth.mfa_challenges where id = '${challenge.id}'`);
      expect(row!.otp_code).not.toContain(code);
      const wrong = await own.auth.mfa.verify({ factorId: factor.id, challengeId: challenge.id, code: code === "000000" ? "111111" : "000000" });
      expect(wrong.error).toMatchObject({ code: "mfa_verification_failed", message: "Invalid MFA Phone code entered" });
      const verify = () => call("POST", `/factors/${factor.id}/verify`, session.access_token, { challenge_id: challenge.id, code });
      const answers = await Promise.all([verify(), verify(), verify()]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422]);
      const raised = (await answers.find(({ status }) => status === 200)!.json()) as Session;
      expect(claimsOf(raised)).toMatchObject({ aal: "aal2", amr: [{ method: "mfa/phone" }, { method: "password" }] });
    });

    test("gets one message a minute, whoever asks at once", async () => {
      const { own, session } = await signUp("phone-often@example.com");
      const factor = await enrollPhone(own, "+15550130");
      const answers = await Promise.all(Array.from({ length: 4 }, () => call("POST", `/factors/${factor.id}/challenge`, session.access_token, { channel: "sms" })));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 429, 429, 429]);
      const refused = (await answers.find(({ status }) => status === 429)!.json()) as { error_code: string; msg: string };
      expect(refused).toMatchObject({ error_code: "over_sms_send_rate_limit", msg: expect.stringMatching(/^For security purposes, you can only request this after \d+ seconds\.$/) });
      expect(lines.filter(({ to }) => to === "15550130")).toHaveLength(1);
    });

    test("is one factor for a number", async () => {
      const { own } = await signUp("phone-same@example.com");
      const first = await enrollPhone(own, "+15550140");
      const again = await own.auth.mfa.enroll({ factorType: "phone", phone: "15550140", friendlyName: "again" });
      expect(again.error).toBeNull();
      expect((await own.auth.mfa.listFactors()).data!.all.map(({ id }) => id)).toEqual([again.data!.id]);
      expect(again.data!.id).not.toBe(first.id);
      const challenge = (await own.auth.mfa.challenge({ factorId: again.data!.id, channel: "sms" })).data!;
      await own.auth.mfa.verify({ factorId: again.data!.id, challengeId: challenge.id, code: sentTo("15550140") });
      const third = await own.auth.mfa.enroll({ factorType: "phone", phone: "+15550140", friendlyName: "third" });
      expect(third.error).toMatchObject({ code: "mfa_verified_factor_exists", status: 422 });
    });

    test("takes known channels alone", async () => {
      const { own, session } = await signUp("channel@example.com");
      const factor = await enrollPhone(own, "+15550150");
      expect((await call("POST", `/factors/${factor.id}/challenge`, session.access_token, { channel: "pigeon" })).status).toBe(400);
    });
  });
}, NATIVE_UNLESS_LONG);
