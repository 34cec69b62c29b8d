import { Readable } from "node:stream";
import { expect } from "vitest";
import { chunksOf, expectCode, expectNothing, listed, md5, MIB, read, someBytes, type StoreTest, type StoreWorld } from "./store-test.ts";

const REASON = new Error("the client went away");

/** Gives some bytes, then does what it is told. */
async function* bytesThen(size: number, then: () => unknown): AsyncGenerator<Uint8Array, void> {
  yield* chunksOf(someBytes(size), 64 * 1024);
  await then();
}

async function putAndRead(world: StoreWorld, bytes: Buffer, body: Uint8Array | AsyncIterable<Uint8Array>, size?: number): Promise<void> {
  const key = `${world.prefix}/object`;
  const before = Date.now();
  const put = await world.store.put(key, body, { size });
  expect(put).toMatchObject({ size: bytes.length, etag: bytes.length > 5 * MIB ? expect.stringMatching(/^"[0-9a-f]{32}(-\d+)?"$/) : md5(bytes) });
  expect(Math.abs(put.lastModified.getTime() - before)).toBeLessThan(60_000);
  const head = await world.store.head(key);
  expect(head).toMatchObject({ size: put.size, etag: put.etag });
  expect((await read(world, key))?.equals(bytes)).toBe(true);
}

async function abortedPut({ store, prefix }: StoreWorld, size: number): Promise<void> {
  const controller = new AbortController();
  const body = bytesThen(size, () => {
    controller.abort(REASON);
    return new Promise(() => {});
  });
  await expect(store.put(`${prefix}/object`, body, { signal: controller.signal })).rejects.toBe(REASON);
}

const SIZES = [0, 1, 1_023, 64 * 1024, 64 * 1024 + 1, MIB, 5 * MIB, 11 * MIB + 7];

const kept: readonly StoreTest[] = [
  ...SIZES.map((size): StoreTest => [`keeps ${size} bytes of a stream`, async (world) => {
    const bytes = someBytes(size);
    await putAndRead(world, bytes, Readable.from(chunksOf(bytes, 64 * 1024)));
  }]),
  ["keeps bytes in memory, and chunks of any size", async (world) => {
    const bytes = someBytes(100_003);
    await putAndRead(world, bytes, new Uint8Array(bytes));
    await putAndRead(world, bytes, chunksOf(bytes, 37), bytes.length);
    await putAndRead(world, Buffer.alloc(0), new Uint8Array(0), 0);
    const large = someBytes(6 * MIB);
    await putAndRead(world, large, large, large.length);
  }],
  ["keeps what is put below a fresh key, with those beside it", async (world) => {
    const keys = ["one", "other", "deeper/one"].map((name) => `${world.prefix}/${name}`);
    const bodies = [0, 1_000, 6 * MIB].map(someBytes);
    const puts = await Promise.all(keys.map((key, index) => world.store.put(key, chunksOf(bodies[index]!, 64 * 1024), { fresh: true, size: bodies[index]!.length })));
    expect(puts.map(({ size }) => size)).toEqual([0, 1_000, 6 * MIB]);
    for (const [index, key] of keys.entries()) {
      expect((await read(world, key))?.equals(bodies[index]!)).toBe(true);
      expect(await world.store.head(key)).toMatchObject({ size: puts[index]!.size, etag: puts[index]!.etag });
    }
    expect((await listed(world, world.prefix)).sort()).toEqual(keys.sort());
  }],
  ["passes over empty chunks", async (world) => {
    const bytes = someBytes(10);
    await putAndRead(world, bytes, (async function* () {
      yield new Uint8Array(0);
      yield bytes.subarray(0, 4);
      yield new Uint8Array(0);
      yield bytes.subarray(4);
    })());
  }],
  ["keeps one of a hundred puts of one key, whole", async (world) => {
    const key = `${world.prefix}/one`;
    const bodies = Array.from({ length: 100 }, () => someBytes(2_000));
    const puts = await Promise.all(bodies.map((bytes) => world.store.put(key, chunksOf(bytes, 500))));
    expect(puts.map(({ etag }) => etag)).toEqual(bodies.map(md5));
    const bytes = await read(world, key);
    expect(bodies.some((body) => bytes?.equals(body) === true)).toBe(true);
    expect((await world.store.head(key))?.etag).toBe(md5(bytes!));
    expect(await listed(world, world.prefix)).toEqual([key]);
  }],
  ["keeps a key and one below it", async (world) => {
    const [above, below] = [`${world.prefix}/a`, `${world.prefix}/a/a`];
    await world.store.put(above, Buffer.from("above"));
    await world.store.put(below, Buffer.from("below"));
    expect(String(await read(world, above))).toBe("above");
    expect(String(await read(world, below))).toBe("below");
    await world.store.delete([above]);
    expect(await read(world, above)).toBeUndefined();
    expect(String(await read(world, below))).toBe("below");
  }],
];

const refused: readonly StoreTest[] = [
  ["keeps nothing of a body that throws", async (world) => {
    for (const size of [0, 100, 6 * MIB]) {
      await expect(world.store.put(`${world.prefix}/object`, bytesThen(size, () => Promise.reject(REASON)))).rejects.toBe(REASON);
      await expectNothing(world, `${world.prefix}/object`);
    }
  }],
  ["keeps nothing of a body that hangs when it is aborted", async (world) => {
    for (const size of [100, 6 * MIB]) {
      await abortedPut(world, size);
      await expectNothing(world, `${world.prefix}/object`);
    }
  }],
  ["keeps nothing below a fresh key where the put fails", async (world) => {
    const key = `${world.prefix}/fresh`;
    for (const size of [0, 100, 6 * MIB]) {
      await expect(world.store.put(key, bytesThen(size, () => Promise.reject(REASON)), { fresh: true })).rejects.toBe(REASON);
      await expectNothing(world, key);
      await expectCode(world.store.put(key, chunksOf(someBytes(size), 1_000), { fresh: true, size: size + 1 }), "PLINTH_STORE_WRONG_SIZE");
      await expectNothing(world, key);
    }
  }],
  ["keeps nothing where the signal has fired before", async (world) => {
    await expect(world.store.put(`${world.prefix}/object`, Buffer.from("x"), { signal: AbortSignal.abort(REASON) })).rejects.toBe(REASON);
    await expectNothing(world, `${world.prefix}/object`);
  }],
  ["closes a stream that it doesn't read to its end", async (world) => {
    const body = Readable.from(chunksOf(someBytes(MIB), 1_000));
    await expectCode(world.store.put(`${world.prefix}/object`, body, { maxSize: 10_000 }), "PLINTH_STORE_TOO_LARGE");
    expect(body.destroyed).toBe(true);
  }],
  ["refuses more bytes than may be, and takes as many as may be", async (world) => {
    const key = `${world.prefix}/object`;
    for (const size of [101, 6 * MIB + 1]) {
      await expectCode(world.store.put(key, chunksOf(someBytes(size), 50_000), { maxSize: size - 1 }), "PLINTH_STORE_TOO_LARGE");
      await expectCode(world.store.put(key, someBytes(size), { maxSize: size - 1, size }), "PLINTH_STORE_TOO_LARGE");
    }
    await expectNothing(world, key);
    expect(await world.store.put(key, chunksOf(someBytes(100), 7), { maxSize: 100 })).toMatchObject({ size: 100 });
  }],
  ["refuses bodies of another size than was announced", async (world) => {
    for (const [size, real] of [[10, 9], [10, 11], [0, 1], [1, 0], [6 * MIB, 6 * MIB - 1], [100, 6 * MIB]] as const) {
      await expectCode(world.store.put(`${world.prefix}/object`, chunksOf(someBytes(real), 64 * 1024), { size }), "PLINTH_STORE_WRONG_SIZE");
    }
    await expectNothing(world, `${world.prefix}/object`);
  }],
];

export const PUT_TESTS: readonly StoreTest[] = [...kept, ...refused];
