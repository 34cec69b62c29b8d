import { createHash } from "node:crypto";
import { expect } from "vitest";
import { chunksOf, expectCode, expectNothing, listed, md5, MIB, read, someBytes, type StoreTest, uploadsBelow } from "./store-test.ts";

const PART = 5 * MIB;

const etagOf = (parts: readonly Buffer[]): string => `"${createHash("md5").update(Buffer.concat(parts.map((part) => createHash("md5").update(part).digest()))).digest("hex")}-${parts.length}"`;

const joined: readonly StoreTest[] = [
  ["joins parts that came in any order, one of them twice", async (world) => {
    const { store, prefix } = world;
    const key = `${prefix}/object`;
    const parts = [someBytes(PART), someBytes(PART + 3), someBytes(11)] as const;
    const id = await store.beginUpload(key);
    const last = await store.putPart(key, id, 7, chunksOf(parts[2], 4), { size: 11 });
    await store.putPart(key, id, 2, someBytes(20));
    const second = await store.putPart(key, id, 2, chunksOf(parts[1], 64 * 1024));
    const first = await store.putPart(key, id, 1, parts[0]);
    expect(second).toEqual({ number: 2, size: PART + 3, etag: md5(parts[1]) });
    expect((await store.listParts(key, id)).map(({ number, size }) => [number, size])).toEqual([[1, PART], [2, PART + 3], [7, 11]]);
    expect(await store.head(key)).toBeUndefined();
    expect(await listed(world, prefix)).toEqual([]);
    expect(await uploadsBelow(world, prefix)).toEqual([id]);

    const whole = Buffer.concat(parts);
    expect(await store.completeUpload(key, id, [first, second, last])).toMatchObject({ size: whole.length, etag: etagOf(parts) });
    expect((await read(world, key))?.equals(whole)).toBe(true);
    expect((await read(world, key, { start: PART - 2, end: PART + 2 }))?.equals(whole.subarray(PART - 2, PART + 3))).toBe(true);
    expect(await store.head(key)).toMatchObject({ size: whole.length, etag: etagOf(parts) });
    expect(await uploadsBelow(world, prefix)).toEqual([]);
    await expectCode(store.listParts(key, id), "PLINTH_STORE_NO_UPLOAD");
    expect(await store.copy(key, `${prefix}/copy`)).toMatchObject({ size: whole.length });
    expect((await read(world, `${prefix}/copy`))?.equals(whole)).toBe(true);
  }],
  ["joins a single small part, and one without bytes", async (world) => {
    for (const bytes of [someBytes(5), Buffer.alloc(0)]) {
      const key = `${world.prefix}/of-${bytes.length}`;
      const id = await world.store.beginUpload(key);
      const part = await world.store.putPart(key, id, 1, bytes);
      expect(await world.store.completeUpload(key, id, [part])).toMatchObject({ size: bytes.length, etag: etagOf([bytes]) });
      expect((await read(world, key))?.equals(bytes)).toBe(true);
    }
  }],
  ["keeps parts that come at once, and two uploads of one key apart", async (world) => {
    const { store } = world;
    const key = `${world.prefix}/object`;
    const [one, other] = [await store.beginUpload(key), await store.beginUpload(key)];
    const puts = await Promise.all(Array.from({ length: 20 }, (_, index) => store.putPart(key, one, index + 1, someBytes(100 + index))));
    await store.putPart(key, other, 1, Buffer.from("other"));
    expect(await store.listParts(key, one)).toEqual(puts);
    expect((await store.listParts(key, other)).length).toBe(1);
    expect((await uploadsBelow(world, world.prefix)).sort()).toEqual([one, other].sort());
    await store.abortUpload(key, one);
    expect(await uploadsBelow(world, world.prefix)).toEqual([other]);
    await store.abortUpload(key, other);
    await expectNothing(world, key);
  }],
];

const refused: readonly StoreTest[] = [
  ["refuses parts that were not put, were other ones, are too small or out of order, and can be tried again", async (world) => {
    const { store, prefix } = world;
    const key = `${prefix}/object`;
    const id = await store.beginUpload(key);
    const small = await store.putPart(key, id, 1, Buffer.from("small"));
    const last = await store.putPart(key, id, 2, Buffer.from("last"));
    const lists = [[], [{ number: 3, etag: last.etag }], [{ number: 2, etag: small.etag }], [{ number: 2, etag: "" }], [last, small], [last, last], [small, last]];
    for (const parts of lists) await expectCode(store.completeUpload(key, id, parts), "PLINTH_STORE_INVALID_PART");
    expect(await store.head(key)).toBeUndefined();
    expect(await store.listParts(key, id)).toEqual([small, last]);
    const large = await store.putPart(key, id, 1, someBytes(PART));
    expect(await store.completeUpload(key, id, [large, last])).toMatchObject({ size: PART + 4 });
    expect(String(await read(world, key, { start: PART, end: PART + 3 }))).toBe("last");
  }],
  ["knows no uploads but its own, nor those of other keys", async ({ store, prefix }) => {
    const key = `${prefix}/object`;
    const id = await store.beginUpload(key);
    const part = await store.putPart(key, id, 1, Buffer.from("part"));
    const strangers = [[key, ""], [key, ".."], [key, "../.uploads"], [key, "00000000-0000-4000-8000-000000000000"], [key, `${id}x`], [`${prefix}/other`, id]] as const;
    for (const [at, uploadId] of strangers) {
      await expectCode(store.putPart(at, uploadId, 1, Buffer.from("x")), "PLINTH_STORE_NO_UPLOAD");
      await expectCode(store.listParts(at, uploadId), "PLINTH_STORE_NO_UPLOAD");
      await expectCode(store.completeUpload(at, uploadId, [part]), "PLINTH_STORE_NO_UPLOAD");
      await store.abortUpload(at, uploadId);
    }
    for (const number of [0, -1, 1.5, 10_001, NaN]) await expectCode(store.putPart(key, id, number, Buffer.from("x")), "PLINTH_STORE_INVALID_PART");
    expect(await store.listParts(key, id)).toEqual([part]);
    await store.abortUpload(key, id);
  }],
  ["keeps nothing of parts that fail, and the part that was there", async ({ store, prefix }) => {
    const key = `${prefix}/object`;
    const reason = new Error("gone");
    const id = await store.beginUpload(key);
    const part = await store.putPart(key, id, 1, Buffer.from("part"));
    await expectCode(store.putPart(key, id, 1, someBytes(100), { maxSize: 99 }), "PLINTH_STORE_TOO_LARGE");
    await expectCode(store.putPart(key, id, 2, chunksOf(someBytes(100), 10), { size: 99 }), "PLINTH_STORE_WRONG_SIZE");
    await expectCode(store.putPart(key, id, 2, chunksOf(someBytes(100), 10), { size: 101 }), "PLINTH_STORE_WRONG_SIZE");
    await expect(store.putPart(key, id, 2, Buffer.from("x"), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await store.listParts(key, id)).toEqual([part]);
    await store.abortUpload(key, id);
    await expectCode(store.putPart(key, id, 1, Buffer.from("late")), "PLINTH_STORE_NO_UPLOAD");
    await store.abortUpload(key, id);
  }],
];

export const UPLOAD_TESTS: readonly StoreTest[] = [...joined, ...refused];
