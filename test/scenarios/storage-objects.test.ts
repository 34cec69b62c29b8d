import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openNativeOrEmbedded } from "./support/open-backend.ts";

const ANN = "11111111-1111-4111-8111-111111111111";
const BEN = "22222222-2222-4222-8222-222222222222";

/** Everybody has a folder of their own in the bucket "own"; signed-in users read "shared". */
const POLICIES = `
create policy own_folder on storage.objects for all to authenticated
  using (bucket_id = 'own' and (storage.foldername(name))[1] = auth.uid()::text)
  with check (bucket_id = 'own' and (storage.foldername(name))[1] = auth.uid()::text);
create policy read_shared on storage.objects for select to authenticated using (bucket_id = 'shared');
insert into storage.buckets (id, name, public) values ('own', 'own', false), ('shared', 'shared', false), ('open', 'open', true);
`;

describeDatabases("objects", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let admin: SupabaseClient["storage"];
  let ann: SupabaseClient["storage"];
  let ben: SupabaseClient["storage"];
  let anon: SupabaseClient["storage"];
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { sql: POLICIES }));
    const client = (key: string, token?: string): SupabaseClient =>
      createClient("http://backend", key, { global: { fetch: backend.fetch }, ...(token === undefined ? {} : { accessToken: async () => token }), auth: { persistSession: false, autoRefreshToken: false } });
    admin = client(backend.serviceRoleKey).storage;
    anon = client(backend.anonKey).storage;
    ann = client(backend.anonKey, backend.tokenFor({ sub: ANN })).storage;
    ben = client(backend.anonKey, backend.tokenFor({ sub: BEN })).storage;
  });
  afterAll(() => close());

  const text = async (blob: Blob | null): Promise<string | undefined> => blob?.text();
  const get = (path: string, headers: Readonly<Record<string, string>> = {}) => backend.fetch(`http://backend/storage/v1${path}`, { headers });

  describe("an upload", () => {
    test("is read back by whoever may, as it was", async () => {
      const { data, error } = await ann.from("own").upload(`${ANN}/a.txt`, "Hello", { contentType: "text/plain", cacheControl: "60", metadata: { mood: "fine" } });
      expect(error).toBeNull();
      expect(data).toMatchObject({ path: `${ANN}/a.txt`, fullPath: `own/${ANN}/a.txt`, id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
      expect(await text((await ann.from("own").download(`${ANN}/a.txt`)).data)).toBe("Hello");
      const info = await ann.from("own").info(`${ANN}/a.txt`);
      expect(info.data).toMatchObject({ name: `${ANN}/a.txt`, size: 5, contentType: "text/plain", cacheControl: "max-age=60", etag: '"8b1a9953c4611296a827abf8c47804d7"', metadata: { mood: "fine" } });
    });

    test("is refused to whom no policy lets, and leaves nothing", async () => {
      for (const [who, storage] of Object.entries({ ben, anon })) {
        const { error } = await storage.from("own").upload(`${ANN}/${who}.txt`, "Mine");
        expect(error, who).toMatchObject({ statusCode: "403", message: "new row violates row-level security policy" });
      }
      expect((await ben.from("own").download(`${ANN}/a.txt`)).error).toMatchObject({ status: 400 });
      expect(await backend.sql("select name from storage.objects where name like '%ben%' or name like '%anon%'")).toEqual([]);
    });

    test("with a token of a role that there isn't is refused as such", async () => {
      const answer = await get(`/object/own/${ANN}/a.txt`, { apikey: backend.anonKey, authorization: `Bearer ${backend.tokenFor({ sub: ANN, role: "nobody_there" })}` });
      expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ message: expect.stringContaining("nobody_there") })]);
    });

    test("of a name that is taken is refused, but where it may replace", async () => {
      await ann.from("own").upload(`${ANN}/twice`, "one");
      expect((await ann.from("own").upload(`${ANN}/twice`, "two")).error).toMatchObject({ statusCode: "409", message: "The resource already exists" });
      expect((await ann.from("own").upload(`${ANN}/twice`, "three", { upsert: true })).error).toBeNull();
      expect(await text((await ann.from("own").download(`${ANN}/twice`)).data)).toBe("three");
    });

    test("of many bytes comes through a stream", async () => {
      const bytes = Buffer.alloc(300_000, "0123456789");
      const stream = new ReadableStream({
        start(controller) {
          for (let at = 0; at < bytes.length; at += 50_000) controller.enqueue(bytes.subarray(at, at + 50_000));
          controller.close();
        },
      });
      expect((await ann.from("own").upload(`${ANN}/large`, stream, { duplex: "half" })).error).toBeNull();
      expect(Buffer.from(await (await ann.from("own").download(`${ANN}/large`)).data!.arrayBuffer()).equals(bytes)).toBe(true);
      const part = await get(`/object/authenticated/own/${ANN}/large`, { ...backend.headersFor({ sub: ANN }), range: "bytes=299995-" });
      expect([part.status, part.headers.get("content-range"), await part.text()]).toEqual([206, "bytes 299995-299999/300000", "56789"]);
    });

    test("is of a name in any script, the same however it is typed", async () => {
      const composed = `${ANN}/Grüße 日本 🎉.txt`;
      expect((await ann.from("own").upload(composed.normalize("NFD"), "x")).error).toBeNull();
      expect(await text((await ann.from("own").download(composed)).data)).toBe("x");
      expect((await ann.from("own").upload(`${ANN}/a\u0007b`, "x")).error).toMatchObject({ message: expect.stringContaining("Invalid key") });
    });

    test("says of itself what can be kept, and costs no more than it is long", async () => {
      const send = (headers: Readonly<Record<string, string>>, body: string | FormData = "x") => backend.fetch(`http://backend/storage/v1/object/own/${ANN}/said`, { method: "POST", body, headers: { ...backend.headersFor({ sub: ANN }), "x-upsert": "true", ...headers } });
      for (const tag of ["unavailable_after: a, ".repeat(600), `unavailable_after: a${" ".repeat(12_000)}`]) expect((await send({ "x-robots-tag": `${tag}!` })).status).toBe(400);
      expect((await send({ "x-robots-tag": "googlebot: noindex, unavailable_after: Friday, 25-Jun-10 15:00:00 PST, max-snippet: -1" })).status).toBe(200);
      const metadata = (text: string): FormData => {
        const form = new FormData();
        form.append("metadata", text);
        form.append("", new Blob(["x"]), "x");
        return form;
      };
      expect((await send({}, metadata("[".repeat(20_000) + "]".repeat(20_000)))).status).toBe(200);
      expect((await send({}, metadata(JSON.stringify({ kept: "\\u0000" })))).status).toBe(200);
      expect((await ann.from("own").info(`${ANN}/said`)).data?.metadata).toEqual({ kept: "\\u0000" });
    });

    test("keeps to what its bucket takes", async () => {
      await admin.createBucket("pictures", { public: false, fileSizeLimit: 10, allowedMimeTypes: ["image/*"] });
      expect((await admin.from("pictures").upload("a", "0123456789", { contentType: "image/png" })).error).toBeNull();
      expect((await admin.from("pictures").upload("b", "01234567890", { contentType: "image/png" })).error).toMatchObject({ statusCode: "413" });
      expect((await admin.from("pictures").upload("c", new Blob(["01234567890"], { type: "image/png" }))).error).toMatchObject({ statusCode: "413" });
      expect((await admin.from("pictures").upload("d", "x", { contentType: "text/plain" })).error).toMatchObject({ statusCode: "415", message: "mime type text/plain is not supported" });
      const copyAs = (mimetype: string) => backend.fetch("http://backend/storage/v1/object/copy", { method: "POST", headers: { ...backend.headersFor("service"), "content-type": "application/json" }, body: JSON.stringify({ bucketId: "pictures", sourceKey: "a", destinationKey: "copied", copyMetadata: false, metadata: { mimetype } }) });
      expect(await (await copyAs("text/html")).json()).toMatchObject({ statusCode: "415" });
      expect(await backend.sql("select name from storage.objects where bucket_id = 'pictures'")).toEqual([{ name: "a" }]);
      expect((await copyAs("image/gif")).status).toBe(200);
    });
  });

  describe("a form", () => {
    test("brings a file with its fields", async () => {
      const { error } = await ann.from("own").upload(`${ANN}/form`, new Blob(["from a form"], { type: "text/css" }), { metadata: { a: 1 }, cacheControl: "7" });
      expect(error).toBeNull();
      expect((await ann.from("own").info(`${ANN}/form`)).data).toMatchObject({ contentType: "text/css", cacheControl: "max-age=7", metadata: { a: 1 }, size: 11 });
      const large = new Blob([Buffer.alloc(200_000, "z")], { type: "text/css" });
      expect((await ann.from("own").upload(`${ANN}/form2`, large)).error).toBeNull();
      expect((await ann.from("own").info(`${ANN}/form2`)).data).toMatchObject({ size: 200_000 });
    });

    test("without a file, or cut off, is refused", async () => {
      const send = (body: string | FormData, type?: string) => backend.fetch(`http://backend/storage/v1/object/own/${ANN}/nothing`, { method: "POST", body, headers: { ...backend.headersFor({ sub: ANN }), ...(type ? { "content-type": type } : {}) } });
      const empty = new FormData();
      empty.append("cacheControl", "1");
      const cut = `--b\r\nContent-Disposition: form-data; name=""; filename="a"\r\n\r\nhalf of`;
      for (const response of [await send(empty), await send(cut, "multipart/form-data; boundary=b"), await send("x", "multipart/form-data")]) {
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({ statusCode: "400", code: "InvalidRequest" });
      }
      expect(await backend.sql("select 1 from storage.objects where name like '%nothing'")).toEqual([]);
    });
  });

  describe("a public bucket", () => {
    test("is read without a key, and only read", async () => {
      await admin.from("open").upload("page.html", "<script>1</script>", { contentType: "text/html" });
      const { data } = anon.from("open").getPublicUrl("page.html");
      const response = await backend.fetch(data.publicUrl);
      expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([200, "text/plain", "<script>1</script>"]);
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect((await anon.from("open").upload("mine", "x")).error).toMatchObject({ statusCode: "403" });
      expect((await get(`/object/public/own/${ANN}/a.txt`)).status).toBe(400);
      expect((await get("/object/open/page.html")).status).toBe(400);
    });

    test("sends nothing that a browser would run, whatever it is said to be", async () => {
      for (const type of ["TEXT/HTML;x", "x/x, text/html", "text/plain; a,application/xhtml+xml"]) {
        await admin.from("open").upload("active", "<script>1</script>", { contentType: type, upsert: true });
        expect((await get("/object/public/open/active")).headers.get("content-type"), type).toBe("text/plain");
      }
      for (const type of ["image/svg+xml", "text/xsl", "x/x,image/svg+xml", "multipart/x-mixed-replace; boundary=a"]) {
        await admin.from("open").upload("active", "<x/>", { contentType: type, upsert: true });
        expect((await get("/object/public/open/active")).headers.get("content-security-policy"), type).toContain("sandbox");
      }
    });

    test("opens nothing else to those without a key, be it called as what is open", async () => {
      await admin.createBucket("public", { public: false });
      await admin.createBucket("upload", { public: false });
      await backend.sql("create policy anybodys on storage.objects for all to anon using (bucket_id in ('public', 'upload')) with check (bucket_id in ('public', 'upload'))");
      await anon.from("public").upload("b", "with a key");
      const json = { "content-type": "application/json" };
      const without = [
        ["POST", "/object/public/a/b", {}, "x"], ["PUT", "/object/public/a/b", {}, "x"], ["DELETE", "/object/public/b", {}, undefined], ["GET", "/object/public/b", {}, undefined], ["GET", "/object/public/b//", {}, undefined],
        ["PUT", "/object/upload/sign/b", {}, "x"], ["POST", "/object/upload/sign/public/c", {}, undefined],
        ["POST", "/object/sign/public/b", json, '{"expiresIn":60}'], ["POST", "/object/sign/public", json, '{"expiresIn":60,"paths":["b"]}'],
      ] as const;
      for (const [method, path, headers, body] of without) {
        const response = await backend.fetch(`http://backend/storage/v1${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
        expect([response.status, await response.json()], `${method} ${path}`).toEqual([400, expect.objectContaining({ statusCode: "403", hint: expect.stringContaining("anon key") })]);
      }
      expect(await backend.sql("select bucket_id, name from storage.objects where bucket_id in ('public', 'upload')")).toEqual([{ bucket_id: "public", name: "b" }]);
      await backend.sql("drop policy anybodys on storage.objects");
    });

    test("answers conditions and ranges", async () => {
      await admin.from("open").upload("range", "0123456789");
      const whole = await get("/object/public/open/range");
      const etag = whole.headers.get("etag")!;
      await whole.text();
      expect((await get("/object/public/open/range", { "if-none-match": `"x", W/${etag}` })).status).toBe(304);
      expect((await get("/object/public/open/range", { "if-modified-since": whole.headers.get("last-modified")! })).status).toBe(304);
      const of = async (range: string, headers: Readonly<Record<string, string>> = {}) => {
        const part = await get("/object/public/open/range", { range, ...headers });
        return [part.status, part.headers.get("content-range"), await part.text()];
      };
      expect(await of("bytes=2-4")).toEqual([206, "bytes 2-4/10", "234"]);
      expect(await of("bytes=-3")).toEqual([206, "bytes 7-9/10", "789"]);
      expect(await of("bytes=8-100")).toEqual([206, "bytes 8-9/10", "89"]);
      for (const odd of ["bytes=4-2", "lines=1-2", "bytes=a-b", "bytes=1-2,4-5", "bytes=-"]) expect(await of(odd), odd).toEqual([200, null, "0123456789"]);
      expect((await of("bytes=10-")).slice(0, 2)).toEqual([416, "bytes */10"]);
      expect(await of("bytes=1-2", { "if-range": '"other"' })).toEqual([200, null, "0123456789"]);
      expect(await of("bytes=1-2", { "if-range": etag })).toEqual([206, "bytes 1-2/10", "12"]);
      const named = await get("/object/public/open/range?download=Grüße.txt");
      expect(named.headers.get("content-disposition")).toBe("attachment; filename=Gr%C3%BC%C3%9Fe.txt; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt");
    });
  });

  describe("a signed address", () => {
    test("is read by anybody until its end, and is for one object", async () => {
      await ann.from("own").upload(`${ANN}/signed`, "secret");
      const { data } = await ann.from("own").createSignedUrl(`${ANN}/signed`, 60);
      const url = new URL(data!.signedUrl);
      expect(await (await backend.fetch(url)).text()).toBe("secret");
      const other = new URL(url.href.replace("/signed?", "/a.txt?"));
      const forged = new URL(url.href.slice(0, -2) + (url.href.endsWith("AA") ? "BB" : "AA"));
      for (const wrong of [other, forged, `${url.origin}${url.pathname}?token=x`, `${url.origin}${url.pathname}`]) expect((await backend.fetch(wrong)).status).toBe(400);
      // What is signed for reading is no key.
      const token = url.searchParams.get("token")!;
      expect((await get("/object/authenticated/own/x", { apikey: token })).ok).toBe(false);
      expect((await backend.fetch(`http://backend/storage/v1/object/upload/sign/own/${ANN}/signed?token=${token}`, { method: "PUT", body: "x" })).status).toBe(400);
    });

    test("is made by none but those who may read", async () => {
      expect((await ben.from("own").createSignedUrl(`${ANN}/signed`, 60)).error).toMatchObject({ statusCode: "404" });
      const { data } = await ann.from("own").createSignedUrls([`${ANN}/signed`, `${BEN}/none`], 60);
      expect(data).toMatchObject([{ error: null, signedUrl: expect.stringContaining("token=") }, { error: "Either the object does not exist or you do not have access to it" }]);
    });

    test("lets somebody upload one object", async () => {
      const { data } = await ann.from("own").createSignedUploadUrl(`${ANN}/by-other`);
      expect((await anon.from("own").uploadToSignedUrl(`${ANN}/by-other`, data!.token, "from outside")).error).toBeNull();
      expect((await anon.from("own").uploadToSignedUrl(`${ANN}/by-other`, data!.token, "again")).error).toMatchObject({ statusCode: "409" });
      expect((await anon.from("own").uploadToSignedUrl(`${ANN}/elsewhere`, data!.token, "x")).error).not.toBeNull();
      expect(await backend.sql(`select owner_id from storage.objects where name = '${ANN}/by-other'`)).toEqual([{ owner_id: ANN }]);
      expect((await ben.from("own").createSignedUploadUrl(`${ANN}/mine`)).error).toMatchObject({ statusCode: "403" });
    });
  });

  describe("moving, copying, deleting", () => {
    test("are for those who may", async () => {
      await ann.from("own").upload(`${ANN}/m1`, "move me", { contentType: "text/plain" });
      expect((await ben.from("own").move(`${ANN}/m1`, `${BEN}/m1`)).error).toMatchObject({ statusCode: "404" });
      expect((await ann.from("own").move(`${ANN}/m1`, `${BEN}/m1`)).error).toMatchObject({ statusCode: "403" });
      expect((await ann.from("own").move(`${ANN}/m1`, `${ANN}/m2`)).error).toBeNull();
      expect(await text((await ann.from("own").download(`${ANN}/m2`)).data)).toBe("move me");
      expect((await ann.from("own").download(`${ANN}/m1`)).error).not.toBeNull();
      expect((await ann.from("own").copy(`${ANN}/m2`, `${ANN}/m3`)).data).toMatchObject({ path: `own/${ANN}/m3` });
      expect((await ann.from("own").copy(`${ANN}/m2`, `${ANN}/m3`)).error).toMatchObject({ statusCode: "409" });
      expect((await ann.from("own").move(`${ANN}/m2`, `${ANN}/m3`)).error).toMatchObject({ statusCode: "409" });
      expect((await ben.from("own").remove([`${ANN}/m3`])).data).toEqual([]);
      expect((await ann.from("own").remove([`${ANN}/m2`, `${ANN}/m3`, `${ANN}/none`])).data?.map(({ name }) => name).sort()).toEqual([`${ANN}/m2`, `${ANN}/m3`]);
    });
  });

  describe("a bucket", () => {
    test("is emptied of what its caller may delete, whatever else lies before it", async () => {
      await backend.sql(`
        insert into storage.buckets (id, name) values ('mixed', 'mixed');
        create policy see_mixed on storage.buckets for select to authenticated using (id = 'mixed');
        create policy see_in_mixed on storage.objects for select to authenticated using (bucket_id = 'mixed');
        create policy delete_in_mixed on storage.objects for delete to authenticated using (bucket_id = 'mixed' and name like 'z%');
        insert into storage.objects (bucket_id, name, version) select 'mixed', 'a' || i, gen_random_uuid()::text from generate_series(1, 1001) i;
        insert into storage.objects (bucket_id, name, version, created_at) values ('mixed', 'z1', gen_random_uuid()::text, now()), ('mixed', 'z2', gen_random_uuid()::text, null);
      `);
      expect((await ann.emptyBucket("mixed")).error).toBeNull();
      const left = "select count(*)::int as left, count(*) filter (where name like 'z%')::int as hers from storage.objects where bucket_id = 'mixed'";
      expect(await backend.sql(left)).toEqual([{ left: 1_001, hers: 0 }]);
      await admin.emptyBucket("mixed");
      expect(await backend.sql(left)).toEqual([{ left: 0, hers: 0 }]);
    });

    test("is made, changed, emptied and deleted by the service role alone, where no policy says otherwise", async () => {
      expect((await anon.createBucket("mine")).error).toMatchObject({ statusCode: "403" });
      expect((await ann.getBucket("own")).error).toMatchObject({ statusCode: "404", message: "Bucket not found" });
      expect((await admin.createBucket("temp", { public: false })).data).toEqual({ name: "temp" });
      expect((await admin.createBucket("temp")).error).toMatchObject({ statusCode: "409", message: "The resource already exists" });
      expect((await admin.getBucket("temp")).data).toMatchObject({ id: "temp", name: "temp", public: false, file_size_limit: null, allowed_mime_types: null });
      expect((await admin.updateBucket("temp", { public: true, fileSizeLimit: "20MB" })).data).toEqual({ message: "Successfully updated" });
      await admin.from("temp").upload("x", "public now");
      expect(await (await get("/object/public/temp/x")).text()).toBe("public now");
      await admin.updateBucket("temp", { public: false });
      expect((await get("/object/public/temp/x")).status).toBe(400);
      expect((await admin.deleteBucket("temp")).error).toMatchObject({ statusCode: "409" });
      expect((await anon.emptyBucket("temp")).error).toMatchObject({ statusCode: "404" });
      expect((await admin.emptyBucket("temp")).error).toBeNull();
      expect((await admin.deleteBucket("temp")).data).toEqual({ message: "Successfully deleted" });
      expect((await admin.deleteBucket("temp")).error).toMatchObject({ statusCode: "404" });
      expect((await admin.createBucket(" x")).error).toMatchObject({ statusCode: "400", message: "Bucket name invalid" });
      expect((await admin.listBuckets()).data?.map(({ id }) => id)).toEqual(expect.arrayContaining(["own", "shared", "open"]));
      expect((await anon.listBuckets()).data).toEqual([]);
    });
  });
});
