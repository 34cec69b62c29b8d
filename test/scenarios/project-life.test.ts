import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { signToken } from "plinth";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openNativeOrEmbedded } from "./support/open-backend.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

async function read(backend: TestBackend, apikey: string, token = apikey) {
  const response = await backend.fetch("http://backend/rest/v1/things?select=name", { headers: { apikey, authorization: `Bearer ${token}` } });
  return { status: response.status, body: (await response.json()) as unknown, retryAfter: response.headers.get("retry-after") };
}

const things = (name: string): string => `create table public.things (name text); insert into things values ('${name}')`;

describeDatabases("the life of a project", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { projects: { drainMs: 500 }, onError: () => undefined }));
  });
  afterAll(() => close());

  async function make(ref: string) {
    const project = await backend.projects.create({ ref });
    await backend.sql(things(ref), ref);
    return project;
  }

  test("paused, it is not served, and served again when it is resumed", async () => {
    const { ref, anonKey } = await make("pausing");
    expect(await read(backend, anonKey)).toMatchObject({ status: 200 });
    expect(await backend.projects.pause(ref)).toMatchObject({ ref, status: "paused" });
    for (const apikey of [anonKey, (await backend.projects.get(ref)).serviceRoleKey]) {
      expect(await read(backend, apikey)).toMatchObject({ status: 503, body: { code: "PLINTH_PROJECT_PAUSED" }, retryAfter: null });
    }
    await expect(backend.tenant(ref)).rejects.toMatchObject({ code: "PLINTH_PROJECT_PAUSED" });
    expect((await backend.projects.list({ status: "paused" })).projects.map((project) => project.ref)).toEqual([ref]);
    await backend.projects.pause(ref);
    expect(await backend.projects.resume(ref)).toMatchObject({ status: "active" });
    await backend.projects.resume(ref);
    expect(await read(backend, anonKey)).toMatchObject({ status: 200, body: [{ name: ref }] });
  });

  test("paused while it is asked things, it answers what was asked before, and refuses the rest", async () => {
    const { ref, anonKey } = await make("busy");
    const paused = new AbortController();
    const asking = Array.from({ length: 4 }, async () => {
      const statuses: number[] = [];
      while (!paused.signal.aborted) statuses.push((await read(backend, anonKey)).status);
      return statuses;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await backend.projects.pause(ref);
    paused.abort();
    const statuses = new Set((await Promise.all(asking)).flat());
    expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(await read(backend, anonKey)).toMatchObject({ status: 503 });
  });

  test("renamed, it is reached by the old keys and the new, until another project takes the ref", async () => {
    const before = await make("before");
    expect(await read(backend, before.anonKey)).toMatchObject({ status: 200 });
    const after = await backend.projects.rename("before", "after");
    expect(after).toMatchObject({ ref: "after", jwtSecret: before.jwtSecret, databaseUrl: before.databaseUrl });
    expect(after.anonKey).not.toBe(before.anonKey);
    expect(await backend.projects.rename("before", "after")).toMatchObject({ ref: "after" });
    const user = signToken({ ref: "before", role: "authenticated", sub: "00000000-0000-4000-8000-00000000000a" }, before.jwtSecret);
    for (const [apikey, token] of [[before.anonKey, before.anonKey], [after.anonKey, after.anonKey], [after.anonKey, user], [before.anonKey, user]] as const) {
      expect(await read(backend, apikey, token)).toMatchObject({ status: 200, body: [{ name: "before" }] });
    }
    expect((await backend.tenant("before")).ref).toBe("after");
    expect(await backend.projects.get("before")).toMatchObject({ ref: "after" });
    // Felt by whoever knows it by the old ref as well.
    await backend.projects.pause("after");
    expect(await read(backend, before.anonKey)).toMatchObject({ status: 503 });
    await backend.projects.resume("after");
    expect(await read(backend, before.anonKey)).toMatchObject({ status: 200 });

    const another = await make("before");
    expect(another.databaseUrl === undefined || another.databaseUrl !== before.databaseUrl).toBe(true);
    expect(await read(backend, another.anonKey)).toMatchObject({ status: 200, body: [{ name: "before" }] });
    expect(await read(backend, before.anonKey)).toMatchObject({ status: 401 });
    expect(await read(backend, after.anonKey, user)).toMatchObject({ status: 401 });
    expect(await read(backend, after.anonKey)).toMatchObject({ status: 200 });
  });

  test("can't have a ref that another has", async () => {
    await backend.projects.create({ ref: "first" });
    await backend.projects.create({ ref: "second" });
    await expect(backend.projects.rename("first", "second")).rejects.toMatchObject({ code: "PLINTH_PROJECT_EXISTS" });
    await expect(backend.projects.rename("nobody", "third")).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
    await expect(backend.projects.rename("first", "Not A Ref")).rejects.toMatchObject({ code: "PLINTH_PROJECT_REF_INVALID" });
    expect(await backend.projects.rename("first", "first")).toMatchObject({ ref: "first" });
  });

  test("changed, it is so at once", async () => {
    const { ref, serviceRoleKey, jwtSecret } = await make("changing");
    await backend.sql("insert into things values ('more')", ref);
    expect((await read(backend, serviceRoleKey)).body).toHaveLength(2);
    const changed = await backend.projects.update(ref, { name: "Changed", settings: { rest: { maxRows: 1 } }, jwtAudience: "here" });
    expect(changed).toMatchObject({ ref, name: "Changed", settings: { rest: { maxRows: 1 } } });
    expect((await read(backend, serviceRoleKey)).body).toHaveLength(1);
    const elsewhere = signToken({ role: "authenticated", aud: "elsewhere" }, jwtSecret);
    expect(await read(backend, serviceRoleKey, elsewhere)).toMatchObject({ status: 401 });
    await backend.projects.update(ref, { jwtAudience: null });
    expect(await read(backend, serviceRoleKey, elsewhere)).toMatchObject({ status: 200 });
    expect(await backend.projects.get(ref)).toMatchObject({ name: "Changed", settings: { rest: { maxRows: 1 } } });
    await expect(backend.projects.update(ref, { settings: { rest: { maxRows: -1 } } })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
    await expect(backend.projects.update(ref, { colour: "red" } as object)).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
    await expect(backend.projects.update("nobody", { name: "x" })).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
  });

  test("deleted with a time of grace, it can be restored, and is gone after it", async () => {
    const { ref, anonKey } = await make("graceful");
    expect(await read(backend, anonKey)).toMatchObject({ status: 200 });
    await backend.projects.delete(ref, { graceMs: 60_000 });
    await backend.projects.delete(ref, { graceMs: 60_000 });
    expect(await read(backend, anonKey)).toMatchObject({ status: 401, body: { code: "PGRST301" } });
    const { status, deleteAfter } = await backend.projects.get(ref);
    expect([status, (deleteAfter as Date).getTime() > Date.now() + 50_000]).toEqual(["deleted", true]);
    await expect(backend.projects.create({ ref })).rejects.toMatchObject({ code: "PLINTH_PROJECT_EXISTS", hint: expect.stringContaining("restore") });
    for (const refused of [backend.projects.pause(ref), backend.projects.update(ref, { name: "x" }), backend.projects.rename(ref, "elsewhere")]) await expect(refused).rejects.toMatchObject({ code: "PLINTH_PROJECT_STATE" });
    expect((await backend.projects.sweepDeleted()).purged).toEqual([]);
    expect(await backend.projects.restore(ref)).toMatchObject({ status: "active", deleteAfter: undefined });
    await backend.projects.restore(ref);
    expect(await read(backend, anonKey)).toMatchObject({ status: 200, body: [{ name: ref }] });

    await backend.projects.delete(ref, { graceMs: 1 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(backend.projects.restore(ref)).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
    expect(await backend.projects.sweepDeleted()).toEqual({ purged: [ref], finished: [], failed: [] });
    await expect(backend.projects.get(ref)).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
    const again = await backend.projects.create({ ref });
    expect(await read(backend, anonKey)).toMatchObject({ status: 401 });
    expect(await read(backend, again.anonKey)).toMatchObject({ status: 404, body: { code: "PGRST205" } });
  });

  test("restored, one that was paused is paused", async () => {
    const { ref, anonKey } = await make("resting");
    await backend.projects.pause(ref);
    await backend.projects.delete(ref, { graceMs: 60_000 });
    expect(await backend.projects.restore(ref)).toMatchObject({ status: "paused" });
    expect(await read(backend, anonKey)).toMatchObject({ status: 503 });
    await backend.projects.resume(ref);
    expect(await read(backend, anonKey)).toMatchObject({ status: 200 });
    await backend.projects.delete(ref, { graceMs: 60_000 });
    await backend.projects.delete(ref, { graceMs: 0 });
    await expect(backend.projects.get(ref)).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
  });

  test("is told in the audit log: who, what, before and after, and no secret", async () => {
    const jwtSecret = "a secret that nobody should ever read in a log";
    const jwks = { url: "https://user:hidden@issuer.example/keys?token=hidden", keys: [{ kty: "oct", kid: "k1", k: "hidden" }] };
    await backend.projects.as("ann@example.com").create({ ref: "audited", jwtSecret, settings: { rest: { maxRows: 5, schemas: ["public"] } } });
    const ben = backend.projects.as("ben@example.com");
    await ben.update("audited", { name: "Two", jwks: { url: jwks.url } });
    await ben.pause("audited");
    await ben.pause("audited");
    await backend.projects.resume("audited");
    await backend.projects.rename("audited", "audited-2");
    const { entries, next } = await backend.projects.audit({ ref: "audited-2" });
    expect(next).toBeUndefined();
    expect(entries.map(({ actor, action, before, after }) => ({ actor, action, before, after }))).toEqual([
      { actor: "host", action: "project.rename", before: { ref: "audited" }, after: { ref: "audited-2" } },
      { actor: "host", action: "project.resume", before: { status: "paused" }, after: { status: "active" } },
      { actor: "ben@example.com", action: "project.pause", before: { status: "active" }, after: { status: "paused" } },
      { actor: "ben@example.com", action: "project.update", before: { name: "audited", jwks: null }, after: { name: "Two", jwks: { url: "https://issuer.example/keys", kids: [] } } },
      { actor: "ann@example.com", action: "project.create", before: null, after: expect.objectContaining({ ref: "audited", settings: { rest: { maxRows: 5, schemas: ["(text)"] } } }) },
    ]);
    await ben.delete("audited-2");
    const gone = await backend.projects.audit({ ref: "audited-2", limit: 1 });
    expect(gone.entries).toMatchObject([{ actor: "ben@example.com", action: "project.delete", before: { ref: "audited-2" }, after: null }]);
    expect((await backend.projects.audit({ ref: "audited-2", after: gone.next as string, limit: 1 })).entries).toMatchObject([{ action: "project.rename" }]);
    expect(JSON.stringify((await backend.projects.audit()).entries)).not.toMatch(/hidden|nobody should ever/);
    await expect(backend.projects.audit({ after: "1; drop" })).rejects.toMatchObject({ code: "PLINTH_REQUEST_MALFORMED" });
  });

  test("is found page by page, though others come and go meanwhile", async () => {
    const db = backend.projects;
    const refs = ["page-a", "page-b", "page-c", "page-d", "page-e"];
    for (const ref of refs) await db.create({ ref, name: ref === "page-c" ? "100%_sure" : ref });
    const first = await db.list({ search: "PAGE-", limit: 2 });
    expect(first.projects.map(({ ref }) => ref)).toEqual(["page-a", "page-b"]);
    await db.delete("page-b");
    const second = await db.list({ search: "page-", limit: 2, after: first.next as string });
    expect(second.projects.map(({ ref }) => ref)).toEqual(["page-c", "page-d"]);
    const third = await db.list({ search: "page-", limit: 2, after: second.next as string });
    expect([third.projects.map(({ ref }) => ref), third.next]).toEqual([["page-e"], undefined]);
    expect((await db.list({ search: "0%_s" })).projects.map(({ ref }) => ref)).toEqual(["page-c"]);
    expect((await db.list({ search: "1_0" })).projects).toEqual([]);
    expect((await db.list({ cluster: "nowhere" })).projects).toEqual([]);
    expect((await db.list({ status: ["paused", "deleted"], search: "page-" })).projects).toEqual([]);
    for (const after of ["", "x", Buffer.from("1 '; drop").toString("base64url")]) await expect(db.list({ after })).rejects.toMatchObject({ code: "PLINTH_REQUEST_MALFORMED" });
  });
}, NATIVE_UNLESS_LONG);
