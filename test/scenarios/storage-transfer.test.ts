import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { toNodeHandler } from "@plinth/node";
import { createTestBackend, type TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { type Backend, type ProjectWithKeys, signToken, type TransferredFiles } from "plinth";
import { afterAll, beforeAll, expect, test } from "vitest";
import { framesOf, fileOf, type Frame, summed } from "../support/export-frames.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";
import { openNativeOrEmbedded } from "./support/open-backend.ts";

const ANN = "11111111-1111-4111-8111-111111111111";
const BEN = "22222222-2222-4222-8222-222222222222";
const PASSPHRASE = "a passphrase for these tests";
const MIB = 1_048_576;

const tokenOf = ({ jwtSecret }: ProjectWithKeys, sub: string): string => signToken({ role: "authenticated", sub }, jwtSecret);

/** Everybody has a folder of their own; in "kept" earlier versions stay. */
const POLICIES = `
create policy own_folder on storage.objects for all to authenticated
  using (bucket_id in ('own', 'kept') and (storage.foldername(name))[1] = auth.uid()::text)
  with check (bucket_id in ('own', 'kept') and (storage.foldername(name))[1] = auth.uid()::text);
insert into storage.buckets (id, name, public, kept_versions) values ('own', 'own', false, null), ('kept', 'kept', false, 3), ('open', 'open', true, null);
`;

const CLEAN = { bytesWithoutRow: { count: 0 }, rowsWithoutBytes: { count: 0 } };

const clientOf = ({ fetch }: Backend, { anonKey }: ProjectWithKeys, token?: string): SupabaseClient["storage"] =>
  createClient("http://backend", anonKey, { global: { fetch }, ...(token === undefined ? {} : { accessToken: async () => token }), auth: { persistSession: false, autoRefreshToken: false } }).storage;

const bytesOf = async (blob: Blob | null): Promise<Buffer | undefined> => (blob === null ? undefined : Buffer.from(await blob.arrayBuffer()));

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 50_000) yield bytes.subarray(start, start + 50_000);
}

describeDatabases("a project's files", (databases) => {
  let here: TestBackend;
  let there: TestBackend;
  let folder: string;
  const closing: Array<() => Promise<unknown>> = [];
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "plinth-transfer-"));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    const opened = await openNativeOrEmbedded(databases, { storage: { store: { kind: "filesystem", directory: folder, fsync: false } }, sql: "insert into storage.buckets (id, name) values ('depot', 'depot')" });
    here = opened.backend;
    closing.push(opened.close);
    const server = createServer(toNodeHandler(here));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(async () => server.close().closeAllConnections());
    const key = await (await here.tenant()).storage.createS3AccessKey();
    // The one keeps its files on a disk, the other in S3, which is what the first one speaks.
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/storage/v1/s3`;
    there = await createTestBackend({ storage: { store: { kind: "s3", bucket: "depot", endpoint, region: "here", forcePathStyle: true, accessKeyId: key.access_key, secretAccessKey: key.secret_key } } });
    closing.push(() => there.close());
  }, 60_000);
  afterAll(async () => {
    for (const close of closing.toReversed()) await close();
  });

  const make = async (ref: string): Promise<ProjectWithKeys> => {
    const project = await here.projects.create({ ref });
    await here.sql(POLICIES, ref);
    return project;
  };
  const annIn = (backend: Backend, project: ProjectWithKeys) => clientOf(backend, project, tokenOf(project, ANN));
  const get = (backend: Backend, project: ProjectWithKeys, address: string, sub = ANN) =>
    backend.fetch(`http://backend${address}`, { headers: { apikey: project.anonKey, authorization: `Bearer ${tokenOf(project, sub)}` } });
  const sweep = async (backend: Backend, ref: string) => (await backend.tenant(ref)).storage.sweep({ grace: 0, dryRun: true });

  test("go along, from one kind of store into another and back, as they were", { timeout: 120_000 }, async () => {
    const project = await make("whole");
    const large = randomBytes(9 * MIB);
    const ann = annIn(here, project);
    const uploaded = { "a.txt": Buffer.from("Hello"), "empty": Buffer.alloc(0), "Grüße/large.bin": large };
    for (const [name, bytes] of Object.entries(uploaded)) expect((await ann.from("own").upload(`${ANN}/${name}`, bytes, { contentType: "text/plain", cacheControl: "60" })).error).toBeNull();
    for (const text of ["one", "two", "three"]) await ann.from("kept").upload(`${ANN}/letter`, text, { upsert: true });
    await clientOf(here, project, project.serviceRoleKey).from("open").upload("logo", "a logo");
    await (await here.tenant("whole")).assets.publish({ files: [{ path: "index.html", content: "<h1>Home</h1>".repeat(300) }, { path: "large.js", content: "x".repeat(300_000) }] });
    const told: TransferredFiles[] = [];
    const onFiles = (files: TransferredFiles): void => void told.push(files);
    const imported = await there.projects.import(await here.projects.export("whole", { passphrase: PASSPHRASE, onFiles }), { passphrase: PASSPHRASE, onFiles });
    expect(imported.anonKey).toBe(project.anonKey);
    expect(told[0]).toMatchObject({ included: true, missing: { count: 0, examples: [] } });
    expect(told[0]!.size).toBeGreaterThan(9 * MIB);
    // Seven of Storage; each of the site's with two compressed forms.
    expect(told[0]!.count).toBe(7 + 6);
    expect(told[1]).toEqual(told[0]);
    const back = await here.projects.import(await there.projects.export("whole"), { ref: "back" });
    for (const [backend, copy] of [[there, imported], [here, back]] as const) {
      for (const [name, bytes] of Object.entries(uploaded)) {
        expect((await bytesOf((await annIn(backend, copy).from("own").download(`${ANN}/${name}`)).data))?.equals(bytes), name).toBe(true);
        const [before, after] = await Promise.all([get(here, project, `/storage/v1/object/authenticated/own/${ANN}/${encodeURI(name)}`), get(backend, copy, `/storage/v1/object/authenticated/own/${ANN}/${encodeURI(name)}`)]);
        for (const header of ["etag", "content-type", "cache-control", "last-modified", "content-length"]) expect(after.headers.get(header), header).toBe(before.headers.get(header));
        await Promise.all([before.arrayBuffer(), after.arrayBuffer()]);
      }
      const versions = (await (await get(backend, copy, `/storage/v1/versions/kept/${ANN}/letter`)).json()) as Array<{ version: string }>;
      expect(await Promise.all(versions.map(async ({ version }) => (await get(backend, copy, `/storage/v1/version/${version}/kept/${ANN}/letter`)).text()))).toEqual(["two", "one"]);
      expect(await (await backend.fetch(`http://backend/storage/v1/object/public/open/logo?apikey=${copy.anonKey}`)).text()).toBe("a logo");
      for (const page of ["index.html", "large.js"]) {
        const [before, after] = await Promise.all([here.fetch(`http://backend/assets/v1/whole/${page}`), backend.fetch(`http://backend/assets/v1/${copy.ref}/${page}`)]);
        expect([after.status, after.headers.get("etag"), await after.text()]).toEqual([200, before.headers.get("etag"), await before.text()]);
      }
      // Policies hold there as they do here.
      expect((await clientOf(backend, copy, tokenOf(copy, BEN)).from("own").download(`${ANN}/a.txt`)).error).toMatchObject({ status: 400 });
      expect((await clientOf(backend, copy).from("own").download(`${ANN}/a.txt`)).error).toMatchObject({ status: 400 });
      expect((await annIn(backend, copy).from("own").upload(`${BEN}/b`, "x")).error).toMatchObject({ statusCode: "403" });
      expect((await annIn(backend, copy).from("own").upload(`${ANN}/new`, "new")).error).toBeNull();
      expect(await sweep(backend, copy.ref)).toMatchObject(CLEAN);
    }
    // Another project's bytes, not the same under two names.
    await here.projects.delete("back");
    expect(await bytesOf((await ann.from("own").download(`${ANN}/a.txt`)).data)).toEqual(Buffer.from("Hello"));
    await there.projects.delete("whole");
    expect((await (await here.tenant()).storage.from("depot").list()).objects).toEqual([]);
    await here.projects.delete("whole");
  });

  test("are those that the rows named when the export began, whatever becomes of them meanwhile", { timeout: 60_000 }, async () => {
    const project = await make("busy");
    const ann = annIn(here, project);
    const before = new Map(Array.from({ length: 6 }, (_, at) => [`${ANN}/${at}`, randomBytes(MIB)] as const));
    for (const [name, bytes] of before) await ann.from("own").upload(name, bytes);
    const { assets, storage } = await here.tenant("busy");
    const pages = Array.from({ length: 9 }, () => randomBytes(300_000));
    await assets.publish({ files: pages.map((content, at) => ({ path: `${at}.bin`, content })) });
    const left = (await here.projects.export("busy")).getReader();
    await left.read();
    // Nothing waits for an export that nobody reads on.
    await left.cancel();
    const reader = (await here.projects.export("busy"))[Symbol.asyncIterator]();
    const chunks: Uint8Array[] = [];
    // The database is read by then.
    for (let size = 0; size < MIB; size += chunks.at(-1)!.byteLength) chunks.push((await reader.next()).value!);
    await ann.from("own").upload(`${ANN}/0`, "new", { upsert: true });
    await ann.from("own").remove([...before.keys()].slice(1));
    await here.sql("update assets.site set settings = '{\"keptReleases\": 0}'", "busy");
    for (const content of ["two", "three"]) await assets.publish({ files: [{ path: "index.html", content }] });
    await storage.sweep({ grace: 0 });
    for (let next = await reader.next(); next.done !== true; next = await reader.next()) chunks.push(next.value);
    const told: TransferredFiles[] = [];
    const copy = await here.projects.import(pieces(Buffer.concat(chunks)), { ref: "busy-copy", onFiles: (files) => told.push(files) });
    expect(told[0]).toMatchObject({ included: true, missing: { count: 0 } });
    for (const [name, bytes] of before) expect((await bytesOf((await annIn(here, copy).from("own").download(name)).data))?.equals(bytes), name).toBe(true);
    for (const [at, bytes] of pages.entries()) expect(Buffer.from(await (await here.fetch(`http://backend/assets/v1/busy-copy/${at}.bin`)).arrayBuffer()).equals(bytes), String(at)).toBe(true);
    // What was kept for it goes with the next sweep.
    expect(await storage.sweep({ grace: 0 })).toMatchObject({ bytesWithoutRow: { count: 6 }, rowsWithoutBytes: { count: 0 } });
    expect(await sweep(here, "busy-copy")).toMatchObject(CLEAN);
    expect(await here.sql("select count(*)::int as count from assets.trash", "busy")).toEqual([{ count: 10 }]);
    await assets.publish({ files: [{ path: "index.html", content: "four" }] });
    expect(await here.sql("select count(*)::int as count from assets.trash", "busy")).toEqual([{ count: 0 }]);
    await here.projects.delete("busy");
    await here.projects.delete("busy-copy");
  });

  test("stay behind where that is said, or the export is of an earlier format; both are told", { timeout: 60_000 }, async () => {
    const project = await make("light");
    await annIn(here, project).from("own").upload(`${ANN}/a.txt`, "Hello");
    const site = { files: [{ path: "index.html", content: "<h1>Home</h1>" }] };
    await (await here.tenant("light")).assets.publish(site);
    const whole = await readAll(await here.projects.export("light"));
    const told: TransferredFiles[] = [];
    const onFiles = (files: TransferredFiles): void => void told.push(files);
    const without = await readAll(await here.projects.export("light", { files: false, onFiles }));
    const earlier = framesOf(without).map((frame): Frame => (frame.header.kind === "manifest" ? { ...frame, body: Buffer.from(frame.body.toString().replace('"version":2', '"version":1').replace(',"files":null', "")) } : frame));
    for (const [file, options] of [[whole, { files: false }], [without, {}], [fileOf(summed(earlier)), {}]] as const) {
      const copy = await here.projects.import(pieces(file), { ref: "light-copy", onFiles, ...options });
      expect((await annIn(here, copy).from("own").list(ANN)).data).toMatchObject([{ name: "a.txt" }]);
      expect((await annIn(here, copy).from("own").download(`${ANN}/a.txt`)).data).toBeNull();
      const { assets, storage } = await here.tenant("light-copy");
      expect(await storage.sweep({ dryRun: true })).toMatchObject({ rowsWithoutBytes: { count: 1 } });
      // A release of the same files brings their bytes.
      expect(await assets.publish(site)).toMatchObject({ storedBytes: 13 });
      expect(await (await here.fetch("http://backend/assets/v1/light-copy/index.html")).text()).toBe("<h1>Home</h1>");
      await here.projects.delete("light-copy");
    }
    expect(told).toEqual(Array.from({ length: 4 }, () => ({ included: false, count: 0, size: 0, missing: { count: 0, examples: [] } })));
    expect((await readAll(await here.projects.export("light", { data: false }))).length).toBeLessThan(without.length);
    await here.projects.delete("light");
  });

  test("that are gone are told, and those of uploads under way are left", { timeout: 60_000 }, async () => {
    const project = await make("holes");
    await annIn(here, project).from("own").upload(`${ANN}/gone`, "gone");
    await here.sql("insert into storage.objects (bucket_id, name, version) values ('own', 'never', 'never'), ('own', 'none', null), ('own', 'odd', '../../etc/passwd')", "holes");
    const upload = await here.fetch("http://backend/storage/v1/upload/resumable", { method: "POST", headers: { apikey: project.serviceRoleKey, "tus-resumable": "1.0.0", "upload-length": "10", "upload-metadata": `bucketName ${btoa("own")},objectName ${btoa("half")}` } });
    expect(upload.status).toBe(201);
    const [row] = await here.sql<{ version: string }>("select version from storage.objects where name like '%gone'", "holes");
    await rm(path.join(folder, project.uid), { recursive: true });
    let told: TransferredFiles | undefined;
    const copy = await here.projects.import(await here.projects.export("holes"), { ref: "holes-copy", onFiles: (files) => (told = files) });
    expect(told).toEqual({ included: true, count: 0, size: 0, missing: { count: 2, examples: expect.arrayContaining([`storage/${row!.version}`, "storage/never"]) } });
    expect(await here.sql("select id from storage.resumable_uploads", "holes-copy")).toEqual([]);
    expect(await here.sql("select count(*)::int as uploads from storage.resumable_uploads", "holes")).toEqual([{ uploads: 1 }]);
    await here.projects.delete("holes");
    await here.projects.delete(copy.ref);
  });
}, NATIVE_UNLESS_LONG);
