import { expect } from "vitest";
import { chunksOf, listed, md5, MIB, read, someBytes, type StoreTest } from "./store-test.ts";

const RANGES = (size: number): readonly (readonly [number, number])[] => [[0, 0], [0, size - 1], [size - 1, size - 1], [1, size - 2], [Math.floor(size / 2), size - 1], [0, Math.floor(size / 3)]];

const NO_RANGES = (size: number): readonly (readonly [number, number])[] => [[0, size], [size, size], [5, 4], [-1, 3], [size + 10, size + 20]];

const reading: readonly StoreTest[] = [
  ["reads ranges of all kinds", async (world) => {
    for (const size of [10, 300_000, 2 * MIB]) {
      const key = `${world.prefix}/of-${size}`;
      const bytes = someBytes(size);
      await world.store.put(key, chunksOf(bytes, 64 * 1024));
      for (const [start, end] of RANGES(size)) expect((await read(world, key, { start, end }))?.equals(bytes.subarray(start, end + 1))).toBe(true);
      for (const [start, end] of NO_RANGES(size)) await expect(read(world, key, { start, end }), `${start}-${end} of ${size}`).rejects.toThrow(RangeError);
    }
  }],
  ["has no range of an object without bytes", async (world) => {
    await world.store.put(`${world.prefix}/empty`, new Uint8Array(0));
    expect((await read(world, `${world.prefix}/empty`))?.length).toBe(0);
    await expect(read(world, `${world.prefix}/empty`, { start: 0, end: 0 })).rejects.toThrow(RangeError);
  }],
  ["knows nothing of what was never put", async (world) => {
    for (const key of [`${world.prefix}/none`, `${world.prefix}/none/none`, "nowhere"]) {
      expect(await read(world, key)).toBeUndefined();
      expect(await read(world, key, { start: 0, end: 0 })).toBeUndefined();
      expect(await world.store.head(key)).toBeUndefined();
      expect(await world.store.copy(key, `${world.prefix}/copy`)).toBeUndefined();
    }
    expect(await listed(world, world.prefix)).toEqual([]);
  }],
  ["fails with the signal's reason while it is read", async ({ store, prefix }) => {
    const reason = new Error("enough");
    await store.put(`${prefix}/object`, someBytes(4 * MIB));
    await expect(store.get(`${prefix}/object`, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const stream = await store.get(`${prefix}/object`, { signal: controller.signal });
    const work = (async () => {
      for await (const _chunk of stream!) controller.abort(reason);
    })();
    await expect(work).rejects.toBe(reason);
  }],
  ["is read to its end though it is deleted or replaced meanwhile", async (world) => {
    const key = `${world.prefix}/object`;
    const bytes = someBytes(3 * MIB);
    await world.store.put(key, bytes);
    const stream = await world.store.get(key);
    await world.store.put(key, Buffer.from("other"));
    const read = await stream!.toArray().then((chunks) => Buffer.concat(chunks), () => undefined);
    // A server may break off, which is seen; what mustn't be is a mixture.
    if (read !== undefined) expect(read.equals(bytes)).toBe(true);
  }],
  ["may be destroyed unread", async ({ store, prefix }) => {
    await store.put(`${prefix}/object`, someBytes(3 * MIB));
    for (let round = 0; round < 20; round += 1) (await store.get(`${prefix}/object`))?.destroy();
    expect((await store.head(`${prefix}/object`))?.size).toBe(3 * MIB);
  }],
];

const moving: readonly StoreTest[] = [
  ["copies, over something else and itself too", async (world) => {
    const [from, to] = [`${world.prefix}/from`, `${world.prefix}/deeper/to`];
    const bytes = someBytes(70_000);
    await world.store.put(from, bytes);
    await world.store.put(to, Buffer.from("old"));
    expect(await world.store.copy(from, to)).toMatchObject({ size: bytes.length, etag: md5(bytes) });
    expect((await read(world, to))?.equals(bytes)).toBe(true);
    await world.store.delete([from]);
    expect((await read(world, to))?.equals(bytes)).toBe(true);
    expect(await world.store.head(to)).toMatchObject({ size: bytes.length, etag: md5(bytes) });
  }],
  ["deletes, and doesn't mind what isn't there", async (world) => {
    const keys = Array.from({ length: 40 }, (_, index) => `${world.prefix}/${index}`);
    await Promise.all(keys.map((key) => world.store.put(key, Buffer.from(key))));
    await world.store.delete([...keys.slice(1), `${world.prefix}/none`, "nowhere/at/all"]);
    await world.store.delete([]);
    await world.store.delete(keys.slice(1));
    expect(await listed(world, world.prefix)).toEqual([keys[0]]);
  }],
  ["lists in the order of keys, whatever is nested in what", async (world) => {
    const names = ["a", "a-b", "a/b", "a/b/c", "a0", "a_", "aa/a", "ab", "B", "0", "-", "_", "abc", "abd", "b/x", "b/a/y", "zz/zz", `l${"o".repeat(198)}ng`.slice(0, 200)];
    const keys = names.map((name) => `${world.prefix}/${name}`);
    await Promise.all(keys.map((key) => world.store.put(key, Buffer.from(key))));
    await world.store.put(`${world.prefix}0`, Buffer.from("beside"));
    await world.store.put(world.prefix, Buffer.from("itself"));
    expect(await listed(world, world.prefix)).toEqual(keys.toSorted());
    expect(await listed(world, `${world.prefix}/a`)).toEqual([`${world.prefix}/a/b`, `${world.prefix}/a/b/c`]);
    for await (const { key, size, lastModified } of world.store.list(`${world.prefix}/b`)) {
      expect(size).toBe(key.length);
      expect(Date.now() - lastModified.getTime()).toBeLessThan(60_000);
    }
    await world.store.delete([`${world.prefix}0`, world.prefix]);
  }],
];

export const GET_TESTS: readonly StoreTest[] = [...reading, ...moving];
