import { createClient } from "@supabase/supabase-js";
import { createTestBackend, type TestBackend, urlOf } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { createBackend } from "plinth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openNativeOrEmbedded } from "./support/open-backend.ts";

const MASTER_KEY = "a passphrase that is long enough to be one";
const TODOS = `
  create table public.todos (id int primary key, owner uuid, title text);
  alter table todos enable row level security;
  create policy own on todos using (owner = auth.uid());
  insert into todos values (1, '00000000-0000-0000-0000-000000000001', 'mine'), (2, '00000000-0000-0000-0000-000000000002', 'theirs');
  create function public.whoami() returns text language sql as $$ select current_user::text $$;`;

describe("supabase-js with opaque keys", () => {
  let backend: TestBackend;
  beforeAll(async () => {
    backend = await createTestBackend({ sql: TODOS });
  });
  afterAll(() => backend.close());

  async function client(kind: "publishable" | "secret", accessToken?: () => Promise<string>) {
    const { key } = await backend.projects.keys("default").create({ kind, name: kind });
    return createClient("http://backend", key, { global: { fetch: backend.fetch }, ...(accessToken ? { accessToken } : {}) });
  }

  test("a publishable key is anon's, a secret one the service role's, a user's token the user's", async () => {
    const token = await backend.projects.keys("default").signToken({ sub: "00000000-0000-0000-0000-000000000001", role: "authenticated" });
    const [anon, server, user] = [await client("publishable"), await client("secret"), await client("publishable", async () => token)];
    expect((await anon.rpc("whoami")).data).toBe("anon");
    expect((await server.rpc("whoami")).data).toBe("service_role");
    expect((await user.rpc("whoami")).data).toBe("authenticated");
    expect((await anon.from("todos").select("id")).data).toEqual([]);
    expect((await user.from("todos").select("id")).data).toEqual([{ id: 1 }]);
    expect((await server.from("todos").insert({ id: 3, title: "new" }).select("id")).data).toEqual([{ id: 3 }]);
    expect((await server.from("todos").delete().eq("id", 3)).status).toBe(204);
  });

  test("auth.getClaims verifies a token with the published keys alone", async () => {
    const keys = backend.projects.keys("default");
    await keys.createSigningKey();
    await keys.rotateSigningKey({ overlapMs: 0 });
    const token = await keys.signToken({ sub: "42", role: "authenticated", exp: Math.floor(Date.now() / 1000) + 60 });
    const { data, error } = await (await client("publishable")).auth.getClaims(token);
    expect(error).toBeNull();
    expect(data).toMatchObject({ claims: { sub: "42", role: "authenticated" }, header: { alg: "ES256" } });
  });
});

describeDatabases("opaque keys", (databases) => {
  test("are named, listed, renamed, given an end and taken back", async () => {
    const { backend, close } = await openNativeOrEmbedded(databases);
    try {
      const keys = backend.projects.keys("default");
      const { key, ...made } = await keys.create({ kind: "secret", name: "nightly report" });
      expect(made).toEqual({ id: expect.any(String), name: "nightly report", kind: "secret", role: "service_role", hint: key.slice(0, "sb_secret_default_".length + 4), createdAt: expect.any(Date), expiresAt: null, revokedAt: null });
      expect(key).toMatch(/^sb_secret_default_[0-9A-Za-z]{32}_[0-9a-f]{8}$/);
      const web = await keys.create({ kind: "publishable", name: "web", role: "web_anon", expiresAt: new Date("2100-01-01T00:00:00.000Z") });
      expect(web).toMatchObject({ role: "web_anon", expiresAt: new Date("2100-01-01T00:00:00.000Z") });
      expect((await keys.rename(made.id, "weekly report")).name).toBe("weekly report");
      const end = new Date(Date.now() + 60_000);
      expect((await keys.expire(made.id, end)).expiresAt).toEqual(end);
      const { revokedAt } = await keys.revoke(made.id);
      expect((await keys.revoke(made.id)).revokedAt).toEqual(revokedAt);
      await expect(keys.expire(made.id, null)).rejects.toMatchObject({ code: "PLINTH_KEY_STATE" });
      expect((await keys.list()).map(({ name, revokedAt: at }) => [name, at])).toEqual([["weekly report", revokedAt], ["web", null]]);
      const { entries } = await backend.projects.audit({ ref: "default" });
      expect(entries.map(({ action }) => action).filter((action) => action.startsWith("key."))).toEqual(["key.revoke", "key.expire", "key.rename", "key.create", "key.create"]);
      for (const wrong of [{ kind: "public" }, { name: "" }, { name: "x".repeat(101) }, { name: 5 }, { expiresAt: new Date(Date.now() - 1) }, { expiresAt: new Date(Number.NaN) }, { expiresAt: "2100-01-01" }, { roles: "anon" }]) {
        await expect(keys.create({ kind: "secret", name: "x", ...wrong } as never), JSON.stringify(wrong)).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
      }
      expect(await keys.list()).toHaveLength(2);
    } finally {
      await close();
    }
  });

  // An embedded database is one process's alone.
  if (databases.kind === "embedded") return;
  test("are had and taken back in every process within a second, as JWT secrets are", async () => {
    const databaseUrl = urlOf(await databases.create());
    const options = { databaseUrl, masterKey: MASTER_KEY, inMemory: true, health: false, pool: { maxConnections: 2 } } as const;
    const one = await createBackend(options);
    const two = await createBackend(options);
    try {
      const keys = one.projects.keys("default");
      const { anonKey } = await one.projects.get("default");
      const ask = async (key: string): Promise<number> => (await two.fetch("http://backend/rest/v1/", { headers: { apikey: key } })).status;
      const until = async (key: string, status: number): Promise<number> => {
        const begun = performance.now();
        while ((await ask(key)) !== status && performance.now() - begun < 5_000) await new Promise((resolve) => setTimeout(resolve, 5));
        return performance.now() - begun;
      };
      expect(await ask(anonKey)).toBe(200);
      const { key, id } = await keys.create({ kind: "publishable", name: "web" });
      expect(await until(key, 200)).toBeLessThan(1_000);
      await keys.revoke(id);
      expect(await until(key, 401)).toBeLessThan(1_000);
      const rotated = await keys.rotateJwtSecret({ overlapMs: 0 });
      expect(await until(anonKey, 401)).toBeLessThan(1_000);
      expect(await ask(rotated.anonKey)).toBe(200);
    } finally {
      await one.projects.delete("default");
      await Promise.all([one.close(), two.close()]);
    }
  });
});
