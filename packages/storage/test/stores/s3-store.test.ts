import { brotliDecompressSync } from "node:zlib";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { createTestBackend } from "@plinth/testing";
import { type S3Server, startS3Server, whyNoS3Server } from "@plinth/testing/s3";
import { describeObjectStore } from "@plinth/testing/vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openObjectStore } from "../../src/stores/open-store.ts";
import { collect } from "./collect.ts";
import { copyObject } from "../../src/stores/s3/copy-object.ts";
import { S3Bucket } from "../../src/stores/s3/s3-bucket.ts";

const MIB = 1024 * 1024;

const reason = whyNoS3Server();
if (reason !== undefined) process.stderr.write(`Tests against an S3 server are left out. ${reason}\n`);

describe.skipIf(reason !== undefined)(reason === undefined ? "against Ceph's object gateway" : `against an S3 server: ${reason}`, () => {
  let server: S3Server;
  let client: S3Client;
  const BUCKET = "objects";
  const options = () => ({ kind: "s3", bucket: BUCKET, endpoint: server.endpoint, accessKeyId: server.accessKeyId, secretAccessKey: server.secretAccessKey }) as const;

  beforeAll(async () => {
    server = await startS3Server();
    client = new S3Client({ region: "us-east-1", endpoint: server.endpoint, forcePathStyle: true, credentials: server });
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  }, 180_000);
  afterAll(async () => {
    client?.destroy();
    await server?.stop();
  });

  describeObjectStore("in S3", () => openObjectStore(options()));

  test("keeps all below its prefix, where another store with another doesn't see it", async () => {
    const [one, other] = ["one/a", "one/b"].map((prefix) => openObjectStore({ ...options(), prefix }));
    await one!.put("tenant/object", Buffer.from("one"));
    const upload = await one!.beginUpload("tenant/upload");
    expect(await other!.head("tenant/object")).toBeUndefined();
    expect((await collect(one!.list("tenant"))).map(({ key }) => key)).toEqual(["tenant/object"]);
    expect(await collect(one!.listUploads("tenant"))).toMatchObject([{ key: "tenant/upload", uploadId: upload }]);
    expect(await collect(other!.list("tenant"))).toEqual([]);
    expect((await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "one/" }))).Contents?.map(({ Key }) => Key)).toEqual(["one/a/tenant/object"]);
    await one!.abortUpload("tenant/upload", upload);
    await Promise.all([one!.close?.(), other!.close?.()]);
  });

  test("has a site's bytes, and its public files below their names in a bucket for a CDN", async () => {
    await client.send(new CreateBucketCommand({ Bucket: "public" }));
    const backend = await createTestBackend({ databaseUrl: false, project: { ref: "acme" }, storage: { store: options() }, assets: { maxFileBytes: 12 * MIB, cdn: { store: { ...options(), bucket: "public", prefix: "sites" }, url: "https://{ref}.sites.example.net", encoding: "br" } } });
    const store = openObjectStore(options());
    try {
      const { assets, storage } = await backend.tenant();
      const large = Buffer.alloc(11 * MIB, "a large film");
      const css = "a { color: red }\n".repeat(100);
      const first = await assets.publish({ files: [{ path: "index.html", content: "<h1>one</h1>" }, { path: "a b/Grüße.css", content: css }, { path: "film.3f2a9c1b.mp4", content: large }] });
      expect(first).toMatchObject({ cdn: "current", storedBytes: 12 + css.length + large.length });
      const names = async (): Promise<unknown> => (await client.send(new ListObjectsV2Command({ Bucket: "public" }))).Contents?.map(({ Key }) => Key);
      expect(await names()).toEqual(["sites/acme/", "sites/acme/a b/Grüße.css", "sites/acme/film.3f2a9c1b.mp4", "sites/acme/index.html"]);
      const style = await client.send(new GetObjectCommand({ Bucket: "public", Key: "sites/acme/a b/Grüße.css" }));
      expect([style.ContentType, style.CacheControl, style.ContentEncoding, brotliDecompressSync(await style.Body!.transformToByteArray()).toString()]).toEqual(["text/css; charset=utf-8", "public, max-age=3600", "br", css]);
      const page = await client.send(new GetObjectCommand({ Bucket: "public", Key: "sites/acme/" }));
      expect([page.ContentType, page.CacheControl, page.ContentEncoding, await page.Body!.transformToString()]).toEqual(["text/html; charset=utf-8", "public, max-age=0, must-revalidate", undefined, "<h1>one</h1>"]);
      const read = (path: string, headers: Readonly<Record<string, string>> = {}) => backend.fetch(`http://localhost/assets/v1/acme/${path}`, { headers });
      expect(Buffer.from(await (await read("film.3f2a9c1b.mp4")).arrayBuffer()).equals(large)).toBe(true);
      const part = await read("film.3f2a9c1b.mp4", { range: "bytes=11000000-11000004" });
      expect([part.headers.get("content-range"), await part.text()]).toEqual([`bytes 11000000-11000004/${large.length}`, large.toString("latin1", 11_000_000, 11_000_005)]);
      await assets.publish({ files: [{ path: "index.html", content: "<h1>two</h1>" }] });
      expect(await names()).toEqual(["sites/acme/", "sites/acme/film.3f2a9c1b.mp4", "sites/acme/index.html"]);
      await assets.rollback();
      expect(await (await read("a%20b/Gr%C3%BC%C3%9Fe.css")).text()).toBe(css);
      // What Storage sweeps is its own: a release may be under way that has an upload in parts.
      const { uid } = await backend.projects.get("acme");
      const uploadId = await store.beginUpload(`${uid}/assets/under-way`);
      expect(await storage.sweep({ grace: 0 })).toMatchObject({ abortedUploads: 0, bytesWithoutRow: { count: 0 } });
      expect(await collect(store.listUploads(uid))).toMatchObject([{ uploadId }]);
      await store.abortUpload(`${uid}/assets/under-way`, uploadId);
      await backend.projects.delete("acme");
      expect([await names(), await collect(store.list(uid))]).toEqual([undefined, []]);
    } finally {
      await backend.close();
      await store.close?.();
    }
  });

  test("copies in parts what is too large for one request", async () => {
    const bucket = new S3Bucket(options());
    const store = openObjectStore(options());
    const bytes = Buffer.alloc(11 * MIB, "copied in parts");
    await store.put("parts/from", bytes);
    expect(await copyObject(bucket, "parts/from", "parts/to", 6 * MIB, 5 * MIB)).toMatchObject({ size: bytes.length, etag: expect.stringMatching(/-3"$/) });
    expect(Buffer.concat(await (await store.get("parts/to"))!.toArray()).equals(bytes)).toBe(true);
    await Promise.all([bucket.close(), store.close?.()]);
  });

  test("lists and deletes more than a page has", async () => {
    const store = openObjectStore(options());
    const keys = Array.from({ length: 1_005 }, (_, index) => `pages/${String(index).padStart(4, "0")}`);
    for (let from = 0; from < keys.length; from += 100) await Promise.all(keys.slice(from, from + 100).map((key) => store.put(key, Buffer.from("x"))));
    expect((await collect(store.list("pages"))).map(({ key }) => key)).toEqual(keys);
    await store.delete(keys);
    expect(await collect(store.list("pages"))).toEqual([]);
    await store.close?.();
  });

  test("says that the store can't be reached where its keys or bucket are wrong", async () => {
    for (const wrong of [{ secretAccessKey: "wrong" }, { bucket: "none-such" }]) {
      const store = openObjectStore({ ...options(), ...wrong });
      const unavailable = expect.objectContaining({ code: "PLINTH_STORE_UNAVAILABLE" });
      await expect(store.put("a", Buffer.from("a"))).rejects.toEqual(unavailable);
      await expect(store.get("a")).rejects.toEqual(unavailable);
      await expect(collect(store.list("a"))).rejects.toEqual(unavailable);
      await store.close?.();
    }
  });
});
