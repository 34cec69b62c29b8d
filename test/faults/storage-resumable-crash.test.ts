import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { closeToOthers, urlOf } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../scenarios/support/until.ts";

const SERVER = fileURLToPath(new URL("support/serve-files.ts", import.meta.url));
const MIB = 1_024 * 1_024;

interface Served {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  kill(): Promise<void>;
}

async function serve(folder: string, databaseUrl: string | undefined): Promise<Served> {
  const child = spawn(process.execPath, ["--conditions=plinth-source", SERVER, folder, ...(databaseUrl === undefined ? [] : [databaseUrl])], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "close");
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  onTestFinished(kill);
  const line = await Promise.race([once(createInterface(child.stdout), "line"), exited.then(() => Promise.reject(new Error("The server ended by itself.")))]);
  const { url, serviceRoleKey } = JSON.parse(String(line[0])) as { readonly url: string; readonly serviceRoleKey: string };
  return { url, headers: { apikey: serviceRoleKey, authorization: `Bearer ${serviceRoleKey}`, "tus-resumable": "1.0.0" }, kill };
}

/** Bytes, and then nothing more. */
const hanging = (bytes: Uint8Array): ReadableStream => new ReadableStream({ start: (controller) => controller.enqueue(bytes), pull: () => new Promise(() => undefined) });

async function create({ url, headers }: Served, name: string, length: number): Promise<string> {
  const metadata = `bucketName ${btoa("files")},objectName ${btoa(name)}`;
  const created = await fetch(`${url}/storage/v1/upload/resumable`, { method: "POST", headers: { ...headers, "upload-length": String(length), "upload-metadata": metadata } });
  expect(created.status).toBe(201);
  return created.headers.get("location")!;
}

const patch = ({ url, headers }: Served, upload: string, offset: number, body: Uint8Array | ReadableStream): Promise<Response> =>
  fetch(url + upload, { method: "PATCH", headers: { ...headers, "content-type": "application/offset+octet-stream", "upload-offset": String(offset) }, body: body as never, duplex: "half" } as RequestInit);

const offsetAt = async ({ url, headers }: Served, upload: string): Promise<number> => Number((await fetch(url + upload, { method: "HEAD", headers })).headers.get("upload-offset"));

async function isWhole({ url, headers }: Served, name: string, bytes: Uint8Array): Promise<boolean> {
  const downloaded = await fetch(`${url}/storage/v1/object/authenticated/files/${name}`, { headers });
  const hash = (some: Uint8Array): string => createHash("sha256").update(some).digest("hex");
  return hash(new Uint8Array(await downloaded.arrayBuffer())) === hash(bytes);
}

const makeBucket = ({ url, headers }: Served): Promise<Response> => fetch(`${url}/storage/v1/bucket`, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify({ name: "files" }) });

async function folderOf(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "plinth-resumable-crash-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

describeDatabases("a resumable upload", (databases) => {
  const isNative = databases.kind === "native";

  test(`goes on where it was when the server is killed amid it${isNative ? ", and by another process meanwhile" : ""}`, { timeout: 120_000 }, async () => {
    const folder = await folderOf();
    const database = isNative ? await databases.create() : undefined;
    if (database) await closeToOthers(database);
    const databaseUrl = database && urlOf(database);
    const first = await serve(folder, databaseUrl);
    await makeBucket(first);
    const bytes = randomBytes(18 * MIB);
    const upload = await create(first, "whole", bytes.length);
    let other: Served | undefined;
    let offset = 0;
    if (isNative) {
      other = await serve(folder, databaseUrl);
      const broken = patch(first, upload, 0, hanging(bytes.subarray(0, 3 * MIB)));
      // Asked there, the one here keeps what it has and lets go.
      await sleep(500);
      offset = await offsetAt(other, upload);
      expect(offset).toBeGreaterThan(0);
      expect((await broken).status).toBe(423);
    }
    const lost = patch(first, upload, offset, hanging(bytes.subarray(offset, 14 * MIB))).catch(() => "lost");
    await until(async () => (await countParts(folder)) >= 2);
    await first.kill();
    expect(await lost).toBe("lost");
    other ??= await serve(folder, databaseUrl);
    const kept = await offsetAt(other, upload);
    expect([5 * MIB, 10 * MIB]).toContain(kept);
    expect((await patch(other, upload, kept, bytes.subarray(kept))).status).toBe(204);
    expect(await isWhole(other, "whole", bytes)).toBe(true);
    await other.kill();
  });
});

/** Parts of uploads that are on disk. */
async function countParts(folder: string): Promise<number> {
  const files = await readdir(path.join(folder, "files"), { recursive: true }).catch(() => []);
  return files.filter((file) => /[0-9a-f-]{36}\/[1-9]\d*$/.test(file)).length;
}
