import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { closeToOthers, type TestBackend, urlOf } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { createBackend, type TransferredFiles } from "plinth";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openNativeOrEmbedded } from "../scenarios/support/open-backend.ts";
import type { FatalImport } from "./support/import-and-die.ts";
import { fileOf, type Frame, framesOf, sha256, summed } from "../support/export-frames.ts";

const PASSPHRASE = "a passphrase for these tests";

const withBody = (frames: readonly Frame[], kind: string, change: (text: string) => string): Frame[] =>
  frames.map((frame) => (frame.header.kind === kind ? { header: frame.header, body: Buffer.from(change(frame.body.toString())) } : frame));

const withHeader = (frames: readonly Frame[], kind: string, change: Partial<Frame["header"]>): Frame[] => frames.map((frame) => (frame.header.kind === kind ? { body: frame.body, header: { ...frame.header, ...change } } : frame));

const indexOf = (frames: readonly Frame[], kind: string): number => frames.findIndex(({ header }) => header.kind === kind);

async function* stream(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 700) yield bytes.subarray(at, at + 700);
}

const MEGABYTE = 1024 * 1024;

/** What is done to a file, and the words that tell it. All of these are PLINTH_EXPORT_INVALID. */
const BROKEN: Readonly<Record<string, (file: Buffer, frames: Frame[]) => readonly [Buffer, RegExp]>> = {
  "nothing at all": () => [Buffer.alloc(0), /empty|cut off/],
  "an empty gzip": () => [gzipSync(Buffer.alloc(0)), /empty/],
  "no gzip": () => [Buffer.from("PGDMP, or something else that is no export"), /can't be read/],
  "text in a gzip": () => [gzipSync("insert into things values (1);\n"), /not an export/],
  "a line without end": () => [gzipSync(Buffer.alloc(5 * MEGABYTE, 0x7b)), /not an export/],
  "cut off in the midst": (file) => [file.subarray(0, file.length / 2), /cut off/],
  "cut off by a byte": (file) => [file.subarray(0, file.length - 1), /cut off/],
  "cut off between two parts": (_, frames) => [fileOf(frames.slice(0, -1)), /cut off/],
  "cut off after the rows": (_, frames) => [fileOf(frames.slice(0, indexOf(frames, "sequences"))), /cut off/],
  "another byte in the gzip": (file) => [Buffer.from(file.map((byte, at) => (at === Math.floor(file.length / 2) ? byte ^ 0x55 : byte))), /changed|can't be read|not an export/],
  "another value in the rows": (_, frames) => [fileOf(withBody(frames, "rows", (text) => text.replace("one", "two"))), /"rows" is not what it was/],
  "another schema": (_, frames) => [fileOf(withBody(frames, "schema", (text) => text.replace("things", "thongs"))), /"schema" is not what it was/],
  "another sum with it": (_, frames) => {
    const changed = withBody(frames, "rows", (text) => text.replace("one", "two"));
    return [fileOf(changed.map(({ header, body }) => ({ header: header.kind === "rows" ? { ...header, sha256: sha256(body) } : header, body }))), /parts of it are missing/];
  },
  "a part left out": (_, frames) => [fileOf(frames.filter(({ header }) => header.kind !== "rows")), /parts of it are missing/],
  "a part twice": (_, frames) => [fileOf(frames.flatMap((frame) => (frame.header.kind === "rows" ? [frame, frame] : [frame]))), /parts of it are missing/],
  "something after the end": (_, frames) => [fileOf(summed([...frames, ...frames.filter(({ header }) => header.kind === "sequences")])), /after its end/],
  "rows that say they are longer": (_, frames) => [fileOf(withHeader(frames, "rows", { size: 1_000_000 })), /cut off|changed/],
  "rows that say they are a terabyte": (_, frames) => [fileOf(withHeader(frames, "rows", { size: 2 ** 40 })), /more than it can have/],
  "a size below nothing": (_, frames) => [fileOf(withHeader(frames, "rows", { size: -1 })), /not an export/],
  "a part of a kind that there isn't": (_, frames) => [fileOf(withHeader(frames, "sequences", { kind: "../../../etc/passwd" })), /not an export/],
  "a later format": (_, frames) => [fileOf(summed(withBody(frames, "manifest", (text) => text.replace('"version":2', '"version":3')))), /format 3/],
  "a manifest that is none": (_, frames) => [fileOf(summed(withBody(frames, "manifest", () => '{"format":"plinth-project","version":2}'))), /"manifest" is not what it should be/],
  "a manifest that says it has keys": (_, frames) => [fileOf(summed(withBody(frames, "manifest", (text) => text.replace('"keys":false', '"keys":true')))), /not what its manifest says/],
};

/** Files whose sums are right, and which can't be made a project of. */
const REFUSED: Readonly<Record<string, (frames: Frame[]) => Frame[]>> = {
  "parts in another order": (frames) => summed([...frames.slice(0, 2), ...frames.slice(2, -1).toReversed(), ...frames.slice(-1)]),
  "rows of a table that isn't named": (frames) => summed(withHeader(frames, "rows", { table: 99 })),
  "rows that the table doesn't take": (frames) => summed(withBody(frames, "rows", () => "not a number\tx\n")),
  "rows that are cut off": (frames) => summed(withBody(frames, "rows", (text) => text.slice(0, -4))),
  "a table that isn't there": (frames) => summed(withBody(frames, "tables", (text) => text.replace('"things"', '"thongs"'))),
  "SQL that can't be run": (frames) => summed(withBody(frames, "schema", (text) => `${text}\n--\n-- Name: x; Type: TABLE; Schema: public; Owner: -\n--\n\ncreate tabel x ();\n`)),
  "an extension that nobody has": (frames) => summed(withBody(frames, "manifest", (text) => text.replace('"extensions":[', '"extensions":[{"name":"nobody_has_this","version":"1"},'))),
  "a role that isn't there": (frames) => summed(withBody(frames, "manifest", (text) => text.replace('"anon","authenticated"', '"anon","somebody_of_theirs"'))),
};

describeDatabases("an export that is not whole", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let folder: string;
  let file: Buffer;
  let sealed: Buffer;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "plinth-broken-exports-"));
    ({ backend, close } = await openNativeOrEmbedded(databases, { projects: { drainMs: 100 }, storage: { store: { kind: "filesystem", directory: folder, fsync: false } } }));
    await backend.projects.create({ ref: "victim" });
    await backend.sql("create table public.things (id int primary key, name text); insert into things values (1, 'one'); grant all on things to anon", "victim");
    const read = async (passphrase?: string): Promise<Buffer> => Buffer.from(await new Response((await backend.projects.export("victim", passphrase === undefined ? {} : { passphrase })) as ReadableStream<Uint8Array>).arrayBuffer());
    file = await read();
    sealed = await read(PASSPHRASE);
  }, 60_000);
  afterAll(async () => {
    await close();
    await rm(folder, { recursive: true, force: true });
  });

  const refs = async (): Promise<readonly string[]> => (await backend.projects.list()).projects.map(({ ref, status }) => `${ref} ${status}`).toSorted();
  const databasesLeft = async (): Promise<unknown> => (databases.kind === "native" ? backend.sql("select datname::text from pg_database where datname ~ '^plinth_fresh' union all select rolname::text from pg_roles where rolname ~ '^plinth_fresh'") : []);

  /** Nothing stays of it, and what there was is as it was. */
  async function expectNothing(importing: () => Promise<unknown>, error: object): Promise<void> {
    const before = await refs();
    await expect(importing()).rejects.toMatchObject(error);
    expect(await refs()).toEqual(before);
    expect(await databasesLeft()).toEqual([]);
    expect(await backend.sql("select * from things", "victim")).toEqual([{ id: 1, name: "one" }]);
  }

  // How a file is read has nothing to do with the database: for each kind of them some are enough to show that nothing stays.
  const some = <T>(cases: Readonly<Record<string, T>>): Array<[string, T]> => Object.entries(cases).filter((_, at) => databases.kind === "native" || at % 5 === 0);

  test.each(some(BROKEN))("because it has %s makes no project", async (_, breakIt) => {
    const [broken, words] = breakIt(file, framesOf(file));
    await expectNothing(() => backend.projects.import(stream(broken), { ref: "fresh" }), { code: "PLINTH_EXPORT_INVALID", message: expect.stringMatching(words) });
  });

  test.each(some(REFUSED))("because it has %s makes no project", async (_, breakIt) => {
    await expectNothing(() => backend.projects.import(stream(fileOf(breakIt(framesOf(file)))), { ref: "fresh" }), { code: expect.stringMatching(/PLINTH_(TRANSFER_FAILED|EXPORT_INVALID)/) });
  });

  test("or has another passphrase, or was changed by somebody who has none, makes no project", { timeout: 60_000 }, async () => {
    await expectNothing(() => backend.projects.import(stream(sealed), { ref: "fresh", passphrase: "another passphrase" }), { code: "PLINTH_EXPORT_INVALID", message: expect.stringContaining("passphrase") });
    const changed = fileOf(summed(withBody(framesOf(sealed), "rows", (text) => text.replace("one", "two"))));
    await expectNothing(() => backend.projects.import(stream(changed), { ref: "fresh", passphrase: PASSPHRASE }), { code: "PLINTH_EXPORT_INVALID" });
    // Without one nothing says that it isn't what was exported.
    expect(await backend.projects.import(stream(changed), { ref: "fresh" })).toMatchObject({ status: "active" });
    await backend.projects.delete("fresh");
  });

  test("or was changed by somebody who has no passphrase is not run", { timeout: 60_000 }, async () => {
    const role = `intruder_${process.pid}_${Date.now()}`;
    const hostile = summed(withBody(framesOf(sealed), "schema", (text) => `${text}\n--\n-- Name: x; Type: TABLE; Schema: public; Owner: -\n--\n\nCREATE ROLE ${role};\n`));
    const without = summed(withBody(hostile.filter(({ header }) => header.kind !== "keys"), "manifest", (text) => text.replace('"keys":true', '"keys":false')));
    for (const frames of [hostile, without]) {
      await expectNothing(() => backend.projects.import(stream(fileOf(frames)), { ref: "fresh", passphrase: PASSPHRASE }), { code: "PLINTH_EXPORT_INVALID" });
      // Roles are a server's: what is taken away with the database half made is not all that SQL can do.
      expect(await backend.sql(`select from pg_roles where rolname = '${role}'`)).toEqual([]);
    }
  });

  test("or breaks off where it comes from makes no project, and says why", async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield file.subarray(0, file.length - 200);
      throw new Error("the disk is gone");
    }
    await expectNothing(() => backend.projects.import(failing(), { ref: "fresh" }), { message: "the disk is gone" });
  });

  test("or would take another project's place changes nothing", async () => {
    await expectNothing(() => backend.projects.import(stream(file)), { code: "PLINTH_PROJECT_EXISTS" });
    await expectNothing(() => backend.projects.import(stream(file), { ref: backend.project.ref }), { code: "PLINTH_PROJECT_EXISTS" });
    await expectNothing(() => backend.projects.import(stream(file), { ref: "Not A Ref" }), { code: "PLINTH_PROJECT_REF_INVALID" });
    await expectNothing(() => backend.projects.import(stream(file), { ref: "fresh", cluster: "mars" }), { code: "PLINTH_PROJECT_PLACEMENT" });
    const other = fileOf(summed(withBody(framesOf(file), "manifest", (text) => text.replace('"ref":"victim"', `"ref":"${backend.project.ref}"`))));
    await expectNothing(() => backend.projects.import(stream(other)), { code: "PLINTH_PROJECT_EXISTS" });
  });

  test("is told from one that is whole", async () => {
    expect(await backend.projects.import(stream(fileOf(summed(framesOf(file)))), { ref: "fresh" })).toMatchObject({ status: "active" });
    expect(await backend.sql("select * from things", "fresh")).toEqual([{ id: 1, name: "one" }]);
    await backend.projects.delete("fresh");
  });

  /** What is done to an export with the files "a text" and, in two pieces, "b". */
  const BROKEN_FILES: Readonly<Record<string, (file: Buffer, frames: Frame[]) => readonly [Buffer, RegExp]>> = {
    "other bytes": (_, frames) => [fileOf(withBodyAt(frames, textIn(frames), () => "another text")), /"bytes" is not what it was/],
    "bytes left out": (_, frames) => [fileOf(without(frames, textIn(frames))), /parts of it are missing/],
    "bytes left out, with sums that fit": (_, frames) => [fileOf(summed(without(frames, textIn(frames)))), /not the files that it says/],
    "bytes of no file": (_, frames) => [fileOf(summed(without(frames, indexOf(frames, "file")))), /not the files that it says/],
    "no summary": (_, frames) => [fileOf(summed(without(frames, indexOf(frames, "files")))), /not what its manifest says/],
    "no end of a file": (_, frames) => [fileOf(frames.slice(0, indexOf(frames, "files") - 1)), /cut off/],
    "less than it had": (whole) => [whole.subarray(0, -100), /cut off/],
    "a name that leads elsewhere": (_, frames) => [fileOf(summed(withBodyAt(frames, indexOf(frames, "file"), () => JSON.stringify({ service: "storage", name: "../../elsewhere" })))), /a name that it can't have/],
    "a file of another service": (_, frames) => [fileOf(summed(withBodyAt(frames, indexOf(frames, "file"), () => JSON.stringify({ service: "memory", name: "x" })))), /a service that there isn't here/],
    "a file after all files": (_, frames) => [fileOf(summed(after(frames, indexOf(frames, "files"), [frames[indexOf(frames, "file")]!, frames[indexOf(frames, "files")]!]))), /out of their order/],
    "a table after all files": (_, frames) => [fileOf(summed(after(frames, indexOf(frames, "files"), [frames[indexOf(frames, "tables")]!]))), /out of their order/],
    "files that the manifest knows nothing of": (_, frames) => [fileOf(summed(withBodyAt(frames, 0, (manifest) => manifest.replace(/"files":\{[^}]*\}/, '"files":null')))), /not what its manifest says/],
  };
  const withBodyAt = (frames: readonly Frame[], place: number, change: (text: string) => string): Frame[] => frames.map((frame, at) => (at === place ? { ...frame, body: Buffer.from(change(frame.body.toString())) } : frame));
  const without = (frames: readonly Frame[], place: number): Frame[] => frames.filter((_, at) => at !== place);
  const after = (frames: readonly Frame[], place: number, more: readonly Frame[]): Frame[] => [...frames.slice(0, place + 1), ...more, ...frames.slice(place + 1)];
  const textIn = (frames: readonly Frame[]): number => frames.findIndex(({ body }) => body.toString() === "a text");

  test("leaves none of its files", { timeout: 120_000 }, async () => {
    await backend.projects.create({ ref: "filed" });
    const { storage } = await backend.tenant("filed");
    await storage.createBucket("docs");
    for (const [name, body] of [["a", "a text"], ["b", randomBytes(1_500_000)]] as const) await storage.from("docs").upload(name, body);
    const whole = Buffer.from(await new Response((await backend.projects.export("filed")) as ReadableStream<Uint8Array>).arrayBuffer());
    const kept = async (): Promise<readonly string[]> => (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name)).toSorted();
    const before = await kept();
    expect(before).toHaveLength(2);
    for (const [what, breakIt] of some(BROKEN_FILES)) {
      const [broken, words] = breakIt(whole, framesOf(whole));
      await expectNothing(() => backend.projects.import(stream(broken), { ref: "fresh" }), { code: expect.stringMatching(/PLINTH_(EXPORT_INVALID|TRANSFER_FAILED)/), message: expect.stringMatching(words) });
      expect(await kept(), what).toEqual(before);
    }
    await backend.projects.delete("filed");
  });

  test("because its process was killed amid the files leaves none of them", { timeout: 120_000 }, async () => {
    const { storage } = await backend.tenant("victim");
    await storage.createBucket("docs");
    for (const name of ["a", "b", "c"]) await storage.from("docs").upload(name, randomBytes(2_000_000));
    const place = await mkdtemp(path.join(tmpdir(), "plinth-killed-import-"));
    const database = databases.kind === "native" ? await databases.create() : undefined;
    if (database) await closeToOthers(database);
    const options = { dataDirectory: path.join(place, "data"), databaseUrl: database ? urlOf(database) : false, masterKey: "0123456789abcdef".repeat(4) } as const;
    const whole = path.join(place, "whole.plinth");
    await pipeline(await backend.projects.export("victim"), createWriteStream(whole));
    const told: FatalImport = { ...options, file: whole, ref: "fresh", bytes: 4_500_000 };
    const child = spawn(process.execPath, ["--conditions=plinth-source", fileURLToPath(new URL("support/import-and-die.ts", import.meta.url)), JSON.stringify(told)], { stdio: ["ignore", "ignore", "inherit"] });
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
    const kept = async (): Promise<number> => (await readdir(path.join(options.dataDirectory, "files"), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length;
    expect(await kept()).toBeGreaterThan(0);
    const survivor = await createBackend({ ...options, project: false });
    try {
      // The server may take a moment to see that the process is gone which had the project's lock.
      await expect.poll(async () => (await survivor.projects.sweepDeleted().then(() => survivor.projects.list())).projects, { timeout: 20_000 }).toEqual([]);
      expect(await kept()).toBe(0);
      let files: TransferredFiles | undefined;
      const { ref } = await survivor.projects.import(createReadStream(whole), { ref: "fresh", onFiles: (them) => (files = them) });
      expect(files).toMatchObject({ count: 3, size: 6_000_000 });
      expect(await (await survivor.tenant(ref)).storage.sweep({ grace: 0 })).toMatchObject({ objects: 3, bytesWithoutRow: { count: 0 }, rowsWithoutBytes: { count: 0 } });
      await survivor.projects.delete(ref);
      expect(await kept()).toBe(0);
    } finally {
      await survivor.close();
      await rm(place, { recursive: true, force: true });
    }
  });
});
