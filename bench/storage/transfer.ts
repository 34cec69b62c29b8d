import { randomUUID } from "node:crypto";
import { readFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { startNativePostgres } from "@plinth/testing/postgres";
import { Agent, request as send } from "undici";
import { type ChildServer, startServer } from "../child-server.ts";
import { median } from "../rest/measure.ts";

// node --conditions=plinth-source bench/storage/transfer.ts [--seconds 3 --runs 3 --embedded | --url URL --fsync true|false|database --folder DIR]
// Uploads and downloads of several sizes, of files of one's own under row level security, against a bare node handler that
// streams to and from the same disk; in turns. Small uploads are new files each time, large ones replace the one before: the disk
// isn't endless. And the memory that 200 transfers at a time take.
const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    runs: { type: "string", default: "3" },
    embedded: { type: "boolean", default: false },
    url: { type: "string" },
    fsync: { type: "string", default: "database" },
    folder: { type: "string", default: tmpdir() },
  },
});

interface Case {
  readonly title: string;
  readonly bytes: number;
  readonly parallel: number;
}

const CASES: readonly Case[] = [
  { title: "1 KB", bytes: 1_000, parallel: 16 },
  { title: "1 MB", bytes: 1_000_000, parallel: 4 },
  { title: "100 MB", bytes: 100_000_000, parallel: 1 },
];

/** A server under measurement: where a file is, and what has to be shown there. */
interface Target {
  readonly server: ChildServer;
  readonly headers: Readonly<Record<string, string>>;
  urlOf(name: string): string;
}

const folder = await mkdtemp(path.join(options.folder, "plinth-bench-"));
const cluster = options.embedded ? undefined : options.url === undefined ? await startNativePostgres() : { url: options.url, stop: async () => undefined };
const agent = new Agent({ connections: 256, pipelining: 1 });
const targets: Target[] = [];
try {
  targets.push(await openFloor(), await openPlinth());
  for (const each of CASES) await compare(each);
  await memoryOf(targets[1]!);
} finally {
  await agent.close();
  for (const { server } of targets) await server.stop();
  await cluster?.stop();
  await rm(folder, { recursive: true, force: true });
}

async function openFloor(): Promise<Target> {
  const server = await startServer(new URL("./floor-server.ts", import.meta.url), [folder]);
  return { server, headers: {}, urlOf: (name) => `${server.url}/${name}` };
}

async function openPlinth(): Promise<Target> {
  const server = await startServer(new URL("./plinth-server.ts", import.meta.url), ["--folder", folder, "--fsync", options.fsync, ...(cluster ? ["--url", cluster.url] : [])]);
  const [url, key, token] = server.url.split(" ") as [string, string, string];
  return { server, headers: { apikey: key, authorization: `Bearer ${token}`, "x-upsert": "true" }, urlOf: (name) => `${url}/storage/v1/object/bench/bench/${name}` };
}

async function compare({ title, bytes, parallel }: Case): Promise<void> {
  const body = Buffer.alloc(bytes, "0123456789abcdef");
  for (const [verb, transfer] of [["upload", upload], ["download", download]] as const) {
    const rates = targets.map((): number[] => []);
    const isNew = verb === "upload" && bytes < 100_000;
    // What is read has to be there.
    if (verb === "download") for (const target of targets) await Promise.all(Array.from({ length: parallel }, (_, index) => upload(target, `file-${index}`, body)));
    for (let run = 0; run <= Number(options.runs); run++) {
      for (const [index, target] of targets.entries()) {
        const rate = await measure(parallel, isNew, (name) => transfer(target, name, body));
        // The first is for warming up.
        if (run > 0) rates[index]!.push(rate);
      }
    }
    const [floor, own] = rates.map((each) => median(each)) as [number, number];
    console.log(`${verb} of ${title}, ${parallel} at a time: ${own.toFixed(1)} a second, bare ${floor.toFixed(1)}: ${(own / floor).toFixed(2)}`);
  }
}

/** Transfers a second. */
async function measure(parallel: number, isNew: boolean, transfer: (name: string) => Promise<void>): Promise<number> {
  let done = 0;
  const began = performance.now();
  const end = began + Number(options.seconds) * 1_000;
  const client = async (_: unknown, index: number): Promise<void> => {
    do {
      await transfer(isNew ? `file-${index}-${randomUUID()}` : `file-${index}`);
      done++;
    } while (performance.now() < end);
  };
  await Promise.all(Array.from({ length: parallel }, client));
  return (done * 1_000) / (performance.now() - began);
}

async function upload({ urlOf, headers }: Target, name: string, body: Buffer): Promise<void> {
  const { statusCode, body: answer } = await send(urlOf(name), { dispatcher: agent, method: "POST", headers: { ...headers, "content-type": "application/octet-stream" }, body });
  const text = await answer.text();
  if (statusCode !== 200) throw new Error(`${statusCode} ${text}`);
}

async function download({ urlOf, headers }: Target, name: string, { byteLength }: Buffer): Promise<void> {
  const { statusCode, body } = await send(urlOf(name), { dispatcher: agent, headers });
  let size = 0;
  for await (const chunk of body) size += (chunk as Buffer).byteLength;
  if (statusCode !== 200 || size !== byteLength) throw new Error(`${statusCode}, ${size} bytes of ${byteLength}`);
}

/** The most that the server's process has had in memory: after what came before, and after 200 transfers at a time of 5 MB each. */
async function memoryOf(target: Target): Promise<void> {
  const body = Buffer.alloc(5_000_000, "x");
  const before = await peakMemory(target.server.pid);
  const names = Array.from({ length: 200 }, (_, index) => `parallel-${index}`);
  await Promise.all(names.map((name) => upload(target, name, body)));
  const uploads = await peakMemory(target.server.pid);
  await Promise.all(names.map((name) => download(target, name, body)));
  const downloads = await peakMemory(target.server.pid);
  console.log(`memory at most: ${before} MiB before, ${uploads} MiB with 200 uploads of 5 MB at a time, ${downloads} MiB with 200 downloads`);
}

/** VmHWM of `proc(5)`, in MiB. */
async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1_024);
}
