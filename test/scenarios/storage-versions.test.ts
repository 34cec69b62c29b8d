import type { BucketObjects, TenantStorageApi } from "plinth";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openNativeOrEmbedded } from "./support/open-backend.ts";

const ANN = "11111111-1111-4111-8111-111111111111";
const BEN = "22222222-2222-4222-8222-222222222222";

/** Everybody has a folder of their own; signed-in users read "shared/", and write nothing there; what is in "kept/" nobody deletes. */
const POLICIES = `
create policy own_folder on storage.objects for all to authenticated
  using (bucket_id = 'docs' and (storage.foldername(name))[1] = auth.uid()::text)
  with check (bucket_id = 'docs' and (storage.foldername(name))[1] = auth.uid()::text);
create policy read_shared on storage.objects for select to authenticated using (bucket_id = 'docs' and name like 'shared/%');
insert into storage.buckets (id, name, public, kept_versions) values ('docs', 'docs', false, 3), ('open', 'open', true, 3), ('plain', 'plain', false, null);
`;

interface Listed {
  readonly version: string;
  readonly size: number;
  readonly deleted: boolean;
}

describeDatabases("versions", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let storage: TenantStorageApi;
  let docs: BucketObjects;
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { sql: POLICIES }));
    ({ storage } = await backend.tenant());
    docs = storage.from("docs");
  });
  afterAll(() => close());

  const api = (path: string, headers: Readonly<Record<string, string>>, method = "GET") => backend.fetch(`http://backend/storage/v1${path}`, { method, headers });
  const admin = () => ({ apikey: backend.serviceRoleKey });
  const ann = () => backend.headersFor({ sub: ANN });
  const others = () => ({ ben: backend.headersFor({ sub: BEN }), anon: { apikey: backend.anonKey } });
  const list = async (name: string, headers: Readonly<Record<string, string>>): Promise<Listed[]> => (await api(`/versions/${name}`, headers)).json() as Promise<Listed[]>;
  /** Writes one text after the other below the name. */
  const write = async (objects: BucketObjects, name: string, ...texts: readonly string[]): Promise<void> => {
    for (const text of texts) await objects.upload(name, text, { upsert: true, owner: ANN, metadata: { text } });
  };
  /** Waits until so many are left, and shows that nothing else is in the store. */
  const settled = async (name: string, count: number): Promise<void> => {
    await expect.poll(async () => (await backend.sql(`select version from storage.object_versions where name = '${name}'`)).length, { timeout: 20_000, interval: 100 }).toBe(count);
    await expect.poll(() => storage.sweep({ grace: 0, dryRun: true }), { timeout: 20_000, interval: 100 }).toMatchObject({ bytesWithoutRow: { count: 0 }, rowsWithoutBytes: { count: 0 } });
  };

  describe("of an object", () => {
    const name = `${ANN}/letter`;

    test("are kept where its bucket says so, listed newest first, and read", async () => {
      await write(docs, name, "one", "two!", "three");
      const versions = await list(`docs/${name}`, ann());
      expect(versions).toMatchObject([{ size: 4, name, bucket_id: "docs", deleted: false, metadata: { text: "two!" }, content_type: "text/plain;charset=UTF-8" }, { size: 3 }]);
      const one = await api(`/version/${versions[1]!.version}/docs/${name}`, ann());
      expect([one.status, one.headers.get("content-type"), await one.text()]).toEqual([200, "text/plain;charset=UTF-8", "one"]);
      const part = await api(`/version/${versions[0]!.version}/docs/${name}`, { ...ann(), range: "bytes=1-2" });
      expect([part.status, part.headers.get("content-range"), await part.text()]).toEqual([206, "bytes 1-2/4", "wo"]);
      expect((await api(`/version/${versions[0]!.version}/docs/${name}`, ann(), "HEAD")).headers.get("content-length")).toBe("4");
      await write(storage.from("plain"), "a", "one", "two");
      expect(await list("plain/a", admin())).toEqual([]);
    });

    test("are nobody's who does not see the object", async () => {
      const [{ version }] = (await list(`docs/${name}`, admin())) as [Listed];
      for (const [who, headers] of Object.entries(others())) {
        for (const method of ["GET", "POST", "DELETE"]) {
          const refused = await api(`/version/${version}/docs/${name}`, headers, method);
          expect([refused.status, (await refused.json() as { code: string }).code], `${who} ${method}`).toEqual([400, "NoSuchKey"]);
        }
        expect((await api(`/versions/docs/${name}`, headers)).status, who).toBe(400);
      }
      expect((await api(`/versions/docs/${name}`, {})).ok).toBe(false);
      // One's own object doesn't lead to another's versions.
      await write(docs, `${BEN}/mine`, "x", "y");
      expect((await api(`/version/${version}/docs/${BEN}/mine`, others().ben)).status).toBe(400);
      expect(await list(`docs/${name}`, admin())).toHaveLength(2);
    });

    test("are restored by whoever may write, as objects of their own", async () => {
      const before = await list(`docs/${name}`, ann());
      const restored = await api(`/version/${before[1]!.version}/docs/${name}`, ann(), "POST");
      expect(await restored.json()).toMatchObject({ Key: `docs/${name}`, version: expect.not.stringContaining(before[1]!.version) });
      const { stream, info } = await docs.download(name);
      expect([await new Response(stream as unknown as ReadableStream).text(), info.metadata, info.owner]).toEqual(["one", { text: "one" }, ANN]);
      expect((await list(`docs/${name}`, ann())).map(({ size }) => size)).toEqual([5, 4, 3]);
      // Nothing is shared: the version that it was made of can go.
      expect((await api(`/version/${before[1]!.version}/docs/${name}`, ann(), "DELETE")).status).toBe(200);
      await expect.poll(async () => (await api(`/version/${before[1]!.version}/docs/${name}`, ann())).status).toBe(400);
      expect(await (await api(`/object/authenticated/docs/${name}`, ann())).text()).toBe("one");
      await write(docs, "shared/plan", "a", "b");
      const [shared] = (await list("docs/shared/plan", ann())) as [Listed];
      expect(await (await api(`/version/${shared.version}/docs/shared/plan`, ann())).text()).toBe("a");
      for (const method of ["POST", "DELETE"]) {
        const refused = await api(`/version/${shared.version}/docs/shared/plan`, ann(), method);
        expect(await refused.json(), method).toMatchObject({ statusCode: "403", code: "AccessDenied" });
      }
      expect(await list("docs/shared/plan", ann())).toHaveLength(1);
    });

    test("that never was, or of a name that is none, is not found", async () => {
      expect(await (await api(`/version/no-such/docs/${name}`, ann())).json()).toMatchObject({ statusCode: "404", code: "NoSuchVersion" });
      expect(await (await api(`/version/no-such/docs/${name}`, ann(), "POST")).json()).toMatchObject({ code: "NoSuchVersion" });
      expect((await api("/versions/docs/a%00b", admin())).status).toBe(400);
    });
  });

  test("of a deleted object are the service role's, also where another has its name now", async () => {
    const name = `${ANN}/gone`;
    await write(docs, name, "secret");
    await docs.remove([name]);
    expect((await api(`/versions/docs/${name}`, ann())).status).toBe(400);
    const [last] = (await list(`docs/${name}`, admin())) as [Listed];
    expect(last).toMatchObject({ deleted: true, size: 6 });
    await write(docs, name, "another");
    expect(await list(`docs/${name}`, ann())).toEqual([]);
    expect((await api(`/version/${last.version}/docs/${name}`, ann())).status).toBe(400);
    await docs.remove([name]);
    expect(await docs.restore(name, last.version)).toMatchObject({ name, isNew: true });
    expect(await (await api(`/object/authenticated/docs/${name}`, ann())).text()).toBe("secret");
  });

  test("of a public bucket are not public", async () => {
    await write(storage.from("open"), "page", "draft", "final");
    const [{ version }] = (await list("open/page", admin())) as [Listed];
    for (const [who, headers] of Object.entries({ ann: ann(), ...others() })) expect((await api(`/version/${version}/open/page`, headers)).status, who).toBe(400);
  });

  test("are no more than the bucket keeps, soon after a write", async () => {
    await write(docs, "many", "1", "2", "3", "4", "5", "6", "7");
    await settled("many", 3);
    expect((await docs.versions("many")).map(({ metadata }) => metadata?.["text"])).toEqual(["6", "5", "4"]);
  });

  test("go with time, and where their bucket keeps none any more, by the sweep", async () => {
    await storage.createBucket("brief", { keptVersions: 5, versionTtl: 3_600 });
    const brief = storage.from("brief");
    await write(brief, "a", "1", "2", "3");
    // What the writes have left to be trimmed is: from here on it's the sweep.
    await storage.sweep();
    await backend.sql("update storage.object_versions set archived_at = now() - interval '2 hours' where bucket_id = 'brief' and user_metadata ->> 'text' = '1'");
    expect((await brief.versions("a")).map(({ metadata }) => metadata?.["text"])).toEqual(["2"]);
    const { expiredVersions: counted } = await storage.sweep({ dryRun: true });
    expect([counted, (await storage.sweep()).expiredVersions, (await storage.sweep()).expiredVersions]).toEqual([1, 1, 0]);
    await storage.updateBucket("brief", { keptVersions: null });
    expect(await brief.versions("a")).toEqual([]);
    expect((await storage.sweep()).expiredVersions).toBe(1);
    await settled("a", 0);
    expect((await storage.sweep({ grace: 0 })).bytesWithoutRow.count).toBe(0);
  });

  test("go with their bucket", async () => {
    await storage.createBucket("temp", { keptVersions: 2 });
    await write(storage.from("temp"), "x", "1", "2");
    await storage.emptyBucket("temp");
    await storage.deleteBucket("temp");
    await expect.poll(async () => (await storage.sweep({ grace: 0, dryRun: true })).bytesWithoutRow.count, { timeout: 20_000 }).toBe(0);
    expect(await backend.sql("select 1 from storage.object_versions where bucket_id = 'temp'")).toEqual([]);
  });
});
