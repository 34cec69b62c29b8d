import { randomBytes } from "node:crypto";
import { MemoryStore } from "@plinth/storage";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import type { ProjectWithKeys } from "plinth";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openNativeOrEmbedded } from "../scenarios/support/open-backend.ts";

const SETUP = `
insert into storage.buckets (id, name, public) values ('files', 'files', false), ('open', 'open', true);
create policy everybody on storage.objects for all to anon, authenticated using (true) with check (true);
`;

describeDatabases("files of two projects in one store", (databases) => {
  const store = new MemoryStore({});
  let backend: TestBackend;
  let close: () => Promise<void>;
  let mine: ProjectWithKeys;
  let theirs: ProjectWithKeys;

  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { storage: { store } }));
    const make = async (name: string) => {
      const project = await backend.projects.create({ ref: `${name}-${randomBytes(3).toString("hex")}` });
      await backend.sql(SETUP, project.ref);
      return project;
    };
    [mine, theirs] = [await make("mine"), await make("theirs")];
  });
  afterAll(() => close());

  const call = (path: string, project: ProjectWithKeys | undefined, init: { readonly method?: string; readonly body?: string; readonly headers?: Readonly<Record<string, string>> } = {}) =>
    backend.fetch(`http://backend/storage/v1${path}`, { ...init, headers: { ...(project ? { apikey: project.serviceRoleKey } : {}), ...init.headers } });
  const keysOf = async (project: ProjectWithKeys): Promise<string[]> => {
    const keys: string[] = [];
    for await (const { key } of store.list(project.uid)) keys.push(key);
    return keys;
  };

  test("of the same names are each its own", async () => {
    for (const [project, body] of [[mine, "mine"], [theirs, "theirs"]] as const) expect((await call("/object/files/a", project, { method: "POST", body })).status).toBe(200);
    for (const [project, body] of [[mine, "mine"], [theirs, "theirs"]] as const) expect(await (await call("/object/files/a", project)).text()).toBe(body);
    await call("/object/files/a", mine, { method: "DELETE" });
    expect(await (await call("/object/files/a", theirs)).text()).toBe("theirs");
  });

  test("are read by addresses that their own project has signed, which name it", async () => {
    const signed = (await (await call("/object/sign/files/a", theirs, { method: "POST", body: '{"expiresIn":60}', headers: { "content-type": "application/json" } })).json()) as { signedURL: string };
    // Without a key: the token says whose it is.
    expect(await (await call(signed.signedURL, undefined)).text()).toBe("theirs");
    await call("/object/files/a", mine, { method: "POST", body: "mine" });
    // The key of another project doesn't make it that project's, nor does another project's name in it.
    expect((await call(signed.signedURL, mine)).status).toBe(400);
    const [head, payload, signature] = new URLSearchParams(signed.signedURL.split("?")[1]).get("token")!.split(".");
    const claims = { ...(JSON.parse(Buffer.from(payload!, "base64url").toString()) as object), ref: mine.ref };
    const forged = [head, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
    const response = await call(`/object/sign/files/a?token=${forged}`, undefined);
    expect([response.status, await response.json()]).toEqual([400, expect.objectContaining({ code: "InvalidJWT" })]);
  });

  test("are no other project's to upload to by a signed address", async () => {
    const { token } = (await (await call("/object/upload/sign/files/up", theirs, { method: "POST" })).json()) as { token: string };
    expect((await call(`/object/upload/sign/files/up?token=${token}`, mine, { method: "PUT", body: "x" })).status).toBe(400);
    expect((await call(`/object/upload/sign/files/up?token=${token}`, undefined, { method: "PUT", body: "x" })).status).toBe(200);
    expect((await call("/object/files/up", mine)).status).toBe(400);
  });

  test("of public buckets are told apart by a key where the host doesn't name their project", async () => {
    await call("/object/open/p", theirs, { method: "POST", body: "public" });
    expect((await call("/object/public/open/p", undefined)).ok).toBe(false);
    expect(await (await call(`/object/public/open/p?apikey=${theirs.anonKey}`, undefined)).text()).toBe("public");
    expect((await call(`/object/public/open/p?apikey=${mine.anonKey}`, undefined)).ok).toBe(false);
  });

  test("go with their project, and no others", async () => {
    expect(await keysOf(mine)).not.toEqual([]);
    const before = await keysOf(theirs);
    await backend.projects.delete(mine.ref, { graceMs: 0 });
    expect(await keysOf(mine)).toEqual([]);
    expect(await keysOf(theirs)).toEqual(before);
  });
});
