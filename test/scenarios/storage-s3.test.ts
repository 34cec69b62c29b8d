import { createHash, createHmac } from "node:crypto";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import {
  AbortMultipartUploadCommand, CompleteMultipartUploadCommand, CopyObjectCommand, CreateBucketCommand, CreateMultipartUploadCommand, DeleteBucketCommand,
  DeleteObjectCommand, DeleteObjectsCommand, GetBucketLocationCommand, GetBucketVersioningCommand, GetObjectCommand, GetObjectTaggingCommand,
  HeadBucketCommand, HeadObjectCommand, ListBucketsCommand, ListMultipartUploadsCommand, ListObjectsCommand, ListObjectsV2Command, ListPartsCommand,
  PutBucketPolicyCommand, PutObjectAclCommand, PutObjectCommand, type PutObjectCommandInput, S3Client, type S3ClientConfig, UploadPartCommand, UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { toNodeHandler } from "@plinth/node";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import type { ProjectWithKeys } from "plinth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listen } from "../../adapters/node/test/listen.ts";
import { openNativeOrEmbedded } from "./support/open-backend.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

const ANN = "11111111-1111-4111-8111-111111111111";
const BEN = "22222222-2222-4222-8222-222222222222";
const MIB = 1_024 ** 2;

const POLICIES = `
create policy own_folder on storage.objects for all to authenticated
  using (bucket_id = 'own' and (storage.foldername(name))[1] = auth.uid()::text)
  with check (bucket_id = 'own' and (storage.foldername(name))[1] = auth.uid()::text);
create policy see_own on storage.buckets for select to authenticated using (id = 'own');
insert into storage.buckets (id, name, public) values ('own', 'own', false), ('work', 'work', false), ('many', 'many', false);
insert into storage.objects (bucket_id, name, version, metadata)
  select 'many', 'k/' || lpad(i::text, 5, '0'), gen_random_uuid()::text, '{"size": 1, "eTag": "\\"e\\""}' from generate_series(1, 2500) i;
`;

interface AccessKey {
  readonly access_key: string;
  readonly secret_key: string;
}

interface ChunkedUpload {
  readonly url: string;
  readonly key: AccessKey;
  readonly chunks: readonly string[];
  readonly trailer?: readonly [name: string, value: string];
  /** What it says of its length. Default: the truth. */
  readonly decoded?: number;
  readonly change?: (body: string) => string;
}

/** As AWS's documentation of "Signature calculations for the Authorization header: transferring payload in multiple chunks" has it. */
async function sendChunks({ url, key, chunks, trailer, decoded, change = (body) => body }: ChunkedUpload): Promise<Response> {
  const { host, pathname } = new URL(url);
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${time.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const hmac = (secret: string | Buffer, text: string): Buffer => createHmac("sha256", secret).update(text).digest();
  const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
  const signingKey = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${key.secret_key}`) as Buffer;
  const sign = (what: string, ...lines: string[]): string => hmac(signingKey, [what, time, scope, ...lines].join("\n")).toString("hex");
  const headers: Record<string, string> = {
    "content-encoding": "aws-chunked",
    host,
    "x-amz-content-sha256": `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer ? "-TRAILER" : ""}`,
    "x-amz-date": time,
    "x-amz-decoded-content-length": String(decoded ?? chunks.join("").length),
    ...(trailer ? { "x-amz-trailer": trailer[0] } : {}),
  };
  const names = Object.keys(headers).sort();
  let previous = sign("AWS4-HMAC-SHA256", hash(["PUT", pathname, "", ...names.map((name) => `${name}:${headers[name]}`), "", names.join(";"), headers["x-amz-content-sha256"]].join("\n")));
  const authorization = `AWS4-HMAC-SHA256 Credential=${key.access_key}/${scope}, SignedHeaders=${names.join(";")}, Signature=${previous}`;
  const sent = [...chunks, ""].map((chunk) => {
    previous = sign("AWS4-HMAC-SHA256-PAYLOAD", previous, hash(""), hash(chunk));
    return `${chunk.length.toString(16)};chunk-signature=${previous}\r\n${chunk}${chunk === "" && trailer ? "" : "\r\n"}`;
  });
  const last = trailer ? `${trailer.join(":")}\r\nx-amz-trailer-signature:${sign("AWS4-HMAC-SHA256-TRAILER", previous, hash(`${trailer.join(":")}\n`))}\r\n\r\n` : "";
  return fetch(url, { method: "PUT", headers: { ...headers, authorization }, body: change(sent.join("") + last) });
}

describeDatabases("the S3 protocol", (databases) => {
  let backend: TestBackend;
  let closeBackend: () => Promise<void>;
  let other: ProjectWithKeys;
  let server: { readonly url: string; close(): Promise<unknown> };
  let key: AccessKey;
  let s3: S3Client;
  const clients: S3Client[] = [];
  const errors: unknown[] = [];

  const credentials = async (body: object = {}, project: { readonly serviceRoleKey: string } = backend): Promise<AccessKey> => {
    const response = await backend.fetch("http://backend/storage/v1/s3-credentials", { method: "POST", headers: { apikey: project.serviceRoleKey, "content-type": "application/json" }, body: JSON.stringify(body) });
    expect(response.status).toBe(201);
    return (await response.json()) as AccessKey;
  };
  const connect = (accessKeyId: string, secretAccessKey: string, sessionToken?: string, options: S3ClientConfig = {}): S3Client => {
    const client = new S3Client({ endpoint: `${server.url}/storage/v1/s3`, region: "eu-west-1", forcePathStyle: true, maxAttempts: 1, credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) }, ...options });
    clients.push(client);
    return client;
  };
  const put = (Key: string, Body: PutObjectCommandInput["Body"] = "Hello", more: Partial<PutObjectCommandInput> = {}) => s3.send(new PutObjectCommand({ Bucket: "work", Key, Body, ...more }));
  const read = async (Key: string, client = s3, Bucket = "work"): Promise<string | undefined> => (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
  const refused = (code: string, status: number) => ({ name: code, $metadata: { httpStatusCode: status } });

  beforeAll(async () => {
    ({ backend, close: closeBackend } = await openNativeOrEmbedded(databases, { sql: POLICIES, onError: (error) => errors.push(error) }));
    other = await backend.projects.create({ ref: "other" });
    server = await listen(toNodeHandler(backend, { basePath: "/api" }), "/api");
    key = await credentials({ description: "tests" });
    s3 = connect(key.access_key, key.secret_key);
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await server.close();
    await closeBackend();
  });

  test("makes, shows and deletes buckets", async () => {
    await s3.send(new CreateBucketCommand({ Bucket: "made", ACL: "public-read" }));
    expect(await backend.sql("select public from storage.buckets where id = 'made'")).toEqual([{ public: true }]);
    await expect(s3.send(new CreateBucketCommand({ Bucket: "made" }))).rejects.toMatchObject(refused("BucketAlreadyExists", 409));
    expect((await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toEqual(["made", "many", "own", "work"]);
    await s3.send(new HeadBucketCommand({ Bucket: "made" }));
    expect((await s3.send(new GetBucketLocationCommand({ Bucket: "made" }))).LocationConstraint).toBeFalsy();
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket: "made" }))).Status).toBe("Suspended");
    await s3.send(new PutObjectCommand({ Bucket: "made", Key: "a", Body: "a" }));
    await expect(s3.send(new DeleteBucketCommand({ Bucket: "made" }))).rejects.toMatchObject(refused("BucketNotEmpty", 409));
    await s3.send(new DeleteObjectCommand({ Bucket: "made", Key: "a" }));
    await s3.send(new DeleteBucketCommand({ Bucket: "made" }));
    await expect(s3.send(new HeadBucketCommand({ Bucket: "made" }))).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
    await expect(s3.send(new ListObjectsV2Command({ Bucket: "made" }))).rejects.toMatchObject(refused("NoSuchBucket", 404));
  });

  test("keeps an object with what is said of it", async () => {
    const { ETag } = await put("a.html", "<p>Hello", { ContentType: "text/html", CacheControl: "max-age=7", Metadata: { mood: "fine" } });
    expect(ETag).toBe(`"${createHash("md5").update("<p>Hello").digest("hex")}"`);
    const head = await s3.send(new HeadObjectCommand({ Bucket: "work", Key: "a.html" }));
    expect(head).toMatchObject({ ETag, ContentLength: 8, ContentType: "text/html", CacheControl: "max-age=7", Metadata: { mood: "fine" } });
    const part = await s3.send(new GetObjectCommand({ Bucket: "work", Key: "a.html", Range: "bytes=3-4", ResponseContentType: "text/plain", ResponseContentDisposition: "attachment" }));
    expect([part.ContentRange, part.ContentType, part.ContentDisposition, await part.Body?.transformToString()]).toEqual(["bytes 3-4/8", "text/plain", "attachment", "He"]);
    await expect(s3.send(new GetObjectCommand({ Bucket: "work", Key: "a.html", Range: "bytes=8-" }))).rejects.toMatchObject(refused("InvalidRange", 416));
    await expect(s3.send(new GetObjectCommand({ Bucket: "work", Key: "a.html", IfMatch: '"x"' }))).rejects.toMatchObject(refused("PreconditionFailed", 412));
    await expect(s3.send(new GetObjectCommand({ Bucket: "work", Key: "a.html", IfNoneMatch: ETag }))).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await expect(s3.send(new GetObjectCommand({ Bucket: "work", Key: "none" }))).rejects.toMatchObject(refused("NoSuchKey", 404));
    await expect(put("a.html", "x", { IfNoneMatch: "*" })).rejects.toMatchObject(refused("PreconditionFailed", 412));
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket: "work", Key: "a.html" }))).TagSet ?? []).toEqual([]);
    // What isn't known must not be taken for something else.
    await expect(s3.send(new PutObjectAclCommand({ Bucket: "work", Key: "a.html", ACL: "private" }))).rejects.toMatchObject(refused("NotImplemented", 501));
    await expect(s3.send(new PutBucketPolicyCommand({ Bucket: "fresh", Policy: "{}" }))).rejects.toMatchObject(refused("NotImplemented", 501));
    expect(await read("a.html")).toBe("<p>Hello");
  });

  test("holds bytes to their checksums, however they are sent", async () => {
    for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const) {
      await put(`sum/${ChecksumAlgorithm}`, "Hello", { ChecksumAlgorithm });
      // A stream goes in chunks, with the checksum after them.
      await put(`sum/${ChecksumAlgorithm}`, Readable.from([Buffer.alloc(100_000, "x"), Buffer.from("end")]), { ChecksumAlgorithm, ContentLength: 100_003 });
      expect((await read(`sum/${ChecksumAlgorithm}`))?.length).toBe(100_003);
    }
    await put("md5", "Hello", { ContentMD5: createHash("md5").update("Hello").digest("base64") });
    await expect(put("bad", "Hello", { ContentMD5: createHash("md5").update("other").digest("base64") })).rejects.toMatchObject(refused("BadDigest", 400));
    await expect(put("bad", "Hello", { ChecksumCRC32: "AAAAAA==" })).rejects.toMatchObject(refused("BadDigest", 400));
    await expect(read("bad")).rejects.toMatchObject(refused("NoSuchKey", 404));
  });

  test("takes keys of all kinds", async () => {
    for (const Key of ["a b", "a+b", "a%20b", "Grüße 日本.txt", "/first", "double//slash", "q=1&r=(2)'!*$@;:,", "tail/"].filter((each) => !each.includes("%"))) {
      await put(Key, Key);
      expect(await read(Key)).toBe(Key);
      await s3.send(new CopyObjectCommand({ Bucket: "work", Key: `copy/${Key}`, CopySource: encodeURIComponent(`work/${Key}`) }));
      const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: "work", Key: `copy/${Key}` }));
      expect(await (await fetch(url)).text()).toBe(Key);
      await s3.send(new DeleteObjectCommand({ Bucket: "work", Key }));
      await expect(read(Key)).rejects.toMatchObject(refused("NoSuchKey", 404));
    }
    await expect(put("a%b")).rejects.toMatchObject(refused("InvalidKey", 400));
  });

  test("copies and deletes several", async () => {
    await put("from", "Hello", { ContentType: "text/css", Metadata: { a: "1" } });
    const { CopyObjectResult } = await s3.send(new CopyObjectCommand({ Bucket: "work", Key: "to", CopySource: "work/from" }));
    expect(CopyObjectResult?.ETag).toBe(`"${createHash("md5").update("Hello").digest("hex")}"`);
    expect(await s3.send(new HeadObjectCommand({ Bucket: "work", Key: "to" }))).toMatchObject({ ContentType: "text/css", Metadata: { a: "1" } });
    await s3.send(new CopyObjectCommand({ Bucket: "work", Key: "to", CopySource: "work/from", MetadataDirective: "REPLACE", ContentType: "text/x", Metadata: { b: "2" } }));
    expect(await s3.send(new HeadObjectCommand({ Bucket: "work", Key: "to" }))).toMatchObject({ ContentType: "text/x", Metadata: { b: "2" } });
    await expect(s3.send(new CopyObjectCommand({ Bucket: "work", Key: "to", CopySource: "work/from", CopySourceIfMatch: "x" }))).rejects.toMatchObject(refused("PreconditionFailed", 412));
    const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket: "work", Delete: { Objects: [{ Key: "from" }, { Key: "to" }, { Key: "<none> & more" }] } }));
    expect([Deleted?.map(({ Key }) => Key), Errors ?? []]).toEqual([["from", "to", "<none> & more"], []]);
    await expect(read("to")).rejects.toMatchObject(refused("NoSuchKey", 404));
  });

  test("lists in pages, both ways", async () => {
    const v2: string[] = [];
    for (let token: string | undefined, more = true; more; ) {
      const page = await s3.send(new ListObjectsV2Command({ Bucket: "many", ContinuationToken: token, Prefix: "k/" }));
      v2.push(...(page.Contents ?? []).map(({ Key }) => Key!));
      [token, more] = [page.NextContinuationToken, page.IsTruncated === true];
    }
    const v1: string[] = [];
    for (let Marker: string | undefined, more = true; more; ) {
      const page = await s3.send(new ListObjectsCommand({ Bucket: "many", Marker }));
      v1.push(...(page.Contents ?? []).map(({ Key }) => Key!));
      [Marker, more] = [v1.at(-1), page.IsTruncated === true];
    }
    const all = Array.from({ length: 2_500 }, (_, index) => `k/${String(index + 1).padStart(5, "0")}`);
    expect(v2).toEqual(all);
    expect(v1).toEqual(all);
    const folders = await s3.send(new ListObjectsV2Command({ Bucket: "many", Delimiter: "/", EncodingType: "url" }));
    expect([folders.CommonPrefixes, folders.KeyCount, folders.Contents ?? []]).toEqual([[{ Prefix: "k/" }], 1, []]);
    expect((await s3.send(new ListObjectsV2Command({ Bucket: "many", StartAfter: "k/02499", MaxKeys: 1 }))).Contents).toMatchObject([{ Key: "k/02500", Size: 1, ETag: '"e"' }]);
  });

  describe("an upload in parts", () => {
    const start = async (Key: string): Promise<string> => (await s3.send(new CreateMultipartUploadCommand({ Bucket: "work", Key, ContentType: "text/plain", Metadata: { a: "b" } }))).UploadId!;
    const partOf = (Key: string, UploadId: string, PartNumber: number, Body: Buffer) => s3.send(new UploadPartCommand({ Bucket: "work", Key, UploadId, PartNumber, Body }));
    const complete = (Key: string, UploadId: string, Parts: Array<{ PartNumber: number; ETag: string | undefined }>) => s3.send(new CompleteMultipartUploadCommand({ Bucket: "work", Key, UploadId, MultipartUpload: { Parts } }));

    test("of 11 MB comes from the SDK's uploader, and is what it was", async () => {
      const bytes = Buffer.alloc(11 * MIB, "0123456789abc");
      await new Upload({ client: s3, params: { Bucket: "work", Key: "large", Body: Readable.from(function* () { for (let at = 0; at < bytes.length; at += MIB) yield bytes.subarray(at, at + MIB); }()) }, partSize: 5 * MIB }).done();
      const got = await s3.send(new GetObjectCommand({ Bucket: "work", Key: "large" }));
      expect(got.ETag).toMatch(/-3"$/);
      expect(bytes.equals(await got.Body!.transformToByteArray())).toBe(true);
      expect(await backend.sql("select id from storage.s3_multipart_uploads")).toEqual([]);
    });

    test("is listed, made of copies, completed, once", async () => {
      const id = await start("parts");
      await put("source", Buffer.alloc(5 * MIB, "s"));
      const one = await s3.send(new UploadPartCopyCommand({ Bucket: "work", Key: "parts", UploadId: id, PartNumber: 1, CopySource: "work/source" }));
      await partOf("parts", id, 2, Buffer.from("wrong"));
      const two = await partOf("parts", id, 2, Buffer.from("tail"));
      const { Parts, IsTruncated, NextPartNumberMarker } = await s3.send(new ListPartsCommand({ Bucket: "work", Key: "parts", UploadId: id, MaxParts: 1 }));
      expect([Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]), IsTruncated, NextPartNumberMarker]).toEqual([[[1, 5 * MIB]], true, "1"]);
      expect((await s3.send(new ListMultipartUploadsCommand({ Bucket: "work", Prefix: "par" }))).Uploads).toMatchObject([{ Key: "parts", UploadId: id }]);
      expect((await s3.send(new ListMultipartUploadsCommand({ Bucket: "work", Delimiter: "r" }))).CommonPrefixes).toEqual([{ Prefix: "par" }]);
      const parts = [{ PartNumber: 1, ETag: one.CopyPartResult?.ETag }, { PartNumber: 2, ETag: two.ETag }];
      await expect(complete("parts", id, parts.toReversed())).rejects.toMatchObject(refused("InvalidPartOrder", 400));
      await expect(complete("parts", id, [parts[0]!, { PartNumber: 2, ETag: parts[0]!.ETag }])).rejects.toMatchObject(refused("InvalidPart", 400));
      await expect(complete("elsewhere", id, parts)).rejects.toMatchObject(refused("NoSuchUpload", 404));
      await complete("parts", id, parts);
      expect(await s3.send(new HeadObjectCommand({ Bucket: "work", Key: "parts" }))).toMatchObject({ ContentLength: 5 * MIB + 4, ContentType: "text/plain", Metadata: { a: "b" } });
      await expect(complete("parts", id, parts)).rejects.toMatchObject(refused("NoSuchUpload", 404));
    });

    test("that is given up while it is completed is either", async () => {
      const id = await start("torn");
      const one = await partOf("torn", id, 1, Buffer.from("whole"));
      const held = backend.sql("select pg_advisory_xact_lock(hashtextextended('storage work/torn', 0)), pg_sleep(0.6)");
      await delay(100);
      const completed = complete("torn", id, [{ PartNumber: 1, ETag: one.ETag }]).then(() => true, () => false);
      await delay(150);
      await s3.send(new AbortMultipartUploadCommand({ Bucket: "work", Key: "torn", UploadId: id })).catch(() => undefined);
      await held;
      if (await completed) expect(await read("torn")).toBe("whole");
      expect(await (await backend.tenant()).storage.sweep({ dryRun: true })).toMatchObject({ rowsWithoutBytes: { examples: expect.not.arrayContaining([expect.objectContaining({ name: "torn" })]) } });
    });

    test("keeps to sizes, and is given up", async () => {
      const id = await start("small");
      const [one, two] = [await partOf("small", id, 1, Buffer.from("a")), await partOf("small", id, 2, Buffer.from("b"))];
      await expect(complete("small", id, [{ PartNumber: 1, ETag: one.ETag }, { PartNumber: 2, ETag: two.ETag }])).rejects.toMatchObject(refused("EntityTooSmall", 400));
      await backend.sql("update storage.buckets set file_size_limit = 3 where id = 'work'");
      // Until it is known here.
      await expect.poll(() => put("four").then(() => "kept", (error: Error) => error.name)).toBe("EntityTooLarge");
      await expect(partOf("small", id, 3, Buffer.from("cc"))).rejects.toMatchObject(refused("EntityTooLarge", 413));
      await partOf("small", id, 2, Buffer.from("bb"));
      await backend.sql("update storage.buckets set file_size_limit = null where id = 'work'");
      await s3.send(new AbortMultipartUploadCommand({ Bucket: "work", Key: "small", UploadId: id }));
      await expect(partOf("small", id, 1, Buffer.from("a"))).rejects.toMatchObject(refused("NoSuchUpload", 404));
      await expect(read("small")).rejects.toMatchObject(refused("NoSuchKey", 404));
    });
  });

  test("lets whoever has a presigned address do that one thing, until its end", async () => {
    const sign = (command: PutObjectCommand | GetObjectCommand | HeadObjectCommand | DeleteObjectCommand, options = {}) => getSignedUrl(s3, command as GetObjectCommand, { expiresIn: 60, ...options });
    const target = { Bucket: "work", Key: "presigned" };
    const putUrl = await sign(new PutObjectCommand({ ...target, Metadata: { by: "address" } }));
    expect((await fetch(putUrl, { method: "PUT", body: "<script>", headers: { "content-type": "text/html" } })).status).toBe(200);
    const got = await fetch(await sign(new GetObjectCommand(target)));
    expect([await got.text(), got.headers.get("x-amz-meta-by"), got.headers.get("content-security-policy")]).toEqual(["<script>", "address", "sandbox"]);
    expect((await fetch(await sign(new HeadObjectCommand(target)), { method: "HEAD" })).headers.get("content-length")).toBe("8");
    const getUrl = await sign(new GetObjectCommand(target));
    // A page completes an upload in parts by the ETags that it was answered.
    const page = { origin: "http://example.com" };
    for (const answer of [await fetch(putUrl, { method: "PUT", body: "by address", headers: page }), await fetch(getUrl, { headers: page })]) {
      expect([answer.headers.get("access-control-allow-origin"), answer.headers.get("access-control-expose-headers")!.toLowerCase().split(", ")]).toEqual(["*", expect.arrayContaining(["etag", "x-amz-request-id"])]);
      await answer.body?.cancel();
    }
    await put("presigned2", "secret");
    const tampered = { path: getUrl.replace("/presigned?", "/presigned2?"), bucket: getUrl.replace("/work/", "/own/"), query: `${getUrl}&response-content-type=text%2Fx`, expiry: getUrl.replace("X-Amz-Expires=60", "X-Amz-Expires=600") };
    for (const [what, url] of Object.entries(tampered)) {
      const response = await fetch(url);
      expect([what, response.status, /<Code>(.*)<\/Code>/.exec(await response.text())?.[1]]).toEqual([what, 403, "SignatureDoesNotMatch"]);
    }
    expect((await fetch(getUrl, { method: "DELETE" })).status).toBe(403);
    // What an S3 header would make of it must have been signed.
    expect(await (await fetch(putUrl, { method: "PUT", headers: { "x-amz-copy-source": "work/presigned2" } })).text()).toContain("headers present in the request which were not signed");
    // A proxy's prefix makes no path of another out of this one's.
    expect((await fetch(`${server.url}/storage/v1/s3/work/presigned2${new URL(await sign(new GetObjectCommand({ Bucket: "work", Key: "x/api/storage/v1/s3/work/presigned2" }))).search}`, { headers: { "x-forwarded-prefix": "/api/storage/v1/s3/work/x" } })).status).toBe(403);
    const expired = await fetch(await sign(new GetObjectCommand(target), { signingDate: new Date(Date.now() - 61_000) }));
    expect([expired.status, await expired.text()]).toEqual([403, expect.stringContaining("Request has expired")]);
    expect((await fetch(await sign(new GetObjectCommand(target), { signingDate: new Date(Date.now() + 3_600_000) }))).status).toBe(403);
    expect((await fetch(await sign(new DeleteObjectCommand(target)), { method: "DELETE" })).status).toBe(204);
    expect((await fetch(getUrl)).status).toBe(404);
  });

  test("refuses what is not signed as it should be", async () => {
    const get = (client: S3Client) => read("a.html", client);
    await expect(get(connect(key.access_key, "wrong"))).rejects.toMatchObject(refused("SignatureDoesNotMatch", 403));
    await expect(get(connect("default.NOBODY", key.secret_key))).rejects.toMatchObject(refused("InvalidAccessKeyId", 403));
    await expect(get(connect("nobody.NOBODY", key.secret_key))).rejects.toMatchObject(refused("InvalidAccessKeyId", 403));
    await expect(get(connect(key.access_key, key.secret_key, undefined, { systemClockOffset: 16 * 60_000 }))).rejects.toMatchObject(refused("RequestTimeTooSkewed", 403));
    await expect(get(connect(backend.project.ref, backend.anonKey))).rejects.toMatchObject(refused("InvalidAccessKeyId", 403));
    const response = await fetch(`${server.url}/storage/v1/s3/work/a.html`, { headers: { apikey: backend.serviceRoleKey } });
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([403, "application/xml", expect.stringContaining("<Code>AccessDenied</Code>")]);
    const tampering = (change: (request: { headers: Record<string, string>; body?: unknown }) => void): S3Client => {
      const client = connect(key.access_key, key.secret_key);
      client.middlewareStack.add((next) => async (args) => (change(args.request as never), next(args)), { step: "finalizeRequest", priority: "low" });
      return client;
    };
    const send = (client: S3Client) => client.send(new PutObjectCommand({ Bucket: "work", Key: "tampered", Body: "Hello", Metadata: { a: "1" } }));
    await expect(send(tampering((request) => (request.headers["x-amz-meta-a"] = "2")))).rejects.toMatchObject(refused("SignatureDoesNotMatch", 403));
    await expect(send(tampering((request) => (request.headers["x-amz-meta-b"] = "2")))).rejects.toMatchObject(refused("AccessDenied", 403));
    await expect(send(tampering((request) => (request.body = "Hullo")))).rejects.toMatchObject(refused("XAmzContentSHA256Mismatch", 400));
    await expect(read("tampered")).rejects.toMatchObject(refused("NoSuchKey", 404));
  });

  test("takes chunks that are signed one by one, with their trailer, and none that isn't", async () => {
    const upload = (name: string, options: Partial<ChunkedUpload> = {}) => sendChunks({ url: `${server.url}/storage/v1/s3/work/${name}`, key, chunks: ["a".repeat(70_000), "end"], ...options });
    expect((await upload("chunks")).status).toBe(200);
    expect((await upload("chunks-trailer", { trailer: ["x-amz-checksum-crc32", "KQ+SfQ=="] })).status).toBe(200);
    for (const name of ["chunks", "chunks-trailer"]) expect(await read(name)).toBe(`${"a".repeat(70_000)}end`);
    const wrong: Readonly<Record<string, readonly [Partial<ChunkedUpload>, code: string]>> = {
      byte: [{ change: (body) => body.replace("end", "eNd") }, "SignatureDoesNotMatch"],
      first: [{ change: (body) => body.replace("aaaa", "aaab") }, "SignatureDoesNotMatch"],
      order: [{ chunks: ["same", "size"], change: (body) => body.replace("same", "tmp!").replace("size", "same").replace("tmp!", "size") }, "SignatureDoesNotMatch"],
      checksum: [{ trailer: ["x-amz-checksum-crc32", "AAAAAA=="] }, "BadDigest"],
      trailer: [{ trailer: ["x-amz-checksum-crc32", "AAAAAA=="], change: (body) => body.replace("AAAAAA==", "KQ+SfQ==") }, "SignatureDoesNotMatch"],
      end: [{ change: (body) => body.slice(0, body.lastIndexOf("0;")) }, "IncompleteBody"],
      unsigned: [{ change: (body) => body.replace(/;chunk-signature=\w+/, "") }, "SignatureDoesNotMatch"],
      more: [{ decoded: 70_002 }, "IncompleteBody"],
      garbage: [{ change: () => "no chunks at all" }, "IncompleteBody"],
    };
    for (const [what, [options, code]] of Object.entries(wrong)) {
      const response = await upload(`wrong-${what}`, options);
      expect([what, /<Code>(.*)<\/Code>/.exec(await response.text())?.[1]]).toEqual([what, code]);
    }
    expect(await backend.sql("select name from storage.objects where name like 'wrong-%'")).toEqual([]);
  });

  describe("a document", () => {
    /** Sends that instead of what the command would. */
    const sending = (document: string): S3Client => {
      const client = connect(key.access_key, key.secret_key);
      client.middlewareStack.add((next) => async (args) => {
        Object.assign(args.request as object, { body: document });
        const { headers } = args.request as { headers: Record<string, string> };
        for (const name of Object.keys(headers)) if (/content-length|checksum|sdk|content-md5/i.test(name)) delete headers[name];
        headers["content-length"] = String(document.length);
        return next(args);
      }, { step: "build", priority: "low" });
      return client;
    };

    test("of entities is refused", async () => {
      const bomb = `<!DOCTYPE x [<!ENTITY a "aaaa">]><Delete><Object><Key>&a;</Key></Object></Delete>`;
      await expect(sending(bomb).send(new DeleteObjectsCommand({ Bucket: "work", Delete: { Objects: [{ Key: "x" }] } }))).rejects.toMatchObject(refused("MalformedXML", 400));
    });

    test("that is none is refused, whether or not there is what it is for", async () => {
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: "work", Key: "undone" }));
      for (const document of ["<x/>", "<a>".repeat(1_000), "<CompleteMultipartUpload/>"]) {
        for (const id of [UploadId, "none"]) await expect(sending(document).send(new CompleteMultipartUploadCommand({ Bucket: "work", Key: "undone", UploadId: id }))).rejects.toMatchObject(refused("MalformedXML", 400));
      }
      await s3.send(new AbortMultipartUploadCommand({ Bucket: "work", Key: "undone", UploadId }));
    });
  });

  test("takes an upload that its client gives up for nobody's fault", async () => {
    const leaving = new AbortController();
    const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.alloc(100_000)), pull: () => delay(150).then(() => leaving.abort()) });
    await expect(fetch(`${server.url}/storage/v1/object/work/given-up`, { method: "POST", headers: { apikey: backend.serviceRoleKey }, body, duplex: "half", signal: leaving.signal } as RequestInit)).rejects.toThrow();
    await expect(read("given-up")).rejects.toMatchObject(refused("NoSuchKey", 404));
  });

  describe("whose requests they are", () => {
    test("a session token says, under its policies", async () => {
      const user = (sub: string) => connect(backend.project.ref, backend.anonKey, backend.tokenFor({ sub }));
      const [ann, ben] = [user(ANN), user(BEN)];
      await ann.send(new PutObjectCommand({ Bucket: "own", Key: `${ANN}/a`, Body: "mine" }));
      expect(await read(`${ANN}/a`, ann, "own")).toBe("mine");
      expect(await backend.sql(`select owner_id from storage.objects where name = '${ANN}/a'`)).toEqual([{ owner_id: ANN }]);
      expect((await ann.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toEqual(["own"]);
      await expect(read(`${ANN}/a`, ben, "own")).rejects.toMatchObject(refused("NoSuchKey", 404));
      await expect(ben.send(new PutObjectCommand({ Bucket: "own", Key: `${ANN}/b`, Body: "x" }))).rejects.toMatchObject(refused("AccessDenied", 403));
      await expect(ben.send(new CreateMultipartUploadCommand({ Bucket: "own", Key: `${ANN}/b` }))).rejects.toMatchObject(refused("AccessDenied", 403));
      await expect(ben.send(new CopyObjectCommand({ Bucket: "own", Key: `${BEN}/a`, CopySource: `own/${ANN}/a` }))).rejects.toMatchObject(refused("NoSuchKey", 404));
      expect((await ben.send(new ListObjectsV2Command({ Bucket: "own" }))).KeyCount).toBe(0);
      await ben.send(new DeleteObjectsCommand({ Bucket: "own", Delete: { Objects: [{ Key: `${ANN}/a` }] } }));
      await expect(ben.send(new CreateBucketCommand({ Bucket: "bens" }))).rejects.toMatchObject(refused("AccessDenied", 403));
      const { UploadId } = await ann.send(new CreateMultipartUploadCommand({ Bucket: "own", Key: `${ANN}/big` }));
      const theirs = { Bucket: "own", Key: `${ANN}/big`, UploadId };
      await expect(ben.send(new UploadPartCommand({ ...theirs, PartNumber: 1, Body: "x" }))).rejects.toMatchObject(refused("AccessDenied", 403));
      await expect(ben.send(new AbortMultipartUploadCommand(theirs))).rejects.toMatchObject(refused("AccessDenied", 403));
      const { ETag } = await ann.send(new UploadPartCommand({ ...theirs, PartNumber: 1, Body: "big" }));
      await ann.send(new CompleteMultipartUploadCommand({ ...theirs, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }));
      expect([await read(`${ANN}/a`, ann, "own"), await read(`${ANN}/big`, ann, "own")]).toEqual(["mine", "big"]);
      const session = (token: string) => read(`${ANN}/a`, connect(backend.project.ref, backend.anonKey, token), "own");
      await expect(session(backend.tokenFor({ sub: ANN, exp: 1 }))).rejects.toMatchObject(refused("ExpiredToken", 400));
      await expect(session(`${backend.tokenFor({ sub: ANN }).slice(0, -3)}abc`)).rejects.toMatchObject(refused("InvalidToken", 400));
      await expect(read(`${ANN}/a`, connect(backend.project.ref, backend.serviceRoleKey, backend.tokenFor({ sub: ANN })), "own")).rejects.toMatchObject(refused("SignatureDoesNotMatch", 403));
    });

    test("an access key says, with claims under their policies", async () => {
      const { storage } = await backend.tenant();
      const anns = await storage.createS3AccessKey({ claims: { role: "authenticated", sub: ANN }, description: "Ann's" });
      expect((await storage.listS3AccessKeys()).find(({ description }) => description === "Ann's")).toEqual({ access_key: anns.access_key, description: "Ann's", claims: { role: "authenticated", sub: ANN }, created_at: anns.created_at, expires_at: null });
      const ann = connect(anns.access_key, anns.secret_key);
      await ann.send(new PutObjectCommand({ Bucket: "own", Key: `${ANN}/by-key`, Body: "mine" }));
      await expect(ann.send(new PutObjectCommand({ Bucket: "own", Key: `${BEN}/by-key`, Body: "x" }))).rejects.toMatchObject(refused("AccessDenied", 403));
      expect([await storage.revokeS3AccessKey(anns.access_key), await storage.revokeS3AccessKey(anns.access_key)]).toEqual([true, false]);
      await expect(ann.send(new ListBucketsCommand({}))).rejects.toMatchObject(refused("InvalidAccessKeyId", 403));
    });

    test("an access key opens its own project alone, without another key, until it is revoked or at its end", async () => {
      const theirs = await credentials({}, other);
      expect((await connect(theirs.access_key, theirs.secret_key).send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
      const mixed = connect(key.access_key, theirs.secret_key);
      await expect(mixed.send(new ListBucketsCommand({}))).rejects.toMatchObject(refused("SignatureDoesNotMatch", 403));
      await expect(connect(theirs.access_key.replace("other", backend.project.ref), theirs.secret_key).send(new ListBucketsCommand({}))).rejects.toMatchObject(refused("InvalidAccessKeyId", 403));
      const short = await credentials({ expiresIn: 1, description: "short" });
      await backend.sql(`update storage.s3_access_keys set expires_at = now() where access_key_id = '${short.access_key}'`);
      await expect(connect(short.access_key, short.secret_key).send(new ListBucketsCommand({}))).rejects.toMatchObject(refused("InvalidAccessKeyId", 403));
      const admin = (method: string, path = "", apikey = backend.serviceRoleKey) => backend.fetch(`http://backend/storage/v1/s3-credentials${path}`, { method, headers: { apikey } });
      const listed = (await (await admin("GET")).json()) as AccessKey[];
      expect(listed).toContainEqual({ access_key: short.access_key, description: "short", claims: null, created_at: expect.any(String), expires_at: expect.any(String) });
      const brief = connect(key.access_key, key.secret_key);
      const revoked = await credentials();
      expect((await admin("DELETE", `/${revoked.access_key}`)).status).toBe(200);
      expect((await admin("DELETE", `/${revoked.access_key}`)).status).toBe(400);
      await expect(connect(revoked.access_key, revoked.secret_key).send(new ListBucketsCommand({}))).rejects.toMatchObject(refused("InvalidAccessKeyId", 403));
      await brief.send(new ListBucketsCommand({}));
      for (const method of ["GET", "POST"]) expect((await admin(method, "", backend.anonKey)).status).toBe(403);
      expect((await admin("GET", "", other.serviceRoleKey).then((response) => response.json() as Promise<AccessKey[]>)).map(({ access_key }) => access_key)).toEqual([theirs.access_key]);
    });
  });

  test("of all this whoever runs the server hears of nothing but what isn't implemented", () => {
    expect(errors.filter((error) => (error as { readonly code?: string }).code !== "NotImplemented")).toEqual([]);
  });
}, NATIVE_UNLESS_LONG);
