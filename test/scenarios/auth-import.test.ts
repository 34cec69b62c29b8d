import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { serveDatabase } from "@plinth/core";
import { hash as argon2 } from "@node-rs/argon2";
import { hash as bcrypt } from "@node-rs/bcrypt";
import { type TestBackend, urlOf } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { TOTP } from "otpauth";
import pg from "pg";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type GotrueUser, gotrueTables, gotrueUser } from "./support/gotrue-database.ts";
import { openAtDoor } from "./support/open-backend.ts";

const PASSWORD = "correct horse battery";
const SECRET = "KVKFKRCPNZQUYMLXOVYDSQKJKZDTSRLD";

describeDatabases("users of a GoTrue database", (databases) => {
  let backend: TestBackend;
  let source: pg.Client;
  let url: string;
  const closing: (() => Promise<unknown>)[] = [];
  const users: Record<"bcrypt" | "argon2" | "phone" | "google" | "factor" | "encrypted" | "taken", GotrueUser> = {} as never;

  beforeAll(async () => {
    const opened = await openAtDoor(databases, { auth: { password: { cost: 4 } } });
    backend = opened.backend;
    closing.push(opened.close);
    const database = await databases.create();
    if (databases.kind === "native") url = urlOf(database);
    else {
      const server = await serveDatabase(database.config);
      closing.unshift(() => server.close());
      ({ url } = server);
    }
    source = new pg.Client({ connectionString: url });
    await source.connect();
    closing.unshift(() => source.end());
    const hash = await bcrypt(PASSWORD, { cost: 4 });
    Object.assign(users, {
      bcrypt: { id: randomUUID(), email: "bcrypt@example.com", hash, metadata: { full_name: "O'Brien", number: 1 } },
      argon2: { id: randomUUID(), email: "argon2@example.com", hash: await argon2(PASSWORD, { memoryCost: 1024, timeCost: 2, parallelism: 1 }) },
      phone: { id: randomUUID(), phone: "4915112345678", hash },
      google: { id: randomUUID(), email: "google@example.com", hash: "", identity: ["google", "10769150350006150715113082367"] },
      factor: { id: randomUUID(), email: "factor@example.com", hash, totp: SECRET },
      encrypted: { id: randomUUID(), email: "encrypted@example.com", hash: '{"key_id":"k1","alg":"aes-gcm-hkdf","data":"x"}', totp: '{"key_id":"k1"}' },
      taken: { id: randomUUID(), email: "taken@example.com", hash },
    } satisfies typeof users);
    await source.query(gotrueTables("auth") + Object.values(users).map((user) => gotrueUser("auth", user)).join(""));
    await (await backend.tenant()).auth.admin.createUser({ email: "taken@example.com" });
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });

  const client = (key = backend.anonKey): SupabaseClient => createClient("http://backend", key, { global: { fetch: backend.fetch }, auth: { persistSession: false, autoRefreshToken: false } });
  const signIn = async (email: string, key?: string) => {
    const own = client(key);
    return { own, ...(await own.auth.signInWithPassword({ email, password: PASSWORD })) };
  };
  const dump = async (ref?: string): Promise<string> => {
    const rows = await backend.sql<{ text: string }>("select concat((select json_agg(u) from auth.users u), (select json_agg(f) from auth.mfa_factors f), (select json_agg(t) from auth.refresh_tokens t), (select json_agg(s) from auth.sessions s)) as text", ref);
    return rows[0]!.text;
  };

  test("are taken over with what they sign in by", async () => {
    const seen: number[] = [];
    const result = await backend.importUsers({ from: url, batchSize: 3, onProgress: ({ read }) => seen.push(read) });
    expect(seen).toEqual([3, 6, 7]);
    expect(result).toMatchObject({ read: 7, imported: 6, present: 0, failed: 1, identities: 6, factors: 1 });
    expect(result.problems.map(({ userId, code }) => [userId, code]).toSorted()).toEqual([[users.encrypted.id, "password_hash_unknown"], [users.encrypted.id, "totp_secret_unreadable"], [users.taken.id, "email_exists"]].toSorted());
    expect(result.problems.every(({ message }) => message !== "")).toBe(true);
    for (const name of ["bcrypt", "argon2"] as const) expect((await signIn(users[name].email!)).data.user?.id).toBe(users[name].id);
    expect((await signIn("encrypted@example.com")).error).toMatchObject({ code: "invalid_credentials" });
    const admin = (await backend.tenant()).auth.admin;
    expect(await admin.getUserById(users.bcrypt.id)).toMatchObject({ email_confirmed_at: "2024-05-06T07:08:09.123Z", created_at: "2023-01-02T03:04:05.678Z", user_metadata: { full_name: "O'Brien", number: 1 }, app_metadata: { provider: "email", providers: ["email"] } });
    expect((await admin.getUserById(users.google.id)).identities).toMatchObject([{ provider: "google", id: "10769150350006150715113082367" }]);
    expect((await admin.getUserById(users.phone.id)).phone).toBe("4915112345678");
  });

  test("with their second factors, and nothing secret in the clear", async () => {
    const { own } = await signIn("factor@example.com");
    const { data } = await own.auth.mfa.listFactors();
    expect(data?.totp).toMatchObject([{ friendly_name: "app", status: "verified" }]);
    const { error } = await own.auth.mfa.challengeAndVerify({ factorId: data!.totp[0]!.id, code: new TOTP({ secret: SECRET }).generate() });
    expect(error).toBeNull();
    const kept = await dump();
    expect(kept).not.toContain(SECRET);
    expect(kept).not.toContain("ab".repeat(28));
    expect(await backend.sql("select 1 from auth.refresh_tokens")).toEqual([]);
  });

  test("again: only those who have come since", async () => {
    const late = { id: randomUUID(), email: "late@example.com", hash: users.bcrypt.hash! };
    await source.query(gotrueUser("auth", late));
    await (await backend.tenant()).auth.admin.updateUserById(users.bcrypt.id, { user_metadata: { full_name: "Changed since" } });
    expect(await backend.importUsers({ from: url })).toMatchObject({ read: 8, imported: 1, present: 6, failed: 1, identities: 1, factors: 0 });
    expect((await signIn("late@example.com")).error).toBeNull();
    expect((await (await backend.tenant()).auth.admin.getUserById(users.bcrypt.id)).user_metadata).toMatchObject({ full_name: "Changed since" });
  });

  test("broken off, it goes on where it was", async () => {
    await backend.projects.create({ ref: "resumed" });
    const controller = new AbortController();
    const broken = backend.importUsers({ from: url, ref: "resumed", batchSize: 2, signal: controller.signal, onProgress: () => controller.abort() });
    await expect(broken).rejects.toMatchObject({ name: "AbortError" });
    expect(await backend.importUsers({ from: url, ref: "resumed", batchSize: 2 })).toMatchObject({ read: 8, imported: 6, present: 2, failed: 0 });
    const { anonKey } = await backend.projects.get("resumed");
    expect((await signIn("taken@example.com", anonKey)).data.user?.id).toBe(users.taken.id);
    expect((await signIn("taken@example.com")).error).not.toBeNull();
  });

  test("a trigger that refuses one leaves out that one, unless triggers are", async () => {
    await backend.projects.create({ ref: "triggered" });
    await backend.sql(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'No phones'; end $$;
      create trigger refuse after insert on auth.users for each row when (new.phone is not null) execute function refuse()`, "triggered");
    const result = await backend.importUsers({ from: url, ref: "triggered" });
    expect(result).toMatchObject({ read: 8, imported: 7, failed: 1 });
    expect(result.problems).toContainEqual({ userId: users.phone.id, email: null, code: "database_raised", message: "No phones" });
    expect(await backend.importUsers({ from: url, ref: "triggered", withoutTriggers: true })).toMatchObject({ imported: 1, present: 7, failed: 0 });
    await expect(backend.sql(`insert into auth.users (id, phone) values (gen_random_uuid(), '1')`, "triggered")).rejects.toMatchObject({ message: "No phones" });
  });

  test("from a schema that a dump of an older version was restored into", async () => {
    await backend.projects.create({ ref: "restored" });
    await backend.sql(gotrueTables("gotrue") + gotrueUser("gotrue", users.bcrypt) + gotrueUser("gotrue", users.google), "restored");
    await backend.sql(`alter table gotrue.identities drop column id cascade; alter table gotrue.identities rename provider_id to id; alter table gotrue.users drop column is_anonymous, drop column is_sso_user; drop table gotrue.mfa_factors`, "restored");
    expect(await backend.importUsers({ from: { schema: "gotrue" }, ref: "restored" })).toMatchObject({ imported: 2, identities: 2, problems: [] });
    expect(await backend.importUsers({ from: { schema: "gotrue" }, ref: "restored" })).toMatchObject({ imported: 0, present: 2, problems: [] });
    const { anonKey } = await backend.projects.get("restored");
    expect((await signIn("bcrypt@example.com", anonKey)).data.user).toMatchObject({ id: users.bcrypt.id, identities: [{ provider: "email", id: users.bcrypt.id }] });
  });

  test("restored right into the project's tables", async () => {
    await backend.projects.create({ ref: "in-place" });
    await backend.sql(gotrueUser("auth", users.factor) + gotrueUser("auth", users.encrypted), "in-place");
    expect(await dump("in-place")).toContain(SECRET);
    const result = await backend.importUsers({ from: { schema: "auth" }, ref: "in-place" });
    expect(result).toMatchObject({ read: 2, imported: 0, present: 2, factors: 3 });
    expect(result.problems.map(({ code }) => code)).toContain("password_hash_unknown");
    expect(await dump("in-place")).not.toMatch(new RegExp(`${SECRET}|${"ab".repeat(28)}`));
    expect(await backend.sql("select 1 from auth.sessions union all select 1 from auth.refresh_tokens", "in-place")).toEqual([]);
    const { anonKey } = await backend.projects.get("in-place");
    const { own } = await signIn("factor@example.com", anonKey);
    const { data } = await own.auth.mfa.listFactors();
    const verified = await own.auth.mfa.challengeAndVerify({ factorId: data!.totp[0]!.id, code: new TOTP({ secret: SECRET }).generate() });
    expect(verified.error).toBeNull();
    expect(await backend.importUsers({ from: { schema: "auth" }, ref: "in-place" })).toMatchObject({ factors: 0 });
    expect((await own.auth.getUser()).error).toBeNull();
  });

  test("nothing of what is no such database", async () => {
    await expect(backend.importUsers({ from: { schema: "nowhere" } })).rejects.toMatchObject({ code: "validation_failed" });
    await expect(backend.importUsers({ from: { schema: 'no"where; drop schema auth cascade; --' } })).rejects.toMatchObject({ code: "validation_failed" });
    await expect(backend.importUsers({ from: "postgres://nobody@127.0.0.1:1/nothing" })).rejects.toMatchObject({ code: "PLINTH_DATABASE_UNAVAILABLE" });
    await expect(backend.importUsers({ from: url, ref: "unknown" })).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
  });
});
