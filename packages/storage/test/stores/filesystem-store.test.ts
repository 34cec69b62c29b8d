import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import fs, { mkdtempSync, rmSync } from "node:fs";
import { appendFile, lstat, mkdir, readdir, readFile, rmdir, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ObjectStore } from "@plinth/core";
import { describeObjectStore } from "@plinth/testing/vitest";
import { afterAll, describe, expect, test, vi } from "vitest";
import { openObjectStore } from "../../src/stores/open-store.ts";
import { collect } from "./collect.ts";

const base = mkdtempSync(path.join(tmpdir(), "plinth-store-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const unavailable = expect.objectContaining({ code: "PLINTH_STORE_UNAVAILABLE", status: 503 });
const HOUR = 3_600_000;

describeObjectStore("on disk", () => openObjectStore({ kind: "filesystem", directory: path.join(base, "made", "by", "it") }));

interface OnDisk {
  readonly directory: string;
  readonly store: ObjectStore;
}

async function newStore(name: string): Promise<OnDisk> {
  const directory = path.join(base, name);
  const store = openObjectStore({ kind: "filesystem", directory, fsync: false });
  await store.put("tenant/one", Buffer.from("one"));
  return { directory, store };
}

const list = async (store: ObjectStore, prefix: string): Promise<string[]> => (await collect(store.list(prefix))).map(({ key }) => key);

const text = async (store: ObjectStore, key: string): Promise<string | undefined> => {
  const stream = await store.get(key);
  return stream === undefined ? undefined : Buffer.concat(await stream.toArray()).toString();
};

describe("links that somebody put into the directory", () => {
  test("aren't followed as files, and are replaced and deleted themselves", async () => {
    const { directory, store } = await newStore("file-links");
    const secret = path.join(base, "secret");
    await writeFile(secret, await readFile(path.join(directory, "tenant/.on/one")));
    await symlink(secret, path.join(directory, "tenant/.on/onlooker"));
    for (const work of [() => store.get("tenant/onlooker"), () => store.head("tenant/onlooker"), () => store.copy("tenant/onlooker", "tenant/copy")]) await expect(work()).rejects.toEqual(unavailable);
    expect(await list(store, "tenant")).toEqual(["tenant/one"]);
    await store.put("tenant/onlooker", Buffer.from("new"));
    expect(await text(store, "tenant/onlooker")).toBe("new");
    expect(await readFile(secret, "latin1")).toMatch(/^one/);
    await symlink(secret, path.join(directory, "tenant/.on/ongoing"));
    await store.delete(["tenant/ongoing"]);
    expect(await readFile(secret, "latin1")).toMatch(/^one/);
  });

  test.each(["shard", "folder"])("aren't followed as a directory (%s)", async (which) => {
    const { directory, store } = await newStore(`links-of-${which}`);
    const outside = path.join(base, `outside-of-${which}`);
    await mkdir(path.join(outside, ".ob"), { recursive: true });
    const file = await readFile(path.join(directory, "tenant/.on/one"));
    for (const name of ["object", ".ob/object"]) await writeFile(path.join(outside, name), file);
    await mkdir(path.join(directory, "victim"));
    await symlink(outside, path.join(directory, which === "shard" ? "victim/.ob" : "victim/sub"));
    const key = which === "shard" ? "victim/object" : "victim/sub/object";
    const works = [() => store.get(key), () => store.head(key), () => store.put(key, Buffer.from("x")), () => store.copy(key, "tenant/copy"), () => store.copy("tenant/one", key), () => store.delete([key])];
    for (const work of works) await expect(work()).rejects.toEqual(unavailable);
    expect(await list(store, "victim")).toEqual([]);
    await store.removeLeftovers?.(new Date(Date.now() + HOUR));
    expect((await readdir(outside)).sort()).toEqual([".ob", "object"]);
    expect(await readdir(path.join(outside, ".ob"))).toEqual(["object"]);
    expect((await readdir(path.join(directory, ".uploads")))).toEqual([]);
  });

  test("may lead to the directory itself", async () => {
    const { directory } = await newStore("real");
    const link = path.join(base, "link");
    await symlink(directory, link);
    const store = openObjectStore({ kind: "filesystem", directory: link });
    expect(await text(store, "tenant/one")).toBe("one");
    await store.put("tenant/two", Buffer.from("two"));
    expect(await list(store, "tenant")).toEqual(["tenant/one", "tenant/two"]);
  });
});

describe("a file", () => {
  test("that was cut off, grew or isn't ours is never given for an object", async () => {
    const { directory, store } = await newStore("damaged");
    const large = Buffer.alloc(200_000, 1);
    for (const key of ["tenant/short", "tenant/grown", "tenant/large"]) await store.put(key, key === "tenant/large" ? large : Buffer.from("bytes"));
    await truncate(path.join(directory, "tenant/.sh/short"), 40);
    await appendFile(path.join(directory, "tenant/.gr/grown"), "more");
    await truncate(path.join(directory, "tenant/.la/large"), 150_000);
    await mkdir(path.join(directory, "tenant/.on/only"));
    for (const key of ["tenant/short", "tenant/grown", "tenant/large", "tenant/only"]) {
      await expect(store.get(key), key).rejects.toEqual(unavailable);
      await expect(store.head(key), key).rejects.toEqual(unavailable);
    }
    expect(await text(store, "tenant/one")).toBe("one");
  });

  test("is for the owner alone, and lies where keys that begin alike do", async () => {
    const { directory, store } = await newStore("modes");
    await store.put("tenant/only", Buffer.from("two"));
    await store.put("tenant/other", Buffer.from("three"));
    expect((await readdir(path.join(directory, "tenant"))).sort()).toEqual([".on", ".ot"]);
    for (const [name, mode] of [["tenant", 0o700], ["tenant/.on", 0o700], ["tenant/.on/one", 0o600]] as const) expect((await lstat(path.join(directory, name))).mode & 0o777).toBe(mode);
  });
});

test("fails as the store where its directory can't be had, and works once it can", async () => {
  const file = path.join(base, "file");
  await writeFile(file, "");
  const store = openObjectStore({ kind: "filesystem", directory: path.join(file, "store") });
  await expect(store.put("a", Buffer.from("a"))).rejects.toEqual(unavailable);
  await expect(store.head("a")).rejects.toEqual(unavailable);
  rmSync(file);
  await store.put("a", Buffer.from("a"));
  rmSync(path.join(file, "store"), { recursive: true });
  await expect(store.put("a", Buffer.from("a")), "not made again: its disk may be away").rejects.toEqual(unavailable);
  for (const work of [() => store.get("a"), () => store.head("a"), () => store.get("never"), () => store.copy("a", "b")]) await expect(work(), "nobody can tell what there was").rejects.toEqual(unavailable);
});

test("removes temporary files and emptied directories, when they are old enough", async () => {
  const { directory, store } = await newStore("leftovers");
  const uploads = path.join(directory, ".uploads");
  const id = await store.beginUpload("tenant/upload");
  await store.putPart("tenant/upload", id, 1, Buffer.from("part"));
  for (const name of ["old.tmp", "new.tmp"]) await writeFile(path.join(uploads, name), "left");
  await store.put("gone/deeper/object", Buffer.from("x"));
  await store.delete(["gone/deeper/object"]);
  const old = new Date(Date.now() - 2 * HOUR);
  for (const name of [".uploads/old.tmp", "gone/deeper/.ob", "gone/deeper", "gone", "tenant", "tenant/.on"]) await utimes(path.join(directory, name), old, old);
  expect(await store.removeLeftovers?.(new Date(Date.now() - HOUR))).toBe(1);
  expect((await readdir(uploads)).sort()).toEqual([id, "new.tmp"].sort());
  expect((await readdir(directory)).sort()).toEqual([".uploads", "tenant"]);
  expect(await text(store, "tenant/one")).toBe("one");
  expect((await store.listParts("tenant/upload", id)).length).toBe(1);
});

test.each([
  [undefined, {}, 2],
  [undefined, { durable: false }, 0],
  ["database", { durable: true }, 2],
  [true, { durable: false }, 2],
  [false, { durable: true }, 0],
] as const)("with fsync %s, a put of %j waits for the disk %i times", async (fsync, durable, times) => {
  const store = openObjectStore({ kind: "filesystem", directory: path.join(base, "flushed"), fsync });
  await store.put("tenant/first", Buffer.from("makes the directories"));
  const flushes = [vi.spyOn(fs, "fdatasync"), vi.spyOn(fs, "fsync")];
  try {
    await store.put(`tenant/fi${randomUUID()}`, Buffer.from("x"), { fresh: true, ...durable });
    expect(flushes.map(({ mock }) => mock.calls.length).reduce((sum, count) => sum + count)).toBe(times);
  } finally {
    for (const flush of flushes) flush.mockRestore();
  }
});

test("what a killed process left below a fresh key is no object, and is replaced", async () => {
  const { directory, store } = await newStore("fresh");
  await writeFile(path.join(directory, "tenant/.on/only-a-part"), "some of the bytes");
  await expect(store.get("tenant/only-a-part")).rejects.toEqual(unavailable);
  await store.put("tenant/only-a-part", Buffer.from("all of them"), { fresh: true });
  expect(await text(store, "tenant/only-a-part")).toBe("all of them");
  expect(await readdir(path.join(directory, ".uploads"))).toEqual([]);
});

test("makes directories again that are removed while something is put into them", async () => {
  const { directory, store } = await newStore("racing");
  let over = false;
  const remover = (async () => {
    for (; !over; await sleep(1)) await Promise.all(["raced/.ob", "raced"].map((name) => rmdir(path.join(directory, name)).catch(() => {})));
  })();
  for (let round = 0; round < 100; round += 1) {
    await store.put("raced/object", Buffer.from("x"));
    await store.delete(["raced/object"]);
  }
  over = true;
  await remover;
});

test("a process that is killed leaves no part of what it put, and nothing that can't be removed", async () => {
  const { directory, store } = await newStore("killed");
  const key = "tenant/killed";
  const id = await store.beginUpload(key);
  await store.put(key, Buffer.from("before"));
  const part = await store.putPart(key, id, 1, Buffer.from("part"));
  const child = spawn(process.execPath, ["--conditions=plinth-source", path.join(import.meta.dirname, "put-until-killed.ts"), directory, key, id], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  for await (const chunk of child.stdout) if ((said += String(chunk)) === "half\nhalf\n") break;
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(await text(store, key)).toBe("before");
  expect(await store.listParts(key, id)).toEqual([part]);
  const uploads = path.join(directory, ".uploads");
  expect((await readdir(uploads)).length).toBe(3);
  expect(await store.removeLeftovers?.(new Date(Date.now() + HOUR))).toBe(2);
  expect(await readdir(uploads)).toEqual([id]);
  expect(await store.completeUpload(key, id, [part])).toMatchObject({ size: 4 });
  expect(await text(store, key)).toBe("part");
});
