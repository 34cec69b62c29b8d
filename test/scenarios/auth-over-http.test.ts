import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SOCKET_DOOR } from "./support/doors.ts";
import { type MailServer, startMailServer } from "./support/mail-server.ts";
import { openNativeOrEmbedded } from "./support/open-backend.ts";

const PASSWORD = "correct horse battery";
const SITE = "https://app.example.com";

// What is tested piece by piece in process, walked once as clients do: over a socket, with mails from a mail server.
describeDatabases("Auth over HTTP", (databases) => {
  let backend: TestBackend;
  let mail: MailServer;
  let door: Awaited<ReturnType<typeof SOCKET_DOOR.open>>;
  let close: () => Promise<void>;
  beforeAll(async () => {
    mail = await startMailServer();
    ({ backend, close } = await openNativeOrEmbedded(databases, {
      auth: {
        siteUrl: SITE, password: { cost: 4 }, smtp: { host: "127.0.0.1", port: mail.port, adminEmail: "auth@example.com", senderName: "Example" }, smtpMaxFrequency: 0,
        external: { anonymousUsers: { enabled: true } }, rateLimit: { otp: 40 },
      },
    }));
    await backend.sql("create table notes (id int generated always as identity, owner uuid not null default auth.uid() references auth.users on delete cascade, text text); alter table notes enable row level security; create policy own on notes to authenticated using (owner = (select auth.uid())) with check (owner = (select auth.uid())); grant all on notes to authenticated");
    door = await SOCKET_DOOR.open(backend);
  });
  afterAll(async () => {
    await door.close();
    await close();
    await mail.close();
  });

  const client = (key = backend.anonKey): SupabaseClient => createClient(door.url, key, { auth: { persistSession: false, autoRefreshToken: false } });
  const without = <T extends { readonly error: unknown }>(answer: T): T => {
    expect(answer.error).toBeNull();
    return answer;
  };

  test("a user signs up by the mail's code, keeps rows of their own, raises the session, and leaves", async () => {
    const ann = client();
    without(await ann.auth.signUp({ email: "Ann@Example.com", password: PASSWORD, options: { data: { name: "Ann" } } }));
    expect((await ann.auth.signInWithPassword({ email: "ann@example.com", password: PASSWORD })).error?.code).toBe("email_not_confirmed");
    without(await ann.auth.verifyOtp({ email: "ann@example.com", token: mail.to("ann@example.com").code, type: "email" }));
    without(await ann.from("notes").insert({ text: "mine" }));
    const guest = client();
    expect((await guest.auth.signInAnonymously()).data.user?.is_anonymous).toBe(true);
    expect((await guest.from("notes").select()).data).toEqual([]);
    expect((await ann.from("notes").select("text")).data).toEqual([{ text: "mine" }]);

    const { data: factor } = without(await ann.auth.mfa.enroll({ factorType: "totp", friendlyName: "phone" }));
    const totp = new TOTP({ secret: Secret.fromBase32((factor as { totp: { secret: string } }).totp.secret) });
    without(await ann.auth.mfa.challengeAndVerify({ factorId: factor!.id, code: totp.generate() }));
    expect((await ann.auth.mfa.getAuthenticatorAssuranceLevel()).data).toMatchObject({ currentLevel: "aal2", nextLevel: "aal2" });

    const { data: refreshed } = without(await ann.auth.refreshSession());
    expect((await ann.auth.getClaims()).data?.claims).toMatchObject({ aal: "aal2", email: "ann@example.com", iss: `${door.url}/auth/v1` });
    without(await ann.auth.signOut());
    expect((await client().auth.getUser(refreshed.session!.access_token)).error?.name).toBe("AuthSessionMissingError");
    expect((await client().auth.refreshSession({ refresh_token: refreshed.session!.refresh_token })).error?.name).toBe("AuthSessionMissingError");
  });

  test("a link in a mail opens a page, whose button redeems it once", async () => {
    const { error } = await client().auth.signInWithOtp({ email: "ben@example.com", options: { emailRedirectTo: `${SITE}/welcome` } });
    expect(error).toBeNull();
    const { link } = mail.to("ben@example.com");
    expect(link).toContain(`${door.url}/auth/v1/verify?`);
    for (const method of ["GET", "HEAD", "GET"]) expect((await fetch(link, { method, redirect: "manual" })).status).toBe(200);
    expect(await (await fetch(link)).text()).toContain('<form method="post"><button');
    const press = () => fetch(link, { method: "POST", redirect: "manual", headers: { "content-type": "application/x-www-form-urlencoded" }, body: "" });
    const redeemed = await press();
    expect(redeemed.status).toBe(303);
    const target = new URL(redeemed.headers.get("location")!);
    expect(target.origin + target.pathname).toBe(`${SITE}/welcome`);
    const tokens = new URLSearchParams(target.hash.slice(1));
    expect((await client().auth.getUser(tokens.get("access_token")!)).data.user?.email).toBe("ben@example.com");
    expect(new URL((await press()).headers.get("location")!).hash).toContain("error_code=otp_expired");
  });

  test("the service role administers users, and nobody else", async () => {
    const admin = client(backend.serviceRoleKey).auth.admin;
    const { data } = without(await admin.createUser({ email: "cat@example.com", password: PASSWORD, email_confirm: true }));
    const cat = client();
    without(await cat.auth.signInWithPassword({ email: "cat@example.com", password: PASSWORD }));
    expect((await cat.auth.admin.listUsers()).error?.code).toBe("not_admin");
    expect((await admin.listUsers({ perPage: 1 })).data).toMatchObject({ users: [{}], total: expect.any(Number) });
    without(await admin.updateUserById(data.user!.id, { ban_duration: "1h" }));
    expect((await cat.auth.refreshSession()).error?.code).toBe("user_banned");
    without(await admin.deleteUser(data.user!.id));
    expect((await cat.auth.getUser()).error?.code).toBe("user_not_found");
  });

  test("an address that asks too often is told how long to wait", async () => {
    const ask = () => fetch(`${door.url}/auth/v1/otp`, { method: "POST", headers: { apikey: backend.anonKey }, body: JSON.stringify({ email: "nobody@example.com", create_user: false }) });
    const statuses = new Set<number>();
    let last = await ask();
    for (let count = 0; count < 60 && last.status !== 429; count++) {
      statuses.add(last.status);
      last = await ask();
    }
    expect([...statuses]).toEqual([422]);
    expect(last.status).toBe(429);
    expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await last.json()).toMatchObject({ error_code: "over_request_rate_limit" });
  });
});
