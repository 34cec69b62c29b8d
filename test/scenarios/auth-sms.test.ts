import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { AuthOptions } from "@plinth/auth";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openAtDoor } from "./support/open-backend.ts";

interface Received {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

const SECRET = `whsec_${Buffer.from("a secret of thirty-two characters").toString("base64")}`;

/** What takes messages in place of Twilio, and of an application's webhook. */
async function startSmsService() {
  const received: Received[] = [];
  const service = { status: 201, url: "", received, close: () => new Promise<void>((resolve) => void server.close(() => resolve())) };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(service.status, { "content-type": "application/json" });
      response.end(JSON.stringify(service.status < 300 ? { sid: `SM${received.length}`, message_id: `M${received.length}`, status: "queued" } : { message: "No such number." }));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  service.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return service;
}

describeDatabases("messages of Auth", (databases) => {
  let service: Awaited<ReturnType<typeof startSmsService>>;
  let backend: TestBackend;
  let close: () => Promise<void>;
  let people = 0;
  beforeAll(async () => {
    service = await startSmsService();
    ({ backend, close } = await openAtDoor(databases, {
      onError: () => undefined,
      auth: { siteUrl: "https://app.example.com", password: { cost: 4 }, external: { phone: { enabled: true } }, rateLimit: { smsSent: 0, verify: 0 }, outbound: { allowPrivateAddresses: true } },
    }));
  });
  afterAll(async () => {
    await close();
    await service.close();
  });
  beforeEach(() => void (service.status = 201));

  const twilio = () => ({ provider: "twilio", twilio: { accountSid: "AC1", authToken: "secret", messageServiceSid: "MG1", url: service.url }, maxFrequency: 0 }) satisfies AuthOptions["sms"];
  const configure = (sms: AuthOptions["sms"]) => backend.projects.update("default", { settings: { auth: { sms } } });
  const client = (): SupabaseClient => createClient("http://backend", backend.anonKey, { global: { fetch: backend.fetch }, auth: { persistSession: false, autoRefreshToken: false, storageKey: `sb-${Math.random()}` } });
  const number = () => `1555${String(++people).padStart(7, "0")}`;
  const sent = () => new URLSearchParams(service.received.at(-1)!.body);
  const codeOf = (text: string) => /\d{6}/.exec(text)![0];

  test("a code by Twilio signs in; the next one too; used ones do not", async () => {
    await configure(twilio());
    const [own, phone] = [client(), number()];
    expect((await own.auth.signInWithOtp({ phone: `+${phone}` })).error).toBeNull();
    const { path, headers } = service.received.at(-1)!;
    expect(path).toBe("/2010-04-01/Accounts/AC1/Messages.json");
    expect(headers.authorization).toBe(`Basic ${Buffer.from("AC1:secret").toString("base64")}`);
    expect(Object.fromEntries(sent())).toEqual({ To: `+${phone}`, Channel: "sms", From: "MG1", Body: expect.stringMatching(/^Your code is \d{6}$/) });
    const token = codeOf(sent().get("Body")!);
    const { data } = await own.auth.verifyOtp({ type: "sms", phone, token });
    expect(data.user).toMatchObject({ phone, phone_confirmed_at: expect.any(String), app_metadata: { provider: "phone" } });
    expect((await own.auth.verifyOtp({ type: "sms", phone, token })).error).toMatchObject({ status: 403, code: "otp_expired" });
    expect((await own.auth.signInWithOtp({ phone })).data).toMatchObject({ messageId: expect.stringMatching(/^SM/) });
    const next = codeOf(sent().get("Body")!);
    const grow = (seconds: number) => backend.sql(`update auth.one_time_tokens set created_at = created_at - interval '${seconds} seconds' where relates_to = '${phone}'`);
    await grow(61);
    expect((await own.auth.verifyOtp({ type: "sms", phone, token: next })).error).toMatchObject({ status: 403, code: "otp_expired" });
    await grow(-61);
    expect((await own.auth.verifyOtp({ type: "sms", phone, token: next })).error).toBeNull();
  });

  test("what a user writes into the data of a sign-up is no address", async () => {
    await configure(twilio());
    const phone = number();
    expect((await client().auth.signUp({ phone, password: "correct horse", options: { data: { email: "owner@example.com", name: "Ann" } } })).error).toBeNull();
    expect(await backend.sql(`select email, identity_data ->> 'name' as name from auth.identities where identity_data ->> 'phone' = '${phone}'`)).toEqual([{ email: null, name: "Ann" }]);
  });

  test("signing up for another audience tells nobody who is registered", async () => {
    const signUp = async (aud: string) => {
      const headers = { ...backend.headersFor("anon"), "content-type": "application/json", "x-jwt-aud": aud };
      const response = await backend.fetch("http://backend/auth/v1/signup", { method: "POST", headers, body: JSON.stringify({ email: "taken@example.com", password: "correct horse" }) });
      return [response.status, await response.json()];
    };
    expect(await signUp("authenticated")).toMatchObject([200, { email: "taken@example.com" }]);
    expect(await signUp("others")).toMatchObject([200, { email: "taken@example.com" }]);
  });

  test("where numbers need no code, somebody's is no way into the account", async () => {
    await configure({ ...twilio(), autoconfirm: true });
    const phone = number();
    const { auth } = createClient("http://backend", backend.serviceRoleKey, { global: { fetch: backend.fetch }, auth: { persistSession: false } });
    expect((await auth.admin.createUser({ email: "phoned@example.com", email_confirm: true, phone })).error).toBeNull();
    const { data, error } = await client().auth.signUp({ phone, password: "correct horse" });
    expect([data.session, error]).toMatchObject([null, { code: "user_already_exists" }]);
  });

  test("a message that is not taken leaves no user", async () => {
    await configure(twilio());
    service.status = 400;
    const phone = number();
    expect((await client().auth.signUp({ phone, password: "correct horse" })).error).toMatchObject({ status: 422, code: "sms_send_failed", message: "Error sending confirmation OTP to provider: No such number." });
    expect(await backend.sql(`select 1 from auth.users where phone = '${phone}'`)).toEqual([]);
  });

  test("by a signed webhook; another number", async () => {
    await configure({ provider: "webhook", webhook: { url: `${service.url}/sms`, secrets: [`v1,${SECRET}`] }, template: "{{ .Code }}!", maxFrequency: 0 });
    const [own, phone, next] = [client(), number(), number()];
    await own.auth.signUp({ phone, password: "correct horse" });
    const { body, headers } = service.received.at(-1)!;
    const told = new Webhook(SECRET).verify(body, headers as Record<string, string>) as { phone: string; otp: string; message: string };
    expect(told).toEqual({ phone: `+${phone}`, otp: expect.any(String), message: `${told.otp}!`, channel: "sms" });
    expect((await own.auth.signInWithPassword({ phone, password: "correct horse" })).error).toMatchObject({ code: "phone_not_confirmed" });
    expect((await own.auth.verifyOtp({ type: "sms", phone, token: told.otp })).error).toBeNull();
    expect((await own.auth.updateUser({ phone: next })).data.user).toMatchObject({ phone, new_phone: next });
    const { otp } = JSON.parse(service.received.at(-1)!.body) as { otp: string };
    expect((await own.auth.verifyOtp({ type: "phone_change", phone: next, token: otp })).data.user).toMatchObject({ phone: next });
  });

  test("numbers for tests have a code of their own, and the time between two messages holds for all", async () => {
    const phone = number();
    await configure({ ...twilio(), maxFrequency: 60, testOtp: { [`+${phone}`]: "424242" } });
    const [own, count] = [client(), service.received.length];
    expect((await own.auth.signInWithOtp({ phone })).error).toBeNull();
    expect(service.received.length).toBe(count);
    expect((await own.auth.signInWithOtp({ phone })).error).toMatchObject({ status: 429, code: "over_sms_send_rate_limit" });
    expect((await own.auth.verifyOtp({ type: "sms", phone, token: "424242" })).error).toBeNull();
    const other = number();
    expect((await own.auth.verifyOtp({ type: "sms", phone: other, token: "424242" })).error).toMatchObject({ code: "otp_expired" });
  });

  test("without a provider nothing is promised", async () => {
    await configure({});
    expect((await client().auth.signInWithOtp({ phone: number() })).error).toMatchObject({ code: "sms_send_failed", message: "Unable to get SMS provider" });
  });
});
