import { mkdtemp, rm } from "node:fs/promises";
import { createHash, randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases, type OpenDoor } from "@plinth/testing/vitest";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { type DetailedError, Upload, type UploadOptions } from "tus-js-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SOCKET_DOOR } from "./support/doors.ts";
import { openNativeOrEmbedded } from "./support/open-backend.ts";
import { until } from "./support/until.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

const ANN = "11111111-1111-4111-8111-111111111111";
const BEN = "22222222-2222-4222-8222-222222222222";

/** Everybody has a folder of their own in "own". In "open" whoever is signed in may put what isn't there. */
const POLICIES = `
create policy own_folder on storage.objects for all to authenticated
  using (bucket_id = 'own' and (storage.foldername(name))[1] = auth.uid()::text)
  with check (bucket_id = 'own' and (storage.foldername(name))[1] = auth.uid()::text);
create policy all_may_put on storage.objects for insert to authenticated with check (bucket_id = 'open');
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types) values
  ('own', 'own', false, null, null), ('open', 'open', true, null, null), ('small', 'small', true, 1000, array['image/*']);
`;

const MIB = 1_024 * 1_024;
const TUS = { "tus-resumable": "1.0.0" };
const metadataHeader = (metadata: Readonly<Record<string, string>>): string => Object.entries(metadata).map(([name, value]) => `${name} ${Buffer.from(value).toString("base64")}`).join(",");
const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describeDatabases("resumable uploads", (databases) => {
  let backend: TestBackend;
  let server: OpenDoor | undefined;
  let directory: string;
  let close: (() => Promise<void>) | undefined;
  let ann: SupabaseClient["storage"];
  let admin: SupabaseClient["storage"];
  let stranger: Readonly<Record<string, string>>;
  let endpoint: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "plinth-resumable-"));
    const store = databases.kind === "native" ? { kind: "filesystem" as const, directory, fsync: false } : { kind: "memory" as const };
    ({ backend, close } = await openNativeOrEmbedded(databases, { sql: POLICIES, storage: { store } }));
    const client = (key: string, token?: string): SupabaseClient =>
      createClient("http://backend", key, { global: { fetch: backend.fetch }, ...(token === undefined ? {} : { accessToken: async () => token }), auth: { persistSession: false, autoRefreshToken: false } });
    admin = client(backend.serviceRoleKey).storage;
    ann = client(backend.anonKey, backend.tokenFor({ sub: ANN })).storage;
    const other = await backend.projects.create({ ref: "other", settings: { storage: { tusUrlExpiry: 1 } } });
    stranger = { apikey: other.serviceRoleKey, authorization: `Bearer ${other.serviceRoleKey}` };
    server = await SOCKET_DOOR.open(backend);
    endpoint = `${server!.url}/storage/v1/upload/resumable`;
  });
  afterAll(async () => {
    await server?.close();
    await close?.();
    await rm(directory, { recursive: true, force: true });
  });

  const as = (sub: string): Record<string, string> => ({ ...backend.headersFor({ sub }) }) as Record<string, string>;
  const download = async (bucket: string, name: string): Promise<Buffer> => Buffer.from(await (await admin.from(bucket).download(name)).data!.arrayBuffer());
  const named = (bucketName: string, objectName: string, more: Readonly<Record<string, string>> = {}) => ({ bucketName, objectName, contentType: "text/plain", ...more });

  /** The whole upload, by tus-js-client. */
  const upload = (bytes: Buffer, options: Partial<UploadOptions> & { readonly metadata: Record<string, string> }) =>
    new Promise<Upload>((resolve, reject) => {
      const one: Upload = new Upload(bytes as never, { endpoint, headers: as(ANN), chunkSize: 6 * MIB, retryDelays: null, onError: reject, onSuccess: () => resolve(one), ...options });
      one.start();
    });
  /** What tus-js-client says of an upload that is refused. */
  const refusal = async (bytes: Buffer, options: Parameters<typeof upload>[1]) => {
    const error = (await upload(bytes, options).then(() => undefined, (reason: unknown) => reason)) as DetailedError;
    return { status: error.originalResponse?.getStatus(), body: error.originalResponse?.getBody() };
  };
  const send = (method: string, url: string, headers: Readonly<Record<string, string>>, body?: Buffer | ReadableStream) =>
    fetch(url, { method, headers: { ...TUS, ...headers }, ...(body === undefined ? {} : { body: body as never, duplex: "half" }) } as RequestInit);
  const create = async (headers: Readonly<Record<string, string>>, metadata: Record<string, string>, length: number | undefined, base = endpoint): Promise<string> => {
    const lengths: Readonly<Record<string, string>> = length === undefined ? { "upload-defer-length": "1" } : { "upload-length": String(length) };
    const created = await send("POST", base, { ...headers, ...lengths, "upload-metadata": metadataHeader(metadata) });
    expect([created.status, await created.text()]).toEqual([201, ""]);
    return new URL(created.headers.get("location")!, base).href;
  };
  const patch = (url: string, headers: Readonly<Record<string, string>>, offset: number, body: Buffer | ReadableStream, more: Readonly<Record<string, string>> = {}) =>
    send("PATCH", url, { ...headers, "content-type": "application/offset+octet-stream", "upload-offset": String(offset), ...more }, body);
  const offsetOf = async (url: string, headers: Readonly<Record<string, string>>): Promise<string | null> => (await send("HEAD", url, headers)).headers.get("upload-offset");

  describe("by tus-js-client", () => {
    test("come in chunks of 6 MB and are there at once, as they were", async () => {
      const bytes = randomBytes(13 * MIB);
      const one = await upload(bytes, { metadata: named("own", `${ANN}/large.bin`, { cacheControl: "60", metadata: JSON.stringify({ mood: "fine" }) }) });
      expect(one.url).toMatch(/\/storage\/v1\/upload\/resumable\/[\w-]{32}$/);
      expect(hash(await download("own", `${ANN}/large.bin`))).toBe(hash(bytes));
      expect((await ann.from("own").info(`${ANN}/large.bin`)).data).toMatchObject({ size: bytes.length, contentType: "text/plain", cacheControl: "max-age=60", metadata: { mood: "fine" } });
      expect(await backend.sql(`select owner_id from storage.objects where name = '${ANN}/large.bin'`)).toEqual([{ owner_id: ANN }]);
    });

    test("come in chunks of a few bytes, or are empty", async () => {
      const bytes = randomBytes(250);
      await upload(bytes, { chunkSize: 9, metadata: named("own", `${ANN}/tiny`) });
      expect((await download("own", `${ANN}/tiny`)).equals(bytes)).toBe(true);
      await upload(Buffer.alloc(0), { metadata: named("own", `${ANN}/empty`) });
      expect((await ann.from("own").info(`${ANN}/empty`)).data).toMatchObject({ size: 0 });
    });

    test("may bring their bytes along with their creation, or say their length last", async () => {
      const bytes = randomBytes(100);
      await upload(bytes, { uploadDataDuringCreation: true, metadata: named("own", `${ANN}/at-once`) });
      expect((await download("own", `${ANN}/at-once`)).equals(bytes)).toBe(true);
      await upload(bytes, { uploadLengthDeferred: true, chunkSize: 40, metadata: named("own", `${ANN}/deferred`) });
      expect((await download("own", `${ANN}/deferred`)).equals(bytes)).toBe(true);
    });

    test("are paused, and resumed by another client that knows the address", async () => {
      const bytes = randomBytes(7 * MIB);
      const metadata = named("own", `${ANN}/paused`);
      const url = await new Promise<string>((resolve, reject) => {
        const first: Upload = new Upload(bytes as never, { endpoint, headers: as(ANN), chunkSize: 3 * MIB, retryDelays: null, metadata, onError: reject, onChunkComplete: () => void first.abort().then(() => resolve(first.url!)) });
        first.start();
      });
      expect(await offsetOf(url, as(ANN))).toBe(String(3 * MIB));
      const sent: number[] = [];
      await upload(bytes, { uploadUrl: url, chunkSize: 3 * MIB, metadata, onChunkComplete: (size) => void sent.push(size) });
      expect(sent).toEqual([3 * MIB, MIB]);
      expect(hash(await download("own", `${ANN}/paused`))).toBe(hash(bytes));
    });

    test("replace an object only where they may", async () => {
      const metadata = named("own", `${ANN}/twice`);
      await upload(Buffer.from("one"), { metadata });
      expect(await refusal(Buffer.from("two"), { metadata })).toEqual({ status: 409, body: "The resource already exists" });
      await upload(Buffer.from("three"), { metadata, headers: { ...as(ANN), "x-upsert": "true" } });
      expect(String(await download("own", `${ANN}/twice`))).toBe("three");
    });

    test("are refused where they are too large, of a wrong type, or for no bucket", async () => {
      const headers = as(ANN);
      expect(await refusal(Buffer.alloc(1_001), { headers, metadata: named("small", "a", { contentType: "image/png" }) })).toEqual({ status: 413, body: "Maximum size exceeded" });
      expect(await refusal(Buffer.alloc(10), { headers, metadata: named("small", "a") })).toEqual({ status: 415, body: "mime type text/plain is not supported" });
      expect(await refusal(Buffer.alloc(10), { headers, metadata: { bucketName: "small", objectName: "a" } })).toEqual({ status: 415, body: "mime type application/octet-stream is not supported" });
      expect(await refusal(Buffer.alloc(10), { headers, metadata: named("none", "a") })).toEqual({ status: 404, body: "Bucket not found" });
      expect(await refusal(Buffer.alloc(10), { headers, metadata: named("own", "../a") })).toEqual({ status: 400, body: "Invalid key: ../a" });
    });

    test("are terminated", async () => {
      const bytes = randomBytes(6 * MIB);
      const url = await create(as(ANN), named("own", `${ANN}/ended`), 7 * MIB);
      expect((await patch(url, as(ANN), 0, bytes)).status).toBe(204);
      await Upload.terminate(url, { headers: as(ANN), retryDelays: null as never });
      expect((await send("HEAD", url, as(ANN))).status).toBe(404);
      const finished = await upload(Buffer.from("x"), { metadata: named("own", `${ANN}/whole`) });
      expect((await send("DELETE", finished.url!, as(ANN))).status).toBe(400);
      expect(String(await download("own", `${ANN}/whole`))).toBe("x");
    });
  });

  describe("under row level security", () => {
    test("are refused to whom no policy lets", async () => {
      const denied = { status: 403, body: "new row violates row-level security policy" };
      expect(await refusal(Buffer.from("x"), { headers: as(BEN), metadata: named("own", `${ANN}/bens`) })).toEqual(denied);
      expect(await refusal(Buffer.from("x"), { headers: backend.headersFor("anon") as Record<string, string>, metadata: named("open", "anons") })).toEqual(denied);
      expect((await send("POST", endpoint, { "upload-length": "1", "upload-metadata": metadataHeader(named("open", "nobodys")) })).status).toBeGreaterThanOrEqual(400);
    });

    test("are continued and ended by nobody but who began them, and as long as that user may", async () => {
      const url = await create(as(ANN), named("open", "anns"), 10);
      const others = { ben: as(BEN), anon: backend.headersFor("anon") as Record<string, string>, stranger };
      for (const [who, headers] of Object.entries(others)) {
        const status = who === "stranger" ? 404 : 403;
        expect((await patch(url, headers, 0, Buffer.from("12345"))).status, who).toBe(status);
        expect((await send("DELETE", url, headers)).status, who).toBe(status);
        expect((await send("HEAD", url, headers)).status, who).toBe(status);
      }
      expect((await patch(url, as(ANN), 0, Buffer.from("12345"))).status).toBe(204);
      await backend.sql("drop policy all_may_put on storage.objects");
      const refused = await patch(url, as(ANN), 5, Buffer.from("67890"));
      expect([refused.status, await refused.text()]).toEqual([403, "new row violates row-level security policy"]);
      expect((await send("DELETE", url, as(ANN))).status).toBe(403);
      await backend.sql("create policy all_may_put on storage.objects for insert to authenticated with check (bucket_id = 'open')");
      expect((await patch(url, as(ANN), 5, Buffer.from("67890"))).status).toBe(204);
      expect(String(await download("open", "anns"))).toBe("1234567890");
    });
  });

  describe("by the protocol", () => {
    test("answer with what was agreed, and refuse what wasn't", async () => {
      const options = await fetch(endpoint, { method: "OPTIONS", headers: { origin: "http://page.example.com" } });
      expect([options.status, options.headers.get("tus-version"), options.headers.get("tus-max-size")]).toEqual([204, "1.0.0", String(50 * MIB)]);
      expect(options.headers.get("access-control-expose-headers")).toContain("Upload-Offset");
      const url = await create(as(ANN), named("own", `${ANN}/agreed`), 10);
      const head = await send("HEAD", url, as(ANN));
      expect([head.status, head.headers.get("upload-offset"), head.headers.get("upload-length"), head.headers.get("cache-control")]).toEqual([200, "0", "10", "no-store"]);
      expect(head.headers.get("upload-metadata")).toBe(metadataHeader(named("own", `${ANN}/agreed`)));
      expect(Date.parse(head.headers.get("upload-expires")!)).toBeGreaterThan(Date.now() + 3_500_000);
      const statuses = [
        (await fetch(url, { method: "HEAD", headers: as(ANN) })).status,
        (await patch(url, as(ANN), 0, Buffer.from("x"), { "content-type": "text/plain" })).status,
        (await patch(url, as(ANN), 0, Buffer.alloc(11))).status,
        (await patch(url, as(ANN), 0, Buffer.alloc(1), { "upload-length": "3" })).status,
        (await send("POST", endpoint, { ...as(ANN), "upload-metadata": metadataHeader(named("own", `${ANN}/x`)) })).status,
        (await send("POST", endpoint, { ...as(ANN), "upload-length": "1" })).status,
        (await send("POST", endpoint, { ...as(ANN), "upload-length": "-1", "upload-metadata": metadataHeader(named("own", `${ANN}/x`)) })).status,
        (await send("HEAD", `${endpoint}/${"x".repeat(32)}`, as(ANN))).status,
      ];
      expect(statuses).toEqual([412, 415, 413, 400, 400, 400, 400, 404]);
      expect(await offsetOf(url, as(ANN))).toBe("0");
    });

    test("go on only where they are", async () => {
      const url = await create(as(ANN), named("own", `${ANN}/offsets`), 10);
      expect((await patch(url, as(ANN), 0, Buffer.from("12345"))).headers.get("upload-offset")).toBe("5");
      for (const offset of [0, 4, 6, 10]) {
        const conflict = await patch(url, as(ANN), offset, Buffer.from("x"));
        expect([conflict.status, await conflict.text()]).toEqual([409, "Upload-Offset conflict"]);
      }
      const last = await fetch(url, { method: "POST", headers: { ...TUS, ...as(ANN), "x-http-method-override": "PATCH", "content-type": "application/offset+octet-stream", "upload-offset": "5" }, body: "67890" });
      expect([last.status, last.headers.get("upload-offset")]).toEqual([204, "10"]);
      expect(String(await download("own", `${ANN}/offsets`))).toBe("1234567890");
      expect((await fetch(url, { method: "POST", headers: { ...TUS, ...as(ANN), "x-http-method-override": "__proto__" } })).status).toBe(404);
      expect((await fetch(`${url}%00`, { method: "HEAD", headers: { ...TUS, ...as(ANN) } })).status).toBe(400);
      // A client that had no answer asks again.
      expect(await offsetOf(url, as(ANN))).toBe("10");
      expect((await patch(url, as(ANN), 10, Buffer.alloc(0))).status).toBe(204);
    });

    test("tell where they are below a proxy's prefix", async () => {
      const created = await send("POST", `${endpoint}/`, { ...as(ANN), "x-forwarded-prefix": "/api/", "upload-length": "1", "upload-metadata": metadataHeader(named("own", `${ANN}/prefix`)) });
      expect(created.headers.get("location")).toMatch(/^\/api\/storage\/v1\/upload\/resumable\/[\w-]{32}$/);
      const evil = await send("POST", endpoint, { ...as(ANN), "x-forwarded-prefix": "//evil.example.com", "upload-length": "1", "upload-metadata": metadataHeader(named("own", `${ANN}/prefix`)) });
      expect(evil.headers.get("location")).toMatch(/^\/storage\/v1\//);
    });

    const holderOf = async (name: string): Promise<string | null | undefined> => (await backend.sql<{ holder: string | null }>(`select holder from storage.resumable_uploads where name = '${ANN}/${name}'`))[0]?.holder;
    /** Bytes, and then nothing more. */
    const hanging = (bytes: Uint8Array): ReadableStream => new ReadableStream({ start: (controller) => controller.enqueue(bytes), pull: () => new Promise(() => undefined) });

    test("keep what came before a connection broke", async () => {
      const url = await create(as(ANN), named("own", `${ANN}/broken`), 8 * MIB);
      const bytes = randomBytes(8 * MIB);
      let offset = 0;
      // Which bytes have arrived when it breaks is the network's affair. More than a part does, in the end.
      await until(async () => {
        const cut = new AbortController();
        const init = { method: "PATCH", body: hanging(bytes.subarray(offset, 6 * MIB)), duplex: "half", signal: cut.signal, headers: { ...TUS, ...as(ANN), "content-type": "application/offset+octet-stream", "upload-offset": String(offset) } };
        const sending = fetch(url, init as RequestInit).catch(() => "broken");
        await until(async () => typeof (await holderOf("broken")) === "string");
        await sleep(200);
        cut.abort();
        expect(await sending).toBe("broken");
        await until(async () => (await holderOf("broken")) === null);
        offset = Number(await offsetOf(url, as(ANN)));
        return offset > 5 * MIB;
      });
      expect((await patch(url, as(ANN), offset, bytes.subarray(offset))).status).toBe(204);
      expect(hash(await download("own", `${ANN}/broken`))).toBe(hash(bytes));
    });

    test("break off whoever hangs when a client comes back", async () => {
      const url = await create(as(ANN), named("own", `${ANN}/hangs`), 20);
      await until(async () => {
        const first = patch(url, as(ANN), 0, hanging(Buffer.from("0123456789")));
        await until(async () => typeof (await holderOf("hangs")) === "string");
        await sleep(50);
        const offset = await offsetOf(url, as(ANN));
        expect((await first).status).toBe(423);
        return offset === "10";
      });
      const both = await Promise.all([patch(url, as(ANN), 10, Buffer.from("0123456789")), patch(url, as(ANN), 10, Buffer.from("0123456789"))]);
      expect(both.map(({ status }) => status)).toContain(204);
      expect(String(await download("own", `${ANN}/hangs`))).toBe("01234567890123456789");
    });
  });

  describe("signed", () => {
    const base = () => `${endpoint}/sign`;
    test("need the token alone, for the one object, whoever signed being its owner", async () => {
      const { data } = await ann.from("own").createSignedUploadUrl(`${ANN}/signed`);
      const headers = { "x-signature": data!.token };
      await upload(Buffer.from("signed bytes"), { endpoint: base(), chunkSize: 5, headers, metadata: named("own", `${ANN}/signed`) });
      expect(String(await download("own", `${ANN}/signed`))).toBe("signed bytes");
      expect(await backend.sql(`select owner_id from storage.objects where name = '${ANN}/signed'`)).toEqual([{ owner_id: ANN }]);
      expect(await refusal(Buffer.from("x"), { endpoint: base(), headers, metadata: named("own", `${ANN}/other`) })).toEqual({ status: 400, body: "Invalid signature" });
      expect(await refusal(Buffer.from("x"), { endpoint: base(), headers: as(ANN), metadata: named("own", `${ANN}/signed2`) })).toEqual({ status: 400, body: "Missing x-signature header" });
      expect((await refusal(Buffer.from("x"), { endpoint: base(), headers: { "x-signature": `${data!.token}x` }, metadata: named("own", `${ANN}/signed`) })).status).toBe(400);
    });

    test("go on after the token's time, and by no other way than they began", async () => {
      const { data } = await ann.from("own").createSignedUploadUrl(`${ANN}/late`);
      const headers = { "x-signature": data!.token };
      const url = await create(headers, named("own", `${ANN}/late`), 4, base());
      expect((await patch(url, headers, 0, Buffer.from("la"))).status).toBe(204);
      const unsigned = url.replace("/sign/", "/");
      expect((await send("HEAD", unsigned, as(ANN))).status).toBe(404);
      expect((await patch(url, { "x-signature": "" }, 2, Buffer.from("te"))).status).toBe(400);
      await backend.sql(`update storage.resumable_uploads set created_at = created_at - interval '2 minutes' where name = '${ANN}/late'`);
      expect((await patch(url, headers, 2, Buffer.from("te"))).status).toBe(204);
      expect(String(await download("own", `${ANN}/late`))).toBe("late");
    });
  });

  test("expire, and the sweep removes what had come; what goes on it leaves alone", async () => {
    const sweep = async () => (await backend.tenant()).storage.sweep({ grace: 0 });
    await sweep();
    const url = await create(as(ANN), named("own", `${ANN}/expired`), 6 * MIB);
    const alive = await create(as(ANN), named("own", `${ANN}/alive`), 12 * MIB);
    const bytes = randomBytes(12 * MIB);
    for (const begun of [url, alive]) expect((await patch(begun, as(ANN), 0, bytes.subarray(0, 5.5 * MIB))).status).toBe(204);
    await backend.sql(`update storage.resumable_uploads set expires_at = now() - interval '2 hours', touched_at = now() - interval '2 hours' where name = '${ANN}/expired'`);
    expect((await send("HEAD", url, as(ANN))).status).toBe(410);
    const gone = await patch(url, as(ANN), 5.5 * MIB, Buffer.from("1234"));
    expect([gone.status, await gone.text()]).toEqual([410, "The upload has expired"]);
    expect(await sweep()).toMatchObject({ expiredUploads: 1, abortedUploads: 0, bytesWithoutRow: { count: 0 }, rowsWithoutBytes: { count: 0 } });
    expect((await send("HEAD", url, as(ANN))).status).toBe(404);
    expect((await patch(alive, as(ANN), 5.5 * MIB, bytes.subarray(5.5 * MIB))).status).toBe(204);
    expect(hash(await download("own", `${ANN}/alive`))).toBe(hash(bytes));
    expect(await sweep()).toMatchObject({ expiredUploads: 0, abortedUploads: 0, bytesWithoutRow: { count: 0 } });
  });
}, NATIVE_UNLESS_LONG);
