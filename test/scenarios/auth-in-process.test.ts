import { createServerClient } from "@supabase/ssr";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { cookiesOfNext, cookiesOfNode, cookiesOfRequest } from "@plinth/auth";
import { toExpressHandler } from "@plinth/express";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import express from "express";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { BackendTenant } from "plinth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAtDoor } from "./support/open-backend.ts";

const PASSWORD = "correct horse battery";

describeDatabases("Auth in process", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let tenant: BackendTenant;
  let other: BackendTenant;
  beforeAll(async () => {
    ({ backend, close } = await openAtDoor(databases, { auth: { password: { cost: 4 }, externalUrl: "https://api.example.com", siteUrl: "https://app.example.com", smtpMaxFrequency: 0 }, logger: silent }));
    await backend.projects.create({ ref: "other-project" });
    [tenant, other] = [await backend.tenant(), await backend.tenant("other-project")];
    await tenant.auth.admin.createUser({ email: "ann@example.com", password: PASSWORD, email_confirm: true, user_metadata: { bio: "ü".repeat(6_000) } });
    await tenant.auth.admin.createUser({ email: "ben@example.com", password: PASSWORD, email_confirm: true });
  });
  afterAll(() => close());

  const client = (): SupabaseClient => createClient("http://backend", backend.anonKey, { global: { fetch: backend.fetch }, auth: { persistSession: false, autoRefreshToken: false } });
  const signIn = async (email: string) => {
    const own = client();
    const { data } = await own.auth.signInWithPassword({ email, password: PASSWORD });
    return { own, token: data.session!.access_token, user: data.user! };
  };
  /** What a browser has after signing in through a server that uses @supabase/ssr. */
  const browserOf = async (email: string, name?: string) => {
    const jar = new Map<string, string>();
    const server = createServerClient("http://backend", backend.anonKey, {
      global: { fetch: backend.fetch }, ...(name ? { cookieOptions: { name } } : {}),
      cookies: { getAll: () => [...jar].map(([key, value]) => ({ name: key, value })), setAll: (cookies) => cookies.forEach(({ name: key, value }) => (value === "" ? jar.delete(key) : jar.set(key, value))) },
    });
    const { error } = await server.auth.signInWithPassword({ email, password: PASSWORD });
    expect(error).toBeNull();
    return jar;
  };
  const cookieHeader = (...jars: ReadonlyArray<ReadonlyMap<string, string>>) => jars.flatMap((jar) => [...jar].map(([name, value]) => `${name}=${encodeURIComponent(value)}`)).join("; ");
  const requestWith = (headers: Readonly<Record<string, string>>) => new Request("http://app.example.com/page", { headers });

  describe("getUser", () => {
    test("of a token, however it is shown", async () => {
      const { token, user } = await signIn("ben@example.com");
      const authorization = `Bearer ${token}`;
      for (const from of [token, requestWith({ authorization }), { headers: { authorization } }, { headers: new Headers({ authorization: `bearer  ${token}` }) }]) {
        expect(await tenant.auth.getUser(from)).toEqual((await client().auth.getUser(token)).data.user);
        expect(await tenant.auth.getClaims(from)).toMatchObject({ sub: user.id, role: "authenticated", email: "ben@example.com" });
      }
    });

    test("of the cookies of @supabase/ssr, in pieces too", async () => {
      const [ann, ben] = [await browserOf("ann@example.com"), await browserOf("ben@example.com")];
      expect([...ann.keys()].length).toBeGreaterThan(2);
      expect([...ben.values()][0]).toMatch(/^base64-/);
      expect((await tenant.auth.getUser(requestWith({ cookie: cookieHeader(ann) })))?.email).toBe("ann@example.com");
      expect((await tenant.auth.getUser({ headers: { cookie: `theme=dark; ${cookieHeader(ben)}` } }))?.email).toBe("ben@example.com");
    });

    test("nobody, where cookies are of two users, unless it is said which counts", async () => {
      const both = cookieHeader(await browserOf("ann@example.com"), await browserOf("ben@example.com", "sb-planted-auth-token"));
      expect(await tenant.auth.getUser(requestWith({ cookie: both }))).toBeUndefined();
      expect((await tenant.auth.getUser(requestWith({ cookie: both }), { cookieName: "sb-backend-auth-token" }))?.email).toBe("ann@example.com");
    });

    test("a token goes before cookies", async () => {
      const { token } = await signIn("ben@example.com");
      const cookie = cookieHeader(await browserOf("ann@example.com"));
      expect((await tenant.auth.getUser(requestWith({ cookie, authorization: `Bearer ${token}` })))?.email).toBe("ben@example.com");
      expect(await tenant.auth.getUser(requestWith({ cookie, authorization: `Bearer ${backend.anonKey}` }))).toBeUndefined();
    });

    test("nobody of what doesn't hold", async () => {
      const { token, own } = await signIn("ben@example.com");
      const [head, payload] = token.split(".");
      const nobodys = [
        "", "x", "a.b.c", backend.anonKey, backend.serviceRoleKey, `${head}.${payload}.${"A".repeat(43)}`, `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`,
        backend.tokenFor({ sub: "7b0c5c3e-6a4f-4d3c-8a55-0f6f0b1f7a11" }), backend.tokenFor({ sub: "1" }), backend.tokenFor({ sub: (await tenant.auth.getClaims(token))!.sub, exp: 1 }),
      ];
      for (const shown of nobodys) expect([shown, await tenant.auth.getUser(shown)]).toEqual([shown, undefined]);
      // Signed by somebody who has the secret: the session must be the user's all the same, and the user be there.
      const [ann, gone] = [(await signIn("ann@example.com")).user.id, (await tenant.auth.admin.createUser({ email: "gone@example.com", password: PASSWORD })).id];
      const { sub: ben, session_id } = (await tenant.auth.getClaims(token))!;
      for (const claims of [{ sub: ben!, session_id }, { sub: gone }]) expect((await tenant.auth.getUser(backend.tokenFor(claims)))?.id).toBe(claims.sub);
      await tenant.auth.admin.deleteUser(gone, true);
      for (const claims of [{ sub: ann, session_id }, { sub: gone }]) expect([claims, await tenant.auth.getUser(backend.tokenFor(claims))]).toEqual([claims, undefined]);
      for (const cookie of ["sb-x-auth-token=base64-%%%", "sb-x-auth-token={}", "sb-x-auth-token=null", 'sb-x-auth-token={"access_token":1}', "=", "sb-x-auth-token.1=x"]) expect(await tenant.auth.getUser(requestWith({ cookie }))).toBeUndefined();
      expect(await other.auth.getUser(token)).toBeUndefined();
      expect(await other.auth.getClaims(token)).toBeUndefined();
      const { token: still } = await signIn("ben@example.com");
      await own.auth.signOut({ scope: "local" });
      expect(await tenant.auth.getUser(still)).toBeDefined();
      expect(await tenant.auth.getUser(token)).toBeUndefined();
      expect(await tenant.auth.getClaims(token)).toBeDefined();
    });

    test("as it was a second ago at most, and at once where Auth has changed anything here or that is asked for", async () => {
      const { token, own, user } = await signIn("ben@example.com");
      const emailSeen = async (fresh?: boolean) => (await tenant.auth.getUser(token, fresh ? { fresh } : {}))?.email;
      expect(await emailSeen()).toBe("ben@example.com");
      // By SQL, of which Auth does not know.
      await backend.sql(`update auth.users set banned_until = now() + interval '1 hour' where id = '${user.id}'`);
      expect(await emailSeen(true)).toBeUndefined();
      await expect.poll(() => emailSeen(), { timeout: 3_000 }).toBeUndefined();
      await tenant.auth.admin.updateUserById(user.id, { ban_duration: "none", user_metadata: { a: 1 } });
      const seen = await tenant.auth.getUser(token);
      expect(seen?.user_metadata["a"]).toBe(1);
      (seen!.user_metadata as Record<string, unknown>)["a"] = 2;
      expect((await tenant.auth.getUser(token))?.user_metadata["a"]).toBe(1);
      await own.auth.updateUser({ data: { a: 3 } });
      expect((await tenant.auth.getUser(token))?.user_metadata["a"]).toBe(3);
    });

    test("whose claims a transaction runs with", async () => {
      await backend.sql("create table mine (owner uuid default auth.uid()); alter table mine enable row level security; create policy own on mine using (owner = auth.uid()); grant all on mine to authenticated");
      const { token, user } = await signIn("ben@example.com");
      const claims = (await tenant.auth.getClaims(token))!;
      const owners = await tenant.transaction<{ mine: { owner: string } }>({ role: "authenticated", claims }, (db) => db.insertInto("mine").defaultValues().returning("owner").execute());
      expect(owners).toEqual([{ owner: user.id }]);
    });
  });

  describe("admin", () => {
    test("has a user's whole life", async () => {
      const { admin } = tenant.auth;
      const made = await admin.createUser({ email: "life@example.com", password: PASSWORD, email_confirm: true });
      expect(await admin.getUserById(made.id)).toEqual(made);
      expect((await admin.updateUserById(made.id, { user_metadata: { a: 1 } })).user_metadata).toMatchObject({ a: 1 });
      const { token, own } = await signIn("life@example.com");
      const [session] = await admin.listSessions(made.id);
      expect(session).toMatchObject({ user_id: made.id, aal: "aal1" });
      await own.auth.mfa.enroll({ factorType: "totp" });
      const [factor] = await admin.mfa.listFactors({ userId: made.id });
      expect(await admin.mfa.deleteFactor({ userId: made.id, id: factor!.id })).toMatchObject({ id: factor!.id });
      await admin.signOut(token);
      expect(await admin.listSessions(made.id)).toEqual([]);
      await signIn("life@example.com");
      await admin.revokeSessions(made.id);
      expect(await admin.listSessions(made.id)).toEqual([]);
      await admin.deleteUser(made.id);
      await expect(admin.getUserById(made.id)).rejects.toMatchObject({ code: "user_not_found", status: 404 });
    });

    test("lists page by page", async () => {
      for (const number of [1, 2, 3]) await tenant.auth.admin.createUser({ email: `list-${number}@lists.example.com` });
      const first = await tenant.auth.admin.listUsers({ filter: "@lists.", perPage: 2, sort: "asc" });
      expect(first).toMatchObject({ total: 3, nextPage: 2, lastPage: 2, aud: "authenticated" });
      const second = await tenant.auth.admin.listUsers({ filter: "@lists.", perPage: 2, page: 2, sort: "asc" });
      expect([...first.users, ...second.users].map(({ email }) => email)).toEqual([1, 2, 3].map((number) => `list-${number}@lists.example.com`));
      expect(second.nextPage).toBeNull();
    });

    test("makes links to where the project is reached", async () => {
      const { user, properties } = await tenant.auth.admin.generateLink({ type: "magiclink", email: "link@example.com", redirectTo: "https://app.example.com/in" });
      expect(user).not.toHaveProperty("action_link");
      expect(properties.action_link).toMatch(/^https:\/\/api\.example\.com\/auth\/v1\/verify\?token=/);
      expect(properties.redirect_to).toBe("https://app.example.com/in");
      expect((await tenant.auth.admin.inviteUserByEmail("invited@example.com", { data: { a: 1 } })).user_metadata).toEqual({ a: 1 });
    });

    test("throws what the endpoint says", async () => {
      const { admin } = tenant.auth;
      await expect(admin.createUser({ email: "ann@example.com" })).rejects.toMatchObject({ code: "email_exists", status: 422 });
      await expect(admin.getUserById("../audit")).rejects.toMatchObject({ code: "validation_failed", status: 404 });
      await expect(admin.signOut("x")).rejects.toMatchObject({ status: 401 });
      await expect(admin.signOut(backend.serviceRoleKey)).rejects.toMatchObject({ code: "bad_jwt" });
    });

    test("is of its own project", async () => {
      const { user } = await signIn("ann@example.com");
      await expect(other.auth.admin.getUserById(user.id)).rejects.toMatchObject({ code: "user_not_found" });
      expect((await other.auth.admin.listUsers()).users).toEqual([]);
      expect(await backend.tenant()).toBe(tenant);
    });
  });

  describe("cookies of @supabase/ssr", () => {
    test("in a web-standard handler: sign in, be known, sign out", async () => {
      const serve = async (request: Request, work: (supabase: ReturnType<typeof createServerClient>) => Promise<unknown>): Promise<Response> => {
        const headers = new Headers();
        const supabase = createServerClient("http://backend", backend.anonKey, { cookies: cookiesOfRequest(request, headers), global: { fetch: backend.fetch } });
        return Response.json(await work(supabase), { headers });
      };
      const signedIn = await serve(requestWith({}), (supabase) => supabase.auth.signInWithPassword({ email: "ann@example.com", password: PASSWORD }));
      const set = signedIn.headers.getSetCookie();
      expect(set.length).toBeGreaterThan(2);
      expect(signedIn.headers.get("cache-control")).toContain("no-store");
      const cookie = set.map((line) => line.split(";")[0]).join("; ");
      const known = await serve(requestWith({ cookie }), async (supabase) => (await supabase.auth.getUser()).data.user?.email);
      expect(await known.json()).toBe("ann@example.com");
      expect((await tenant.auth.getUser(requestWith({ cookie })))?.email).toBe("ann@example.com");
      const out = await serve(requestWith({ cookie }), (supabase) => supabase.auth.signOut());
      expect(out.headers.getSetCookie().every((line) => /Max-Age=0/i.test(line))).toBe(true);
      expect(await tenant.auth.getUser(requestWith({ cookie }))).toBeUndefined();
    });

    test("in Express", async () => {
      const app = express();
      app.use("/api", toExpressHandler(backend));
      app.get("/sign-in", async (request, response) => {
        const supabase = createServerClient("http://backend", backend.anonKey, { cookies: cookiesOfNode(request, response), global: { fetch: backend.fetch } });
        const { data } = await supabase.auth.signInWithPassword({ email: "ben@example.com", password: PASSWORD });
        response.json({ id: data.user?.id });
      });
      app.get("/me", async (request, response) => {
        const user = await tenant.auth.getUser(request);
        response.status(user ? 200 : 401).json({ email: user?.email });
      });
      const server = app.listen(0, "127.0.0.1");
      await once(server, "listening");
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      try {
        expect((await fetch(`${url}/me`)).status).toBe(401);
        const set = (await fetch(`${url}/sign-in`)).headers.getSetCookie();
        const me = await fetch(`${url}/me`, { headers: { cookie: set.map((line) => line.split(";")[0]).join("; ") } });
        expect(await me.json()).toEqual({ email: "ben@example.com" });
      } finally {
        server.close();
        server.closeAllConnections();
      }
    });

    test("in Next.js, in a Server Component too", async () => {
      const jar = await browserOf("ben@example.com");
      const store = { getAll: () => [...jar].map(([name, value]) => ({ name, value })), set: () => { throw new Error("Cookies can only be modified in a Server Action or Route Handler"); } };
      const supabase = createServerClient("http://backend", backend.anonKey, { cookies: cookiesOfNext(store), global: { fetch: backend.fetch } });
      expect((await supabase.auth.getUser()).data.user?.email).toBe("ben@example.com");
      expect((await supabase.auth.refreshSession()).error).toBeNull();
    });
  });
});

const nothing = (): void => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => silent };
