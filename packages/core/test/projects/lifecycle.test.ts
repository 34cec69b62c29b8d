import { decodeJwt, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type NativeWorld, openNativeWorld, query, uniqueRef } from "./support/native-world.ts";

const SETUP = ["create schema if not exists mail; create table if not exists mail.outbox (id int)", "create or replace view mail.sent as select * from mail.outbox"];

let world: NativeWorld;
beforeAll(async () => void (world = await openNativeWorld({ databaseSetup: SETUP })));
afterAll(() => world.end());

const databaseExists = async (name: string): Promise<boolean> => (await query(world.adminUrl, "select from pg_database where datname = $1", [name])).length > 0;
const roleExists = async (name: string): Promise<boolean> => (await query(world.adminUrl, "select from pg_roles where rolname = $1", [name])).length > 0;

describe("create", () => {
  test("makes a project with a database, a secret and keys that stay the same", async () => {
    const ref = uniqueRef();
    const made = await world.projects.create({ ref, name: "Acme", settings: { rest: { maxRows: 10 } } });
    expect(made).toMatchObject({ ref, name: "Acme", status: "active", adopted: false, roles: { anon: "anon", authenticated: "authenticated", service: "service_role" }, settings: { rest: { maxRows: 10 } } });
    expect(made.jwtSecret).toMatch(/^[A-Za-z0-9_-]{43,}$/);
    const { payload } = await jwtVerify(made.anonKey, new TextEncoder().encode(made.jwtSecret));
    const issued = Math.floor(made.createdAt.getTime() / 1000);
    expect(payload).toEqual({ iss: "plinth", ref, role: "anon", iat: issued, exp: issued + 3650 * 86_400 });
    expect(decodeJwt(made.serviceRoleKey)).toMatchObject({ ref, role: "service_role" });
    expect(await world.projects.get(ref)).toEqual(made);
    expect(await (await world.another()).get(ref)).toEqual(made);
    expect((await world.projects.list()).projects).toContainEqual(expect.objectContaining({ ref, name: "Acme" }));
    expect(JSON.stringify(await world.projects.list())).not.toContain(made.jwtSecret);
  });

  test("gives a database that Supabase's SQL runs in", async () => {
    const { databaseUrl } = await world.projects.create({ ref: uniqueRef() });
    const sub = "6f1b6a3e-3c0f-4b9e-8a62-0d4b7a1f0c11";
    expect(await query(databaseUrl as string, "show search_path")).toEqual([{ search_path: '"$user", public, extensions' }]);
    for (const role of ["anon", "authenticated", "service_role"]) {
      const start = new URL(databaseUrl as string);
      start.searchParams.set("options", `-c role=${role} -c request.jwt.claims={"sub":"${sub}","role":"${role}","email":"a@b.c"}`);
      const [row] = await query(start.href, "select auth.uid(), auth.role(), auth.email(), auth.jwt() ->> 'sub' as sub, uuid_generate_v4() is not null as uuid, length(gen_salt('bf')) > 0 as salt");
      expect(row).toEqual({ uid: sub, role, email: "a@b.c", sub, uuid: true, salt: true });
      start.searchParams.set("options", `-c role=${role}`);
      expect(await query(start.href, "select auth.uid(), auth.role(), auth.jwt()")).toEqual([{ uid: null, role: null, jwt: null }]);
    }
  });

  test("runs the services' set-up as the owner", async () => {
    const { ref } = await world.projects.create({ ref: uniqueRef() });
    const owner = await world.projects.ownerDatabase(ref);
    try {
      await owner.script("insert into mail.outbox values (1); insert into mail.outbox values (2);");
      expect(await owner.db.selectFrom("mail.sent").selectAll().execute()).toHaveLength(2);
      await expect(owner.script("insert into mail.outbox values (3); select 1/0")).rejects.toMatchObject({ code: "22012" });
      expect(await owner.db.selectFrom("mail.sent").selectAll().execute()).toHaveLength(2);
    } finally {
      await owner.release();
    }
  });

  test("refuses a ref that is taken, and refs and options that are none", async () => {
    const ref = uniqueRef();
    await world.projects.create({ ref });
    await expect(world.projects.create({ ref })).rejects.toMatchObject({ code: "PLINTH_PROJECT_EXISTS" });
    for (const bad of ["", "A", "1a", "a_b", "a.b", `a${"b".repeat(40)}`, 'a"; drop role x', "a\n", "-a"]) {
      await expect(world.projects.create({ ref: bad }), bad).rejects.toMatchObject({ code: "PLINTH_PROJECT_REF_INVALID" });
    }
    for (const bad of [{ jwtSecret: "x".repeat(31) }, { roles: { anon: "" } }, { roles: { anon: "authenticated" } }, { ownerUrl: "postgres://a@b/c" }, { databaseUrl: "mysql://a@b/c" }]) {
      await expect(world.projects.create({ ref: uniqueRef(), ...bad }), JSON.stringify(bad)).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
    }
    await expect(world.projects.get(uniqueRef())).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
    await expect(world.projects.ownerDatabase(uniqueRef())).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
  });

  test("makes the longest ref there may be, with dashes", async () => {
    const ref = `${uniqueRef("z-")}${"-x".repeat(20)}`.slice(0, 40);
    const made = await world.projects.create({ ref });
    expect(await query(made.databaseUrl as string, "select current_user as who, current_database() as place")).toEqual([{ who: `plinth_${ref}`, place: `plinth_${ref}` }]);
  });

  test("made by several at once, in one process and in two, is made once and had by all", async () => {
    const ref = uniqueRef();
    const other = await world.another();
    const made = await Promise.all([world.projects, other, world.projects, other, world.projects].map((projects) => projects.create({ ref })));
    expect(new Set(made.map((project) => project.anonKey)).size).toBe(1);
    expect(await query(made[0]?.databaseUrl as string, "select 1 as one")).toEqual([{ one: 1 }]);
    expect((await world.projects.list()).projects.filter((project) => project.ref === ref)).toHaveLength(1);
  });

  test("many different at once are all made", async () => {
    const refs = Array.from({ length: 6 }, () => uniqueRef());
    const made = await Promise.all(refs.map((ref) => world.projects.create({ ref })));
    expect(made.map((project) => project.ref)).toEqual(refs);
    expect(new Set(made.map((project) => project.jwtSecret)).size).toBe(refs.length);
  });

  test("of the same ref on another backend of the same server takes another name", async () => {
    const ref = uniqueRef();
    const neighbour = await openNativeWorld();
    try {
      const [here, there] = [await world.projects.create({ ref }), await neighbour.projects.create({ ref })];
      const [mine, theirs] = await Promise.all([here, there].map(async ({ databaseUrl }) => (await query<{ db: string }>(databaseUrl as string, "select current_database() as db"))[0]?.db));
      expect(mine).toBe(`plinth_${ref}`);
      expect(theirs).toMatch(new RegExp(`^plinth_${ref}_[0-9a-f]{8}$`));
      await neighbour.projects.delete(ref);
      expect(await databaseExists(theirs as string)).toBe(false);
      expect(await query(here.databaseUrl as string, "select 1 as one")).toEqual([{ one: 1 }]);
    } finally {
      await neighbour.end();
    }
  });
});

describe("delete", () => {
  test("takes away the database, the login and the sessions, and may be called again", async () => {
    const ref = uniqueRef();
    const made = await world.projects.create({ ref });
    const busy = query(made.databaseUrl as string, "select pg_sleep(60)").catch((error: { code: string }) => error.code);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const told: string[] = [];
    const stop = world.projects.onChange(async (changed) => void told.push(`${changed} ${await databaseExists(`plinth_${ref}`)}`));
    await world.projects.delete(ref);
    stop();
    expect(told).toEqual([`${ref} true`]);
    expect(await busy).toBe("57P01");
    expect([await databaseExists(`plinth_${ref}`), await roleExists(`plinth_${ref}`)]).toEqual([false, false]);
    await expect(world.projects.get(ref)).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
    await world.projects.delete(ref);
    const again = await world.projects.create({ ref });
    expect(again.anonKey).not.toBe(made.anonKey);
  });
});

describe("record", () => {
  test("has what it takes to serve, and follows a deletion at once", async () => {
    const ref = uniqueRef();
    const jwks = { url: "https://issuer.example/jwks.json" };
    const made = await world.projects.create({ ref, jwks, jwtAudience: "authenticated" });
    const record = await world.projects.record(ref);
    expect(record).toMatchObject({ project: { ref }, jwtSecret: made.jwtSecret, jwks, jwtAudience: "authenticated", database: { kind: "native", cluster: "default", url: made.databaseUrl } });
    // Once the news of its making have come back to who made it.
    await expect.poll(async () => (await world.projects.record(ref)) === (await world.projects.record(ref))).toBe(true);
    await world.projects.delete(ref);
    await expect(world.projects.record(ref)).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
  });

  test("follows another process's deletion when its time is up", async () => {
    const ref = uniqueRef();
    const other = await world.another({ recordTtlMs: 50 });
    await world.projects.create({ ref });
    expect((await other.record(ref)).project.ref).toBe(ref);
    await world.projects.delete(ref);
    await new Promise((resolve) => setTimeout(resolve, 80));
    await expect(other.record(ref)).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
  });
});
