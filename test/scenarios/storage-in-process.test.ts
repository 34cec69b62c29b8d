import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { ObjectStore } from "@plinth/core";
import { MemoryStore } from "@plinth/storage";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { type StorageApi, StorageError, type TenantStorageApi } from "plinth";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openNativeOrEmbedded } from "./support/open-backend.ts";

const ANN = "11111111-1111-4111-8111-111111111111";
const BEN = "22222222-2222-4222-8222-222222222222";

const POLICIES = `
create policy own_folder on storage.objects for all to authenticated
  using (bucket_id = 'own' and (storage.foldername(name))[1] = auth.uid()::text)
  with check (bucket_id = 'own' and (storage.foldername(name))[1] = auth.uid()::text);
create policy told on storage.objects for select to authenticated using (bucket_id = 'told' and storage.operation() = 'storage.object.list');
insert into storage.buckets (id, name, public) values ('own', 'own', false), ('open', 'open', true), ('told', 'told', false);
`;

/** A store that keeps its bytes to itself until it is told to go on, after they are stored. */
class HeldStore {
  readonly memory = new MemoryStore();
  held: Promise<void> | undefined;
  /** What the last put said of power failures. */
  durable: boolean | undefined;
  readonly store: ObjectStore = Object.assign(Object.create(this.memory) as MemoryStore, bound(this.memory), {
    put: async (...given: Parameters<ObjectStore["put"]>) => {
      this.durable = given[2]?.durable;
      const stored = await this.memory.put(...given);
      await this.held;
      return stored;
    },
  });
}

function bound(store: MemoryStore): Partial<ObjectStore> {
  const names = ["get", "head", "copy", "delete", "list", "beginUpload", "putPart", "listParts", "completeUpload", "abortUpload", "listUploads"] as const;
  return Object.fromEntries(names.map((name) => [name, (store[name] as (...given: unknown[]) => unknown).bind(store)]));
}

const keysOf = async (store: ObjectStore, uid: string): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of store.list(uid)) keys.push(key);
  return keys;
};

describeDatabases("files in process", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let storage: TenantStorageApi;
  let ann: StorageApi;
  let ben: StorageApi;
  let anon: StorageApi;
  let uid: string;
  const held = new HeldStore();
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { sql: POLICIES, storage: { store: held.store } }));
    const tenant = await backend.tenant();
    ({ storage } = tenant);
    ({ uid } = tenant.project);
    ann = storage.as({ claims: { sub: ANN } });
    ben = storage.as({ claims: { sub: BEN } });
    anon = storage.as({ role: "anon" });
  });
  afterAll(() => close());

  const text = async (files: StorageApi, bucket: string, name: string): Promise<string> => {
    const { stream } = await files.from(bucket).download(name);
    return Buffer.concat(await stream.toArray() as Buffer[]).toString();
  };
  /** What of an error says why. */
  const refusal = (code: string) => expect.objectContaining({ constructor: StorageError, code });

  describe("an object", () => {
    test("is uploaded from whatever there is, and read back with what is known of it", async () => {
      const own = storage.from("own");
      const bodies = {
        text: "Grüße",
        bytes: Buffer.from("Grüße"),
        buffer: new Uint8Array(Buffer.from("Grüße")).buffer,
        blob: new Blob(["Grüße"], { type: "text/css" }),
        web: new Blob(["Grüße"]).stream(),
        node: Readable.from([Buffer.from("Grü"), "ße"]),
        generated: (async function* () {
          yield "Grü";
          yield Buffer.from("ße");
        })(),
      };
      for (const [name, body] of Object.entries(bodies)) {
        expect(await own.upload(`from/${name}`, body, { owner: ANN, cacheControl: 60, metadata: { name } }), name).toMatchObject({ name: `from/${name}`, isNew: true });
        expect(await text(storage, "own", `from/${name}`), name).toBe("Grüße");
        const contentType = { text: "text/plain;charset=UTF-8", blob: "text/css" }[name] ?? "application/octet-stream";
        expect(await own.info(`from/${name}`), name).toMatchObject({ name: `from/${name}`, bucket: "own", size: 7, contentType, cacheControl: "max-age=60", owner: ANN, metadata: { name }, etag: `"${createHash("md5").update("Grüße").digest("hex")}"` });
      }
      for (const wrong of [42, null, { a: 1 }, Readable.from([{}])]) await expect(own.upload("wrong", wrong as unknown as string)).rejects.toEqual(refusal("InvalidRequest"));
      const boom = new Error("boom");
      const breaking = Readable.from((async function* () { yield "a"; throw boom; })());
      await expect(own.upload("breaking", breaking)).rejects.toBe(boom);
      expect([await own.exists("wrong"), await own.exists("breaking"), await own.exists("from/text")]).toEqual([false, false, true]);
    });

    test("takes no options that there aren't, and says what it takes", async () => {
      const own = storage.from("own");
      const wrong = (options: object) => options as never;
      const bad: [string, () => Promise<unknown>][] = [
        ["content_type", () => own.upload("wrong", "x", wrong({ content_type: "text/css" }))],
        ["filesizelimit", () => storage.createBucket("wrong", wrong({ filesizelimit: 1 }))],
        ["Public", () => storage.updateBucket("own", wrong({ Public: true }))],
        ["offset", () => own.list("", wrong({ offset: 1 }))],
        ["Range", () => own.download("durable", wrong({ Range: "bytes=0-1" }))],
        ["remove([name])", () => own.remove("wrong" as never)],
        ["signedUrl(name, 60)", () => own.signedUrl("from/text", wrong({ expiresIn: 60 }))],
      ];
      for (const [said, work] of bad) await expect(work(), said).rejects.toMatchObject({ constructor: StorageError, message: expect.stringContaining(said) });
      expect([await own.exists("wrong"), (await storage.listBuckets()).map(({ name }) => name)]).toEqual([false, ["open", "own", "told"]]);
    });

    test("has to outlast a power failure where the database does", async () => {
      const { db } = await backend.ownerDatabase();
      const { rows } = await sql<{ on: boolean }>`select current_setting('fsync')::bool and current_setting('synchronous_commit') <> 'off' as on`.execute(db);
      held.durable = undefined;
      await storage.from("own").upload("durable", "x");
      expect(held.durable).toBe(rows[0]?.on);
    });

    test("streams both ways, and in parts", async () => {
      const chunk = Buffer.alloc(64 * 1_024, "0123456789abcdef");
      let given = 0;
      const many = (async function* () {
        for (; given < 200; given++) yield chunk;
      })();
      await storage.from("own").upload("large", many);
      const { stream, size, info } = await storage.from("own").download("large", { range: { start: 10, end: 15 } });
      expect([size, info.size, Buffer.concat(await stream.toArray() as Buffer[]).toString()]).toEqual([6, 200 * chunk.length, "abcdef"]);
      expect(await storage.from("own").download("large", { range: { start: 200 * chunk.length - 3 } }).then(async (last) => [last.size, (await last.stream.toArray()).join("")])).toEqual([3, "def"]);
      for (const range of [{ start: 200 * chunk.length }, { start: -1 }, { start: 5, end: 4 }, { start: 0.5 }]) await expect(storage.from("own").download("large", { range })).rejects.toEqual(refusal("InvalidRange"));
      const aborted = new AbortController();
      const endless = (async function* () { for (;;) { yield chunk; await sleep(1); if (!aborted.signal.aborted) aborted.abort(new Error("enough")); } })();
      await expect(storage.from("own").upload("endless", endless, { signal: aborted.signal })).rejects.toThrow("enough");
    });

    test("keeps to what its bucket takes, and to names", async () => {
      await storage.createBucket("small", { fileSizeLimit: 4, allowedMimeTypes: ["image/*"] });
      const small = storage.from("small");
      await small.upload("a", "1234", { contentType: "image/png" });
      await expect(small.upload("b", "12345", { contentType: "image/png" })).rejects.toEqual(refusal("EntityTooLarge"));
      await expect(small.upload("c", Readable.from(["123", "45"]), { contentType: "image/png" })).rejects.toEqual(refusal("EntityTooLarge"));
      await expect(small.upload("d", "1")).rejects.toEqual(refusal("InvalidMimeType"));
      await expect(small.upload("a", "x", { contentType: "image/png" })).rejects.toEqual(refusal("KeyAlreadyExists"));
      await expect(small.upload("../a", "x", { contentType: "image/png" })).rejects.toEqual(refusal("InvalidKey"));
      await expect(storage.from("none").upload("a", "x")).rejects.toEqual(refusal("NoSuchBucket"));
      expect((await small.list()).objects.map(({ name }) => name)).toEqual(["a"]);
    });

    test("is listed, moved, copied and removed", async () => {
      const own = storage.from("own");
      for (const name of ["l/a", "l/b/1", "l/b/2", "l/c"]) await own.upload(name, name);
      const page = await own.list("l/", { delimiter: "/", limit: 2 });
      expect([page.objects.map(({ name }) => name), page.folders]).toEqual([["l/a"], ["l/b/"]]);
      expect((await own.list("l/", { delimiter: "/", limit: 2, after: page.next! })).objects).toMatchObject([{ name: "l/c", size: 3, contentType: "text/plain;charset=UTF-8" }]);
      expect((await own.list("l/b/")).objects.map(({ name }) => name)).toEqual(["l/b/1", "l/b/2"]);
      await own.move("l/a", "l/moved");
      await expect(own.move("l/a", "l/again")).rejects.toEqual(refusal("NoSuchKey"));
      await own.copy("l/moved", "copy", { destinationBucket: "open" });
      await expect(own.copy("l/moved", "copy", { destinationBucket: "open" })).rejects.toEqual(refusal("KeyAlreadyExists"));
      await own.copy("l/c", "copy", { destinationBucket: "open", upsert: true });
      expect([await text(storage, "own", "l/moved"), await text(storage, "open", "copy")]).toEqual(["l/a", "l/c"]);
      expect((await own.remove(["l/moved", "l/none", "l/c"])).sort()).toEqual(["l/c", "l/moved"]);
    });

    test("has addresses for others", async () => {
      const open = storage.from("open");
      await open.upload("a b/ü?.txt", "hello");
      const signed = await open.signedUrl("a b/ü?.txt", 60, { download: "x.txt" });
      expect(signed).toMatch(/^\/storage\/v1\/object\/sign\/open\/a%20b\/%C3%BC%3F\.txt\?token=/);
      for (const path of [signed, open.publicUrl("a b/ü?.txt", { download: "x.txt" })]) {
        const response = await backend.fetch(`http://backend${path}`);
        expect([response.status, response.headers.get("content-disposition"), await response.text()]).toEqual([200, "attachment; filename=x.txt; filename*=UTF-8''x.txt", "hello"]);
      }
      await expect(open.signedUrl("none", 60)).rejects.toEqual(refusal("NoSuchKey"));
      expect(() => open.publicUrl("a/../b")).toThrow(StorageError);
    });
  });

  test("leave to upload is given to others, under one name and once", async () => {
    const { name, token, url } = await ann.from("own").signedUpload(`${ANN}/gru\u0308n?.txt`);
    expect([name, url]).toEqual([`${ANN}/grün?.txt`, `/storage/v1/object/upload/sign/own/${ANN}/gr%C3%BCn%3F.txt?token=${token}`]);
    const put = async (path: string): Promise<unknown> => backend.fetch(`http://backend${path}`, { method: "PUT", body: "hello", headers: { "content-type": "text/plain" } }).then(async (response) => [response.status, ((await response.json()) as { error?: string }).error]);
    expect(await put(url.replace("gr%C3%BCn", "other"))).toEqual([400, "InvalidSignature"]);
    expect(await put(url)).toEqual([200, undefined]);
    expect(await put(url)).toEqual([400, "Duplicate"]);
    expect(await ann.from("own").info(name)).toMatchObject({ owner: ANN, size: 5, contentType: "text/plain" });
    await expect(ann.from("own").signedUpload(name)).rejects.toEqual(refusal("KeyAlreadyExists"));
    const again = await storage.from("own").signedUpload(name, { upsert: true });
    expect([await put(again.url), await put(again.url)]).toEqual([[200, undefined], [200, undefined]]);
    for (const files of [ben, anon]) await expect(files.from("own").signedUpload(`${ANN}/x`)).rejects.toEqual(refusal("AccessDenied"));
    await expect(ann.from("none").signedUpload("x")).rejects.toEqual(refusal("NoSuchBucket"));
    await expect(storage.from("own").signedUpload("../x")).rejects.toEqual(refusal("InvalidKey"));
    await storage.from("own").remove([name]);
  });

  describe("under a user's policies", () => {
    test("nobody does more than by HTTP", async () => {
      await ann.from("own").upload(`${ANN}/mine`, "mine");
      expect(await ann.from("own").info(`${ANN}/mine`)).toMatchObject({ owner: ANN });
      for (const files of [ben, anon]) {
        const own = files.from("own");
        await expect(own.upload(`${ANN}/other`, "x")).rejects.toEqual(refusal("AccessDenied"));
        await expect(own.upload(`${ANN}/mine`, Readable.from(["x"]), { upsert: true })).rejects.toEqual(refusal("AccessDenied"));
        const name = `${ANN}/mine`;
        for (const refused of [() => own.download(name), () => own.info(name), () => own.move(name, `${BEN}/x`), () => own.copy(name, `${BEN}/x`), () => own.signedUrl(name, 60), () => own.versions(name), () => own.restore(name, "x")]) {
          await expect(refused()).rejects.toEqual(refusal("NoSuchKey"));
        }
        expect([await own.exists(`${ANN}/mine`), await own.remove([`${ANN}/mine`]), (await own.list()).objects, await files.listBuckets()]).toEqual([false, [], [], []]);
        await expect(files.createBucket("theirs")).rejects.toEqual(refusal("AccessDenied"));
        for (const refused of [() => files.getBucket("own"), () => files.updateBucket("own", { public: true }), () => files.emptyBucket("own")]) await expect(refused()).rejects.toEqual(refusal("NoSuchBucket"));
      }
      expect("sweep" in ann).toBe(false);
      expect(await text(ann, "own", `${ANN}/mine`)).toBe("mine");
      expect(await text(anon, "open", "a b/ü?.txt")).toBe("hello");
    });

    test("operations have names that policies read", async () => {
      await storage.from("told").upload("a", "x");
      expect((await ann.from("told").list()).objects).toHaveLength(1);
      expect(await ann.from("told").exists("a")).toBe(false);
    });
  });

  test("buckets are made, shown, changed, emptied and deleted", async () => {
    await storage.createBucket("made", { public: true, fileSizeLimit: "1MB", allowedMimeTypes: ["text/*"], keptVersions: 2, versionTtl: 60 });
    expect(await storage.getBucket("made")).toMatchObject({ id: "made", public: true, fileSizeLimit: 1_000_000, allowedMimeTypes: ["text/*"], keptVersions: 2, versionTtl: 60 });
    await expect(storage.createBucket("made")).rejects.toEqual(refusal("BucketAlreadyExists"));
    await expect(storage.createBucket("odd", { keptVersions: -1 })).rejects.toMatchObject({ code: "InvalidRequest", message: expect.stringContaining("kept_versions") });
    await storage.updateBucket("made", { public: false, keptVersions: null });
    expect(await storage.getBucket("made")).toMatchObject({ public: false, keptVersions: null, fileSizeLimit: 1_000_000 });
    await storage.from("made").upload("a", "x");
    await expect(storage.deleteBucket("made")).rejects.toEqual(refusal("ResourceNotEmpty"));
    await storage.emptyBucket("made");
    await storage.deleteBucket("made");
    await expect(storage.getBucket("made")).rejects.toEqual(refusal("NoSuchBucket"));
    expect((await storage.listBuckets()).map(({ name }) => name)).toEqual(["open", "own", "small", "told"]);
  });

  describe("the sweep", () => {
    test("deletes bytes that no row names, once they are old enough, and no others", async () => {
      // What earlier tests left goes with the first.
      await storage.sweep({ grace: 0 });
      const { objects: before } = await storage.sweep({ grace: 0 });
      await storage.from("own").upload("by-sql", "12345");
      await backend.sql("delete from storage.objects where name = 'by-sql'");
      await held.memory.put(`${uid}/aaaaaaaa-0000-4000-8000-000000000000`, Buffer.from("123"));
      await held.memory.put(`${uid}/zz-no-uuid`, Buffer.from("12"));
      await held.memory.put(`${uid}/deeper/of-others`, Buffer.from("1"));
      await held.memory.put("another-project/aaaaaaaa-0000-4000-8000-000000000000", Buffer.from("1"));
      expect(await storage.sweep()).toMatchObject({ dryRun: false, bytesWithoutRow: { count: 0, size: 0 }, young: 3 });
      const dry = await storage.sweep({ grace: 0, dryRun: true });
      expect(dry).toMatchObject({ dryRun: true, objects: before + 3, bytesWithoutRow: { count: 3, size: 10 }, rowsWithoutBytes: { count: 0, examples: [] } });
      expect(await storage.sweep({ grace: 0 })).toEqual({ ...dry, dryRun: false });
      expect(await storage.sweep({ grace: 0 })).toMatchObject({ objects: before, bytesWithoutRow: { count: 0 }, young: 0 });
      const keys = await keysOf(held.memory, uid);
      expect([keys.length, keys.includes(`${uid}/deeper/of-others`), (await keysOf(held.memory, "another-project")).length]).toEqual([before + 1, true, 1]);
      expect(await text(storage, "open", "copy")).toBe("l/c");
    });

    test("tells of rows without bytes, and leaves them", async () => {
      await storage.from("own").upload("lost", "x");
      const [{ version }] = await backend.sql<{ version: string }>("select version from storage.objects where name = 'lost'") as [{ version: string }];
      await held.memory.delete([`${uid}/${version}`]);
      await backend.sql("insert into storage.objects (bucket_id, name, version) values ('own', 'odd', 'no/key')");
      const { rowsWithoutBytes } = await storage.sweep({ grace: 0 });
      expect(rowsWithoutBytes.count).toBe(2);
      expect(rowsWithoutBytes.examples).toEqual(expect.arrayContaining([{ bucket: "own", name: "lost", version, isArchived: false }, { bucket: "own", name: "odd", version: "no/key", isArchived: false }]));
      expect(await storage.from("own").exists("lost")).toBe(true);
      await expect(storage.from("own").download("lost")).rejects.toEqual(refusal("NoSuchKey"));
      expect(await storage.from("own").remove(["lost", "odd"])).toHaveLength(2);
    });

    test("leaves what is just being written alone, whatever its age", async () => {
      let release = (): void => undefined;
      held.held = new Promise((resolve) => (release = resolve));
      const count = (await keysOf(held.memory, uid)).length;
      const uploading = storage.from("own").upload("held", Readable.from(["in flight"]));
      await expect.poll(async () => (await keysOf(held.memory, uid)).length).toBe(count + 1);
      expect(await storage.sweep({ grace: 0 })).toMatchObject({ bytesWithoutRow: { count: 0 } });
      held.held = undefined;
      release();
      await uploading;
      expect(await text(storage, "own", "held")).toBe("in flight");
      expect(await storage.sweep({ grace: 0 })).toMatchObject({ bytesWithoutRow: { count: 0 }, rowsWithoutBytes: { count: 0 } });
    });

    test("aborts uploads in parts that no row knows of, and knows of those in progress", async () => {
      const [unknown, known] = [`${uid}/bbbbbbbb-0000-4000-8000-000000000000`, `${uid}/cccccccc-0000-4000-8000-000000000000`];
      await held.memory.beginUpload(unknown);
      await held.memory.beginUpload(known);
      // Completed, and its object's row not written yet.
      await held.memory.put(`${uid}/dddddddd-0000-4000-8000-000000000000`, Buffer.from("x"));
      for (const letter of ["c", "d"]) await backend.sql(`insert into storage.s3_multipart_uploads (id, upload_signature, bucket_id, key, version) values ('${letter}', '', 'own', 'x', '${letter.repeat(8)}-0000-4000-8000-000000000000')`);
      expect(await storage.sweep()).toMatchObject({ abortedUploads: 0 });
      expect(await storage.sweep({ grace: 0 })).toMatchObject({ abortedUploads: 1, bytesWithoutRow: { count: 0 } });
      await backend.sql("update storage.s3_multipart_uploads set created_at = now() - interval '8 days'");
      expect(await storage.sweep({ grace: 0 })).toMatchObject({ abortedUploads: 1, bytesWithoutRow: { count: 1 } });
    });

    test("is done for all projects that have files", async () => {
      const { ref } = await backend.projects.create({ ref: "without-files" });
      await held.memory.put(`${uid}/eeeeeeee-0000-4000-8000-000000000000`, Buffer.from("x"));
      const swept = await backend.sweepStorage({ dryRun: true });
      expect(swept.projects.map((each) => each.ref)).toEqual([backend.defaultRef]);
      expect(swept.projects[0]).toMatchObject({ report: { young: 1 } });
      expect(await backend.sweepStorage({ ref })).toMatchObject({ projects: [{ ref, report: { objects: 0 } }] });
      await expect(backend.sweepStorage({ ref: "nobody" })).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
      expect(await storage.sweep({ grace: 0 })).toMatchObject({ bytesWithoutRow: { count: 1 } });
    });
  });
});
