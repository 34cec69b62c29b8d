import { expect } from "vitest";
import { listed, type StoreTest } from "./store-test.ts";

const NO_KEYS = [
  "", "/", "/etc/passwd", "a/", "/a", "a//b", ".", "..", "../a", "a/..", "a/../b", "a/./b", "a\\b", "..\\a", "a/..%2f..%2fb", "%2e%2e/a", "a%00b", "a\0b", "a\nb", "a\n", "a b", "é", "a.b", ".uploads", ".uploads/x", "a:b", "C:", "~", "a*", "a?b",
  "a".repeat(201), `a/${"b".repeat(201)}`, Array.from({ length: 500 }, () => "a").join("/"), "\u{202e}a", "\uff0e\uff0e/a",
];

export const KEY_TESTS: readonly StoreTest[] = [
  ["refuses what is no key, in every method", async (world) => {
    const { store, prefix } = world;
    const good = `${prefix}/good`;
    await store.put(good, Buffer.from("good"));
    for (const key of [...NO_KEYS, `${prefix}/../${prefix}/good`, undefined as unknown as string]) {
      const calls = [
        store.put(key, Buffer.from("x")), store.get(key), store.head(key), store.copy(key, good), store.copy(good, key), store.delete([good, key]),
        listed(world, key), store.beginUpload(key), store.putPart(key, "id", 1, Buffer.from("x")), store.listParts(key, "id"), store.completeUpload(key, "id", [{ number: 1, etag: "x" }]), store.abortUpload(key, "id"),
        (async () => { for await (const _upload of store.listUploads(key)); })(),
      ];
      for (const call of await Promise.allSettled(calls)) expect(call, JSON.stringify(key)).toMatchObject({ status: "rejected", reason: expect.any(TypeError) });
    }
    expect(await listed(world, prefix)).toEqual([good]);
  }],
];
