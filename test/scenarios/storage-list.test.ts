import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openNativeOrEmbedded } from "./support/open-backend.ts";

const ANN = "11111111-1111-4111-8111-111111111111";
const BEN = "22222222-2222-4222-8222-222222222222";

/**
 * Rows alone, which is all that lists look at. In "tree": files and folders of all kinds, of which Ann sees all. In "many": a
 * thousand names, by turns files and in folders. In "own", everybody sees a folder.
 */
const ROWS = `
create policy own_folder on storage.objects for all to authenticated
  using (bucket_id = 'own' and (storage.foldername(name))[1] = auth.uid()::text)
  with check (bucket_id = 'own' and (storage.foldername(name))[1] = auth.uid()::text);
create policy anns on storage.objects for select to authenticated using (bucket_id in ('tree', 'many', 'gone') and auth.uid() = '${ANN}');
-- What ends with ".keep" she sees, but doesn't delete.
create policy not_kept on storage.objects for delete to authenticated using (bucket_id = 'gone' and auth.uid() = '${ANN}' and name not like '%.keep');
insert into storage.buckets (id, name, public) values ('own', 'own', false), ('tree', 'tree', false), ('many', 'many', false), ('gone', 'gone', false), ('open', 'open', true);
insert into storage.objects (bucket_id, name, metadata, created_at, updated_at)
select 'tree', name, '{"size": 3, "mimetype": "text/plain"}', timestamptz '2024-01-01' + nth * interval '1 day', timestamptz '2025-01-01' - nth * interval '1 day' from unnest(array[
  'Zoo.txt', 'a.txt', 'B.txt', 'b.txt', 'docs/one.txt', 'docs/two/x', 'Docs/three.txt', 'docs-old/x', 'docs', 'empty/.emptyFolderPlaceholder', 'slash/', 'double//x',
  '_under_score/50_a', '_under_score/50xa', 'it''s (one) & more/x', 'Grüße/日本 🎉.txt', 'Grüße/é.txt', 'z/a/b/c/d', 'z/a/b!', 'z/a.txt'
]) with ordinality as t (name, nth);
insert into storage.objects (bucket_id, name)
select 'many', case when n % 3 = 0 then 'f' || lpad((n / 4)::text, 4, '0') || '/x' || n when n % 3 = 1 then 'F' || lpad(n::text, 4, '0') else 'f' || lpad((n - 1)::text, 4, '0') end from generate_series(1, 1000) n;
insert into storage.objects (bucket_id, name) values ('own', '${ANN}/mine'), ('own', '${ANN}/deep/er'), ('own', '${BEN}/his'), ('open', 'public.txt');
`;

describeDatabases("lists", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let ann: SupabaseClient["storage"];
  let ben: SupabaseClient["storage"];
  let anon: SupabaseClient["storage"];
  let admin: SupabaseClient["storage"];
  /** Where the bytes are. */
  let files: string;
  /** All names of "many", by their bytes. */
  let many: string[];
  beforeAll(async () => {
    files = await mkdtemp(path.join(tmpdir(), "plinth-list-"));
    ({ backend, close } = await openNativeOrEmbedded(databases, { sql: ROWS, storage: { store: { kind: "filesystem", directory: files } } }));
    const client = (key: string, token?: string): SupabaseClient =>
      createClient("http://backend", key, { global: { fetch: backend.fetch }, ...(token === undefined ? {} : { accessToken: async () => token }), auth: { persistSession: false, autoRefreshToken: false } });
    admin = client(backend.serviceRoleKey).storage;
    anon = client(backend.anonKey).storage;
    ann = client(backend.anonKey, backend.tokenFor({ sub: ANN })).storage;
    ben = client(backend.anonKey, backend.tokenFor({ sub: BEN })).storage;
    many = (await backend.sql<{ name: string }>(`select name from storage.objects where bucket_id = 'many'`)).map(({ name }) => name).sort(byBytes);
  });
  afterAll(async () => {
    await close();
    await rm(files, { recursive: true, force: true });
  });

  const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));
  type Storage = SupabaseClient["storage"];
  type ListOptions = Parameters<ReturnType<Storage["from"]>["list"]>[1];
  type PageOptions = NonNullable<Parameters<ReturnType<Storage["from"]>["listV2"]>[0]>;
  const names = async (storage: Storage, bucket: string, folder?: string, options?: ListOptions): Promise<string[]> => {
    const { data, error } = await storage.from(bucket).list(folder, options);
    expect(error).toBeNull();
    return data!.map(({ name, id }) => (id === null ? `${name}/` : name));
  };
  const page = async (storage: Storage, bucket: string, options: PageOptions) => {
    const { data, error } = await storage.from(bucket).listV2(options);
    expect(error).toBeNull();
    return { ...data!, names: [...data!.folders, ...data!.objects].map(({ name }) => name) };
  };
  const post = async (route: string, body: unknown) => {
    const response = await backend.fetch(`http://backend/storage/v1/object/${route}`, { method: "POST", headers: { ...backend.headersFor("service"), "content-type": "application/json" }, body: typeof body === "string" ? body : JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as { statusCode: string; code: string; message: string } };
  };

  describe("of a folder", () => {
    test("show files with what is known of them, and folders by their names alone, whatever their case", async () => {
      // Of folders that differ in case alone, the one whose object comes first stands for both.
      expect(await names(ann, "tree")).toEqual(["_under_score/", "a.txt", "B.txt", "b.txt", "docs", "docs-old/", "docs/", "double/", "empty/", "Grüße/", "it's (one) & more/", "slash/", "z/", "Zoo.txt"]);
      const { data } = await ann.from("tree").list("docs");
      expect(data).toEqual([
        { name: "one.txt", id: expect.stringMatching(/^[0-9a-f-]{36}$/), created_at: "2024-01-06T00:00:00.000Z", updated_at: "2024-12-27T00:00:00.000Z", last_accessed_at: expect.stringMatching(/^[\dT:.-]+Z$/), metadata: { size: 3, mimetype: "text/plain" } },
        expect.objectContaining({ name: "three.txt" }),
        { name: "two", id: null, created_at: null, updated_at: null, last_accessed_at: null, metadata: null },
      ]);
    });

    test("take it with a slash at its end or without, and in another case", async () => {
      for (const folder of ["docs", "docs/", "DOCS", "Docs/"]) expect(await names(ann, "tree", folder), folder).toEqual(["one.txt", "three.txt", "two/"]);
      expect(await names(ann, "tree", "z/A")).toEqual(["b!", "b/"]);
      expect(await names(ann, "tree", "z")).toEqual(["a.txt", "a/"]);
      expect(await names(ann, "tree", "empty")).toEqual([".emptyFolderPlaceholder"]);
      expect(await names(ann, "tree", "slash")).toEqual([""]);
      expect(await names(ann, "tree", "double")).toEqual(["/"]);
      expect(await names(ann, "tree", "Gru\u0308ße")).toEqual(["é.txt", "日本 🎉.txt"]);
      expect(await names(ann, "tree", "nothing")).toEqual([]);
    });

    test("search how names begin, character for character", async () => {
      expect(await names(ann, "tree", "", { search: "DO" })).toEqual(["docs", "docs-old/", "docs/", "double/"]);
      expect(await names(ann, "tree", "", { search: "docs/" })).toEqual(["docs/one.txt", "Docs/three.txt", "docs/two/"]);
      expect(await names(ann, "tree", "_under_score", { search: "50_" })).toEqual(["50_a"]);
      for (const search of ["%", "_nder", "50%", "'", "\\", "'; drop table storage.objects; --"]) expect(await names(ann, "tree", "", { search }), search).toEqual([]);
      expect(await names(ann, "tree", "", { search: "it's" })).toEqual(["it's (one) & more/"]);
      expect(await names(ann, "tree", "_under_score", { search: "50_", sortBy: { column: "created_at" } })).toEqual(["50_a"]);
    });

    test("are in the order asked for; by time, folders come first", async () => {
      expect(await names(ann, "tree", "", { sortBy: { column: "name", order: "desc" }, limit: 5 })).toEqual(["Zoo.txt", "z/", "slash/", "it's (one) & more/", "Grüße/"]);
      expect(await names(ann, "tree", "docs", { sortBy: { column: "created_at", order: "desc" } })).toEqual(["two/", "three.txt", "one.txt"]);
      expect(await names(ann, "tree", "docs", { sortBy: { column: "updated_at", order: "desc" } })).toEqual(["two/", "one.txt", "three.txt"]);
      expect(await names(ann, "tree", "docs", { sortBy: { column: "created_at", order: "asc" }, limit: 1, offset: 2 })).toEqual(["three.txt"]);
    });

    test("come in pages that leave out nothing and repeat nothing", async () => {
      const whole = await names(ann, "many", "", { limit: 1_500 });
      const expected = new Set(many.map((name) => (name.includes("/") ? `${name.split("/")[0]}/` : name)));
      expect([whole.length, new Set(whole)]).toEqual([expected.size, expected]);
      expect(whole.map((name) => name.toLowerCase())).toEqual([...whole].map((name) => name.toLowerCase()).sort(byBytes));
      for (const order of ["asc", "desc"] as const) {
        const inPages: string[] = [];
        for (let got = 1; got > 0; ) {
          const next = await names(ann, "many", "", { limit: 97, offset: inPages.length, sortBy: { column: "name", order } });
          inPages.push(...next);
          got = next.length;
        }
        expect(inPages, order).toEqual(order === "asc" ? whole : [...whole].reverse());
      }
    });

    test("show everybody what is theirs", async () => {
      expect(await names(ann, "own")).toEqual([`${ANN}/`]);
      expect(await names(ann, "own", ANN)).toEqual(["deep/", "mine"]);
      expect(await names(ben, "own")).toEqual([`${BEN}/`]);
      expect(await names(ben, "own", ANN)).toEqual([]);
      expect(await names(anon, "own")).toEqual([]);
      expect(await names(ben, "tree")).toEqual([]);
      // Public is what is asked for by its name.
      expect(await names(anon, "open")).toEqual([]);
      expect(await names(admin, "own")).toEqual([`${ANN}/`, `${BEN}/`]);
      expect(await names(admin, "none")).toEqual([]);
    });

    test("refuse what they don't know", async () => {
      for (const body of [{}, { prefix: 1 }, { prefix: "", limit: 0 }, { prefix: "", limit: 1.5 }, { prefix: "", limit: "x" }, { prefix: "", offset: -1 }, { prefix: "", offset: 1e12 }, { prefix: "", sortBy: {} }, { prefix: "", sortBy: { column: "size" } }, { prefix: "", sortBy: { column: "name", order: "up" } }, { prefix: "\u0000" }, "{", '{"prefix":"\\ud800"}']) {
        expect(await post("list/tree", body), JSON.stringify(body)).toMatchObject({ status: 400, body: { statusCode: "400", code: "InvalidRequest", message: expect.stringMatching(/^[Bb]ody/) } });
      }
      expect(await post("list/a%2Fb", { prefix: "" })).toMatchObject({ status: 400, body: { message: "Bucket name invalid" } });
      expect((await post("list/many", { prefix: "", limit: 10_000 })).body).toHaveLength(new Set(many.map((name) => name.split("/")[0]! + (name.includes("/") ? "/" : ""))).size);
      expect((await backend.fetch("http://backend/storage/v1/object/list/tree", { method: "POST", body: "{}" })).ok).toBe(false);
    });
  });

  describe("of the second version", () => {
    test("are of all names, or of a folder's, by bytes", async () => {
      expect((await page(ann, "tree", { prefix: "docs" })).names).toEqual(["docs", "docs-old/x", "docs/one.txt", "docs/two/x"]);
      const { data } = await ann.from("tree").listV2({ prefix: "docs/", with_delimiter: true });
      expect(data).toEqual({
        hasNext: false,
        folders: [{ key: "two", name: "docs/two/", id: null, created_at: null, updated_at: null, last_accessed_at: null, metadata: null }],
        objects: [{ key: "one.txt", name: "docs/one.txt", id: expect.any(String), created_at: "2024-01-06T00:00:00.000Z", updated_at: "2024-12-27T00:00:00.000Z", last_accessed_at: expect.any(String), metadata: { size: 3, mimetype: "text/plain" } }],
      });
      const top = await page(ann, "tree", { with_delimiter: true });
      expect(top.folders.map(({ name }) => name)).toEqual(["Docs/", "Grüße/", "_under_score/", "docs-old/", "docs/", "double/", "empty/", "it's (one) & more/", "slash/", "z/"]);
      expect(top.objects.map(({ name }) => name)).toEqual(["B.txt", "Zoo.txt", "a.txt", "b.txt", "docs"]);
      expect((await page(ann, "tree", { prefix: "do", with_delimiter: true })).names).toEqual(["docs-old/", "docs/", "double/", "docs"]);
      expect((await page(ann, "tree", { prefix: "double/", with_delimiter: true })).names).toEqual(["double//"]);
      for (const prefix of ["%", "_nder", "docs\\", "DOCS/"]) expect((await page(ann, "tree", { prefix })).names, prefix).toEqual([]);
    });

    for (const [title, options] of Object.entries({
      "by name": {},
      "by name backwards": { sortBy: { column: "name", order: "desc" } },
      "by time": { sortBy: { column: "created_at" } },
      "by time backwards": { sortBy: { column: "updated_at", order: "desc" } },
    } satisfies Record<string, PageOptions>)) {
      test(`come in pages that leave out nothing and repeat nothing, ${title}`, async () => {
        for (const [bucket, withDelimiter, limit] of [["many", false, 170], ["many", true, 90], ["tree", true, 1], ["tree", false, 7]] as const) {
          const whole = await page(ann, bucket, { ...options, with_delimiter: withDelimiter });
          expect(whole.hasNext).toBe(false);
          const pages = { folders: [] as string[], objects: [] as string[] };
          for (let cursor: string | undefined, hasNext = true; hasNext; ) {
            // The cursor alone says in which order.
            const next = await page(ann, bucket, { ...(cursor === undefined ? options : {}), with_delimiter: withDelimiter, limit, ...(cursor === undefined ? {} : { cursor }) });
            pages.folders.push(...next.folders.map(({ name }) => name));
            pages.objects.push(...next.objects.map(({ name }) => name));
            ({ hasNext, nextCursor: cursor } = next);
            expect(next.names.length <= limit && hasNext === (cursor !== undefined)).toBe(true);
          }
          expect(pages, `${bucket} ${withDelimiter}`).toEqual({ folders: whole.folders.map(({ name }) => name), objects: whole.objects.map(({ name }) => name) });
          if (bucket === "many" && !withDelimiter) expect([...whole.names].sort(byBytes)).toEqual(many);
        }
      });
    }

    test("are in the order of times, a folder being as old as its oldest object", async () => {
      const created = await page(ann, "tree", { with_delimiter: true, prefix: "docs", sortBy: { column: "created_at", order: "asc" } });
      expect([created.folders.map(({ name }) => name), created.objects.map(({ name }) => name)]).toEqual([["docs/", "docs-old/"], ["docs"]]);
      expect(created.folders[0]).toMatchObject({ key: "docs", created_at: "2024-01-06T00:00:00.000Z", updated_at: "2024-01-06T00:00:00.000Z" });
      expect((await page(ann, "tree", { prefix: "docs", sortBy: { column: "updated_at", order: "asc" } })).names).toEqual(["docs", "docs-old/x", "docs/two/x", "docs/one.txt"]);
    });

    test("show everybody what is theirs", async () => {
      expect((await page(ann, "own", { with_delimiter: true })).names).toEqual([`${ANN}/`]);
      expect((await page(ben, "own", {})).names).toEqual([`${BEN}/his`]);
      expect((await page(ben, "own", { prefix: `${ANN}/` })).names).toEqual([]);
      for (const sortBy of [{ column: "name" }, { column: "created_at" }] as const) expect((await page(anon, "tree", { sortBy, with_delimiter: true })).names).toEqual([]);
      // A cursor gives no rights.
      const { nextCursor } = await page(ann, "own", { limit: 1 });
      expect((await page(ben, "own", { cursor: nextCursor! })).names).toEqual([`${BEN}/his`]);
    });

    test("refuse odd limits and cursors that no list has answered with", async () => {
      const made = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
      const cursors = ["x", "%%%", made({}), made("a"), made({ after: "a" }), made({ after: 1, column: "name", order: "asc" }), made({ after: "a", column: "version", order: "asc" }), made({ after: "a", column: "name", order: "asc; drop" }), made({ after: "a", column: "created_at", order: "asc" }), made({ after: "a", column: "created_at", order: "asc", time: "never" }), made({ after: "\u0000", column: "name", order: "asc" })];
      for (const body of [...cursors.map((cursor) => ({ cursor })), { limit: 0 }, { limit: -1 }, { limit: 2.5 }, { limit: null }, { with_delimiter: "yes" }, { sortBy: { column: "last_accessed_at" } }]) {
        expect(await post("list-v2/tree", body), JSON.stringify(body)).toMatchObject({ status: 400, body: { code: "InvalidRequest", message: expect.stringMatching(/^body\//) } });
      }
      expect((await post("list-v2/tree", {})).status).toBe(200);
      expect((await post("list-v2/tree", { limit: 5_000 })).status).toBe(200);
      // Of another prefix, it is a place in the order of names all the same.
      expect((await page(ann, "tree", { prefix: "docs", cursor: made({ after: "z", column: "name", order: "asc" }) })).names).toEqual([]);
      expect((await page(ann, "tree", { prefix: "docs-", cursor: made({ after: "a", column: "name", order: "asc" }) })).names).toEqual(["docs-old/x"]);
    });
  });

  describe("deleting folders", () => {
    const fill = (...of: string[]) => backend.sql(`delete from storage.objects where bucket_id = 'gone'; insert into storage.objects (bucket_id, name) select 'gone', unnest(array['${of.join("','")}'])`);
    const left = async (): Promise<string[]> => (await backend.sql<{ name: string }>("select name from storage.objects where bucket_id = 'gone' order by name")).map(({ name }) => name);
    const remove = async (who: { sub: string } | "anon" | "service", body: unknown) => {
      const response = await backend.fetch("http://backend/storage/v1/object/gone", { method: "DELETE", headers: { ...backend.headersFor(who), "content-type": "application/json" }, body: JSON.stringify(body) });
      return [response.status, await response.json()];
    };

    test("takes what is in them and below, and nothing beside them", async () => {
      await fill("a", "a/1", "a/b/2", "a/b/c/3", "a-x/4", "a0", "ab/5", "A/6", "aa", "x_y/1", "xzy/1");
      expect(await remove({ sub: ANN }, { folders: ["a"] })).toEqual([200, { deleted: 3 }]);
      expect(await left()).toEqual(["A/6", "a", "a-x/4", "a0", "aa", "ab/5", "x_y/1", "xzy/1"]);
      expect(await remove({ sub: ANN }, { folders: ["x_y/", "none"] })).toEqual([200, { deleted: 1 }]);
      expect(await left()).toContain("xzy/1");
    });

    test("is reached with storage-js, by a header", async () => {
      await fill("a/1", "a/2", "ab");
      expect((await ann.from("gone").remove(["a"])).data).toEqual([]);
      expect((await ann.from("gone").setHeader("x-recursive", "true").remove(["a"])).data).toEqual({ deleted: 2 });
      expect(await left()).toEqual(["ab"]);
    });

    test("takes many, and passes over what isn't the caller's to delete", async () => {
      await backend.sql(`delete from storage.objects where bucket_id = 'gone'; insert into storage.objects (bucket_id, name) select 'gone', 'f/' || lpad(n::text, 4, '0') || case when n <= 1100 then '.keep' else '' end from generate_series(1, 1500) n`);
      expect(await remove({ sub: BEN }, { folders: ["f"] })).toEqual([200, { deleted: 0 }]);
      expect(await remove("anon", { folders: ["f"] })).toEqual([200, { deleted: 0 }]);
      expect(await remove({ sub: ANN }, { folders: ["f"] })).toEqual([200, { deleted: 400 }]);
      expect(await remove("service", { folders: ["f/"] })).toEqual([200, { deleted: 1_100 }]);
    });

    test("takes their bytes", async () => {
      await admin.from("gone").upload("bytes/1", "to be deleted");
      const [{ version }] = (await backend.sql<{ version: string }>("select version from storage.objects where name = 'bytes/1'")) as [{ version: string }];
      const isKept = async (): Promise<boolean> => (await readdir(files, { recursive: true })).some((file) => file.includes(version));
      expect(await isKept()).toBe(true);
      expect(await remove("service", { folders: ["bytes"] })).toEqual([200, { deleted: 1 }]);
      await expect.poll(isKept, { timeout: 5_000 }).toBe(false);
    });

    test("refuses what is no folder, and both kinds at once", async () => {
      await fill("a/1");
      for (const folders of [[""], ["/"], [], "a", [1], Array.from({ length: 1_001 }, () => "a")]) expect(await remove("service", { folders }), JSON.stringify(folders).slice(0, 20)).toMatchObject([400, { statusCode: "400" }]);
      expect(await remove("service", { folders: ["a"], prefixes: ["a/1"] })).toMatchObject([400, { code: "InvalidRequest", message: "body: takes either prefixes or folders" }]);
      expect(await remove("service", {})).toMatchObject([400, { code: "InvalidRequest" }]);
      expect(await left()).toEqual(["a/1"]);
      const response = await backend.fetch("http://backend/storage/v1/object/none", { method: "DELETE", headers: backend.headersFor("service"), body: JSON.stringify({ folders: ["a"] }) });
      expect(await response.json()).toMatchObject({ code: "NoSuchBucket" });
    });
  });
});
