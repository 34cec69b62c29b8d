import { createClient, type Session, type SupabaseClient } from "@supabase/supabase-js";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ceremony, type CeremonyOptions, SoftwareAuthenticator } from "../../packages/auth/test/support/software-authenticator.ts";
import { openAtDoor } from "./support/open-backend.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

const PASSWORD = "correct horse battery";
const UNKNOWN = "7b0c5c3e-6a4f-4d3c-8a55-0f6f0b1f7a11";
const ORIGIN = "https://app.example.com";
const APPLE = "fbfc3007-154e-4ecc-8c0b-6e020557d7bd";

const WRONG: readonly Ceremony[] = [
  { origin: "https://evil.example.com" }, { origin: "http://app.example.com" }, { rpId: "example.com" }, { challenge: Buffer.alloc(32).toString("base64url") }, { type: "webauthn.other" }, { userPresent: false },
];

interface PasskeyOptions {
  readonly challenge_id: string;
  readonly expires_at: number;
  readonly options: { readonly challenge: string; readonly rp?: { readonly id?: string }; readonly rpId?: string; readonly user?: { readonly id: string } };
}

describeDatabases("WebAuthn", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ backend, close } = await openAtDoor(databases, {
      auth: {
        siteUrl: ORIGIN,
        password: { cost: 4 },
        mailer: { autoconfirm: true },
        external: { anonymousUsers: { enabled: true } },
        mfa: { webAuthn: { enrollEnabled: true, verifyEnabled: true } },
        passkey: { enabled: true, maxPasskeysPerUser: 3 },
        rateLimit: { header: "x-forwarded-for" },
      },
    }));
  });
  afterAll(() => close());

  const client = (): SupabaseClient => createClient("http://backend", backend.anonKey, { global: { fetch: backend.fetch }, auth: { persistSession: false, autoRefreshToken: false } });
  const signUp = async (email: string) => {
    const own = client();
    const { data, error } = await own.auth.signUp({ email, password: PASSWORD, options: { data: { name: "Ann Example" } } });
    expect(error).toBeNull();
    return { own, user: data.user!, session: data.session! };
  };
  const authenticator = (settings: { counts?: boolean; synchronises?: boolean; aaguid?: string } = {}) => new SoftwareAuthenticator({ origin: ORIGIN, ...settings });
  const claimsOf = ({ access_token: token }: Pick<Session, "access_token">) => JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as Record<string, unknown>;
  const call = async (method: string, path: string, body?: unknown, { token = backend.anonKey, headers = {} }: { token?: string; headers?: Record<string, string> } = {}) => {
    const response = await backend.fetch(`http://backend/auth/v1${path}`, { method, headers: { apikey: backend.anonKey, authorization: `Bearer ${token}`, "content-type": "application/json", ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, body: (text === "" ? undefined : JSON.parse(text)) as Record<string, unknown> };
  };

  describe("passkeys", () => {
    const register = async (own: SupabaseClient, device: SoftwareAuthenticator, ceremony?: Ceremony) => {
      const { data: options } = await own.auth.passkey.startRegistration();
      return own.auth.passkey.verifyRegistration({ challengeId: options!.challenge_id, credential: device.create(options!.options, ceremony).toJSON() });
    };
    const start = async (): Promise<PasskeyOptions> => (await client().auth.passkey.startAuthentication()).data as unknown as PasskeyOptions;
    const signIn = async (device: SoftwareAuthenticator, ceremony?: Ceremony) => {
      const own = client();
      const { data: options } = await own.auth.passkey.startAuthentication();
      const { data, error } = await own.auth.passkey.verifyAuthentication({ challengeId: options!.challenge_id, credential: device.get(options!.options, ceremony).toJSON() });
      return { own, data, error };
    };
    const registered = async (email: string, device = authenticator()) => {
      const user = await signUp(email);
      const { data, error } = await register(user.own, device);
      expect(error).toBeNull();
      return { ...user, device, passkey: data! };
    };
    const failed = { code: "webauthn_verification_failed", status: 400 };

    test("are registered with what a browser needs", async () => {
      const { own, user } = await signUp("options@example.com");
      const { data } = await own.auth.passkey.startRegistration();
      expect(data).toMatchObject({
        challenge_id: expect.any(String),
        options: {
          rp: { id: "app.example.com", name: "app.example.com" },
          user: { id: Buffer.from(user.id).toString("base64url"), name: "options@example.com", displayName: "Ann Example" },
          challenge: expect.stringMatching(/^[\w-]{43}$/), attestation: "none", excludeCredentials: [], timeout: 300_000,
          authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "preferred" },
        },
      });
      expect((data as unknown as PasskeyOptions).expires_at - Date.now() / 1_000).toBeCloseTo(300, -1);
    });

    test("sign in, without a name or password", async () => {
      const { user, device, passkey } = await registered("signs-in@example.com", authenticator({ aaguid: APPLE, synchronises: true }));
      expect(passkey).toEqual({ id: expect.any(String), friendly_name: "Apple Passwords", created_at: expect.any(String) });
      const options = await start();
      expect(options.options).toMatchObject({ rpId: "app.example.com", userVerification: "preferred" });
      expect(options.options).not.toHaveProperty("allowCredentials");
      const { own, data, error } = await signIn(device);
      expect(error).toBeNull();
      expect(data!.user!.id).toBe(user.id);
      expect(claimsOf(data!.session!)).toMatchObject({ sub: user.id, aal: "aal1", amr: [{ method: "passkey" }] });
      expect((await own.auth.passkey.list()).data).toEqual([{ ...passkey, last_used_at: expect.any(String) }]);
      const [row] = await backend.sql(`select sign_count::int, backup_eligible, backed_up, transports, attestation_type, aaguid from auth.webauthn_credentials where id = '${passkey.id}'`);
      expect(row).toEqual({ sign_count: device.counter, backup_eligible: true, backed_up: true, transports: ["internal", "hybrid"], attestation_type: "none", aaguid: APPLE });
    });

    test("that don't count sign in as often as one likes", async () => {
      const { device } = await registered("uncounted@example.com", authenticator({ counts: false }));
      for (let times = 0; times < 3; times++) expect((await signIn(device)).error).toBeNull();
    });

    test("are listed, named and taken away by their owner", async () => {
      const { own, passkey } = await registered("manages@example.com");
      const other = (await registered("manages-not@example.com")).own;
      expect(passkey.friendly_name).toBe("Passkey");
      expect((await own.auth.passkey.update({ passkeyId: passkey.id, friendlyName: "Work laptop" })).data).toMatchObject({ id: passkey.id, friendly_name: "Work laptop" });
      for (const attempt of [other.auth.passkey.update({ passkeyId: passkey.id, friendlyName: "Mine" }), other.auth.passkey.delete({ passkeyId: passkey.id }), own.auth.passkey.delete({ passkeyId: UNKNOWN })]) {
        expect((await attempt).error).toMatchObject({ status: 404, message: "Passkey not found" });
      }
      expect((await other.auth.passkey.list()).data).toHaveLength(1);
      expect((await own.auth.passkey.list()).data).toMatchObject([{ friendly_name: "Work laptop" }]);
      expect((await own.auth.passkey.delete({ passkeyId: passkey.id })).error).toBeNull();
      expect((await own.auth.passkey.list()).data).toEqual([]);
    });

    test("are named with one to 120 bytes", async () => {
      const { session, passkey } = await registered("named@example.com");
      const name = async (friendly_name: unknown, id = passkey.id) => (await call("PATCH", `/passkeys/${id}`, { friendly_name }, { token: session.access_token })).body;
      expect(await name("")).toMatchObject({ code: 400, msg: "friendly_name is required" });
      expect(await name(undefined)).toMatchObject({ code: 400, msg: "friendly_name is required" });
      expect(await name("x".repeat(121))).toMatchObject({ code: 400, msg: "friendly_name must be 120 characters or less" });
      expect(await name("a\0b")).toMatchObject({ code: 400, error_code: "validation_failed" });
      expect(await name(5)).toMatchObject({ error_code: "bad_json" });
      expect(await name("x", "none")).toMatchObject({ code: 404, msg: "Passkey not found" });
    });

    test("are neither made nor used for another page or domain, of another challenge or kind, or with nobody present", async () => {
      const { own, device } = await registered("wrong@example.com");
      for (const ceremony of WRONG) {
        expect((await register(own, authenticator(), ceremony)).error, JSON.stringify(ceremony)).toMatchObject({ ...failed, message: "Credential verification failed" });
        expect((await signIn(device, ceremony)).error, JSON.stringify(ceremony)).toMatchObject({ ...failed, message: "Credential verification failed" });
      }
      expect((await own.auth.passkey.list()).data).toHaveLength(1);
      expect((await signIn(device)).error).toBeNull();
    });

    test("are not taken for another user's", async () => {
      const ann = await registered("ann@example.com");
      const ben = await registered("ben@example.com");
      const handle = Buffer.from(ben.user.id).toString("base64url");
      expect((await signIn(ann.device, { userHandle: handle })).error).toMatchObject(failed);
      expect((await signIn(ann.device, { userHandle: "" })).error).toMatchObject(failed);
      expect((await signIn(authenticator())).error).toMatchObject(failed);
      // Nor is a challenge of hers answered by him.
      const { data: options } = await ann.own.auth.passkey.startRegistration();
      const { error } = await ben.own.auth.passkey.verifyRegistration({ challengeId: options!.challenge_id, credential: authenticator().create(options!.options).toJSON() });
      expect(error).toMatchObject({ code: "webauthn_challenge_not_found", status: 400, message: "Challenge not found or already used" });
    });

    test("of which there is a copy are refused, once the other was used", async () => {
      const { device } = await registered("cloned@example.com");
      const clone = device.clone();
      for (let times = 0; times < 2; times++) expect((await signIn(device)).error).toBeNull();
      expect((await signIn(clone)).error).toMatchObject(failed);
      expect((await signIn(device)).error).toBeNull();
    });

    test("that have begun to be copied elsewhere are refused", async () => {
      const { device } = await registered("exported@example.com");
      device.synchronises = true;
      expect((await signIn(device)).error).toMatchObject(failed);
    });

    test("answer a challenge once, right or wrong, of five answers together too", async () => {
      const { device } = await registered("once@example.com");
      const options = await start();
      const credential = device.get(options.options).toJSON();
      const answers = await Promise.all(Array.from({ length: 5 }, () => call("POST", "/passkeys/authentication/verify", { challenge_id: options.challenge_id, credential })));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400]);
      const spoilt = await start();
      await call("POST", "/passkeys/authentication/verify", { challenge_id: spoilt.challenge_id, credential: {} });
      const late = await call("POST", "/passkeys/authentication/verify", { challenge_id: spoilt.challenge_id, credential: device.get(spoilt.options).toJSON() });
      expect(late.body).toMatchObject({ error_code: "webauthn_challenge_not_found" });
    });

    test("of which two answers have one count sign in once", async () => {
      const { device } = await registered("same-count@example.com");
      const [one, two] = [await start(), await start()];
      const first = device.get(one.options).toJSON();
      device.counter--;
      const second = device.get(two.options).toJSON();
      const answers = await Promise.all([call("POST", "/passkeys/authentication/verify", { challenge_id: one.challenge_id, credential: first }), call("POST", "/passkeys/authentication/verify", { challenge_id: two.challenge_id, credential: second })]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    });

    test("answer in time, and what they were asked", async () => {
      const { own, session, device } = await registered("in-time@example.com");
      const options = await start();
      await backend.sql(`update auth.webauthn_challenges set expires_at = now() - interval '1 second' where id = '${options.challenge_id}'`);
      expect((await call("POST", "/passkeys/authentication/verify", { challenge_id: options.challenge_id, credential: device.get(options.options).toJSON() })).body).toMatchObject({ code: 400, error_code: "webauthn_challenge_expired", msg: "Challenge has expired" });
      // A challenge to sign in is none to register with.
      const other = await start();
      const { error } = await own.auth.passkey.verifyRegistration({ challengeId: other.challenge_id, credential: authenticator().create({ ...other.options, rp: { id: "app.example.com" } }).toJSON() });
      expect(error).toMatchObject({ code: "webauthn_challenge_not_found" });
      const { body } = await call("POST", "/passkeys/registration/options", {}, { token: session.access_token });
      const asked = body as unknown as PasskeyOptions;
      expect((await call("POST", "/passkeys/authentication/verify", { challenge_id: asked.challenge_id, credential: device.get({ ...asked.options, rpId: "app.example.com" }).toJSON() })).body).toMatchObject({ error_code: "webauthn_challenge_not_found" });
    });

    test.each([
      [{}, "validation_failed", "challenge_id is required"],
      [{ challenge_id: UNKNOWN }, "validation_failed", "credential is required"],
      [{ challenge_id: "none", credential: {} }, "validation_failed", "challenge_id must be a valid UUID"],
      [{ challenge_id: 5, credential: {} }, "bad_json", expect.any(String)],
      [{ challenge_id: UNKNOWN, credential: {} }, "webauthn_challenge_not_found", "Challenge not found or already used"],
    ])("are not verified with %j", async (body, code, msg) => {
      expect(await call("POST", "/passkeys/authentication/verify", body)).toEqual({ status: 400, body: { code: 400, error_code: code, msg, ...(code === "bad_json" ? { details: expect.any(String) } : {}) } });
    });

    test.each([
      ["nothing", {}], ["a text", "credential"], ["another type", { type: "password" }], ["no base64", { id: "!" }],
      ["an empty response", { response: {} }], ["bytes that are no CBOR", { response: { authenticatorData: "AAAA", clientDataJSON: "AAAA", signature: "AAAA" } }],
    ])("are not verified with a credential of %s", async (_what, credential) => {
      const options = await start();
      const whole = typeof credential === "string" || Object.keys(credential).length === 0 ? credential : { ...authenticator().get(options.options).toJSON(), ...credential };
      expect((await call("POST", "/passkeys/authentication/verify", { challenge_id: options.challenge_id, credential: whole })).body).toMatchObject({ code: 400, error_code: "webauthn_verification_failed" });
    });

    test("are limited in number, and one device makes one", async () => {
      const { own, session, device } = await registered("limited@example.com");
      const { data: options } = await own.auth.passkey.startRegistration();
      expect(options!.options.excludeCredentials).toEqual([{ id: device.credentialId.toString("base64url"), type: "public-key", transports: ["internal", "hybrid"] }]);
      const twice = await own.auth.passkey.verifyRegistration({ challengeId: options!.challenge_id, credential: device.create(options!.options).toJSON() });
      expect(twice.error).toMatchObject({ code: "webauthn_credential_exists", status: 422, message: "This credential is already registered" });
      const asked = await Promise.all(Array.from({ length: 4 }, () => call("POST", "/passkeys/registration/options", {}, { token: session.access_token })));
      const answers = await Promise.all(asked.map(({ body }) => call("POST", "/passkeys/registration/verify", { challenge_id: body["challenge_id"], credential: authenticator().create((body as unknown as PasskeyOptions).options).toJSON() }, { token: session.access_token })));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 422, 422]);
      expect((await own.auth.passkey.startRegistration()).error).toMatchObject({ code: "too_many_passkeys", status: 422, message: "Maximum number of passkeys reached" });
    });

    test("need a user who is known", async () => {
      expect((await call("POST", "/passkeys/registration/options", {})).status).toBe(403);
      expect((await call("GET", "/passkeys")).status).toBe(403);
      const own = client();
      await own.auth.signInAnonymously();
      expect((await own.auth.passkey.startRegistration()).error).toMatchObject({ status: 403 });
    });

    test.each([
      ["banned", "banned_until = now() + interval '1 hour'", "user_banned", 403],
      ["not confirmed", "email_confirmed_at = null", "email_not_confirmed", 403],
      ["deleted", "deleted_at = now()", "webauthn_verification_failed", 400],
    ])("don't sign in a user who is %s", async (what, change, code, status) => {
      const { user, device } = await registered(`${what.replaceAll(" ", "-")}@example.com`);
      await backend.sql(`update auth.users set ${change} where id = '${user.id}'`);
      expect((await signIn(device)).error).toMatchObject({ code, status });
    });

    test("of users with a second factor are managed in aal2", async () => {
      const { own, passkey } = await registered("careful@example.com");
      const { data: factor } = await own.auth.mfa.enroll({ factorType: "totp" });
      await own.auth.mfa.challengeAndVerify({ factorId: factor!.id, code: new TOTP({ secret: Secret.fromBase32(factor!.totp.secret) }).generate() });
      const low = client();
      await low.auth.signInWithPassword({ email: "careful@example.com", password: PASSWORD });
      const refused = { code: "insufficient_aal", status: 403, message: "AAL2 session is required to manage passkeys when MFA is enabled" };
      expect((await low.auth.passkey.startRegistration()).error).toMatchObject(refused);
      expect((await low.auth.passkey.delete({ passkeyId: passkey.id })).error).toMatchObject(refused);
      expect((await low.auth.passkey.list()).data).toHaveLength(1);
      expect((await own.auth.passkey.startRegistration()).error).toBeNull();
    });

    test("are asked for only so often from one address", async () => {
      const headers = { "x-forwarded-for": "192.0.2.90" };
      const ask = async () => (await call("POST", "/passkeys/authentication/options", {}, { headers })).status;
      let asked = 0;
      while (asked < 50 && (await ask()) === 200) asked++;
      // It is refilled by one in ten seconds meanwhile.
      expect([asked >= 30, asked < 50, await ask()]).toEqual([true, true, 429]);
    });
  });

  describe("factors", () => {
    const enroll = async (email: string) => {
      const user = await signUp(email);
      const { data, error } = await user.own.auth.mfa.enroll({ factorType: "webauthn", friendlyName: "Key" });
      expect(error).toBeNull();
      return { ...user, factor: data! };
    };
    const webauthn = { rpId: "app.example.com", rpOrigins: [ORIGIN] };
    const challenge = async (own: SupabaseClient, factorId: string) => {
      const { data, error } = await own.auth.mfa.challenge({ factorId, webauthn });
      expect(error).toBeNull();
      return data!;
    };
    const publicKeyOf = ({ credential_options: { publicKey } }: { readonly credential_options: { readonly publicKey: object } }) => publicKey as CeremonyOptions;
    /** Answers as the browser does. */
    const verify = async (own: SupabaseClient, factorId: string, device: SoftwareAuthenticator, ceremony?: Ceremony) => {
      const { id: challengeId, webauthn: asked } = await challenge(own, factorId);
      const publicKey = publicKeyOf(asked);
      const answer = asked.type === "create" ? device.create(publicKey, ceremony) : device.get(publicKey, ceremony);
      return own.auth.mfa.verify({ factorId, challengeId, webauthn: { ...webauthn, type: asked.type, credential_response: answer } as never });
    };
    const enrolled = async (email: string, device = authenticator()) => {
      const user = await enroll(email);
      const { data, error } = await verify(user.own, user.factor.id, device);
      expect(error).toBeNull();
      return { ...user, device, raised: data! };
    };
    const failed = { code: "mfa_verification_failed", status: 422, message: "Failed to validate WebAuthn MFA response" };

    test("are made, and raise the session", async () => {
      const { own, factor, user } = await enroll("factor@example.com");
      expect(factor).toEqual({ id: expect.any(String), type: "webauthn", friendly_name: "Key" });
      const asked = await challenge(own, factor.id);
      expect(asked).toMatchObject({ type: "webauthn", expires_at: expect.any(Number), webauthn: { type: "create", credential_options: { publicKey: { rp: { id: "app.example.com" }, user: { name: "factor@example.com" } } } } });
      const device = authenticator();
      const { data, error } = await verify(own, factor.id, device);
      expect(error).toBeNull();
      expect(claimsOf(data!)).toMatchObject({ sub: user.id, aal: "aal2", amr: [{ method: "mfa/webauthn" }, { method: "password" }] });
      expect((await own.auth.mfa.listFactors()).data!.webauthn).toMatchObject([{ id: factor.id, status: "verified" }]);
      const [row] = await backend.sql<{ web_authn_credential: { authenticator: object } }>(`select web_authn_credential from auth.mfa_factors where id = '${factor.id}'`);
      expect(row!.web_authn_credential).toMatchObject({ id: device.credentialId.toString("base64"), attestationType: "none", authenticator: { signCount: 1 } });
    });

    test("are shown at the next sign-in", async () => {
      const { factor, device } = await enrolled("shows@example.com");
      const own = client();
      await own.auth.signInWithPassword({ email: "shows@example.com", password: PASSWORD });
      const asked = await challenge(own, factor.id);
      expect(asked.webauthn).toMatchObject({ type: "request", credential_options: { publicKey: { rpId: "app.example.com", allowCredentials: [{ type: "public-key" }] } } });
      const { data, error } = await verify(own, factor.id, device);
      expect(error).toBeNull();
      expect(claimsOf(data!)["aal"]).toBe("aal2");
    });

    test("are neither made nor shown for another page or domain, of another challenge or kind, or with nobody present", async () => {
      const { own, factor } = await enroll("factor-wrong@example.com");
      for (const ceremony of WRONG) expect((await verify(own, factor.id, authenticator(), ceremony)).error, JSON.stringify(ceremony)).toMatchObject(failed);
      const device = authenticator();
      expect((await verify(own, factor.id, device)).error).toBeNull();
      for (const ceremony of WRONG) expect((await verify(own, factor.id, device, ceremony)).error, JSON.stringify(ceremony)).toMatchObject(failed);
      expect((await verify(own, factor.id, authenticator())).error).toMatchObject(failed);
    });

    test("of which there is a copy are refused, once the other was used", async () => {
      const { own, factor, device } = await enrolled("factor-cloned@example.com");
      const clone = device.clone();
      for (let times = 0; times < 2; times++) expect((await verify(own, factor.id, device)).error).toBeNull();
      expect((await verify(own, factor.id, clone)).error).toMatchObject(failed);
    });

    test("of which two answers have one count raise the session once", async () => {
      const { own, factor, device, raised } = await enrolled("factor-count@example.com");
      const [one, two] = [await challenge(own, factor.id), await challenge(own, factor.id)];
      const first = device.get(publicKeyOf(one.webauthn)).toJSON();
      device.counter--;
      const second = device.get(publicKeyOf(two.webauthn)).toJSON();
      const send = (id: string, response: unknown) => call("POST", `/factors/${factor.id}/verify`, { challenge_id: id, webauthn: { ...webauthn, type: "request", credential_response: response } }, { token: raised.access_token });
      const answers = await Promise.all([send(one.id, first), send(two.id, second)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
    });

    test("answer a challenge once, those that don't count too", async () => {
      const { own, factor, device, raised } = await enrolled("factor-once@example.com", authenticator({ counts: false }));
      const asked = await challenge(own, factor.id);
      const body = { challenge_id: asked.id, webauthn: { ...webauthn, type: "request", credential_response: device.get(publicKeyOf(asked.webauthn)).toJSON() } };
      const answers = await Promise.all(Array.from({ length: 5 }, () => call("POST", `/factors/${factor.id}/verify`, body, { token: raised.access_token })));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422, 422, 422]);
    });

    test("take answers of the kind that was asked for", async () => {
      const { own, factor, device, raised } = await enrolled("factor-kind@example.com");
      const asked = await challenge(own, factor.id);
      const other = authenticator().create({ ...publicKeyOf(asked.webauthn), rp: { id: "app.example.com" } }).toJSON();
      const send = (sent: unknown) => call("POST", `/factors/${factor.id}/verify`, { challenge_id: asked.id, webauthn: sent }, { token: raised.access_token });
      expect((await send(undefined)).body).toMatchObject({ code: 400, msg: "WebAuthn config required" });
      expect((await send({ type: "other" })).body).toMatchObject({ code: 400, msg: "WebAuthn type must be create or request" });
      expect((await send({ type: "request" })).body).toMatchObject({ code: 400, msg: "credential_response required" });
      expect((await send({ type: "request", credential_response: {} })).body).toMatchObject({ code: 400, msg: "Invalid credential_response" });
      // A new key in the place of the one that is verified would be a way round it.
      expect((await send({ type: "create", credential_response: other })).status).toBe(400);
      const right = { type: "request", credential_response: device.get(publicKeyOf(asked.webauthn)).toJSON() };
      expect((await send(right)).status).toBe(200);
    });
  });
}, NATIVE_UNLESS_LONG);
