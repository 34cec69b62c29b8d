import { describeObjectStore } from "@plinth/testing/vitest";
import { expect, test } from "vitest";
import { openObjectStore } from "../../src/stores/open-store.ts";

describeObjectStore("in memory", () => openObjectStore({ kind: "memory" }));

test("is full where it may keep no more, uploads included, and has room again after a deletion", async () => {
  const store = openObjectStore({ kind: "memory", maxBytes: 100 });
  const full = expect.objectContaining({ code: "PLINTH_STORE_FULL", status: 507 });
  await store.put("a", Buffer.alloc(60));
  await expect(store.put("b", Buffer.alloc(41))).rejects.toEqual(full);
  await expect(store.copy("a", "c")).rejects.toEqual(full);
  const upload = await store.beginUpload("b");
  await store.putPart("b", upload, 1, Buffer.alloc(40));
  await expect(store.put("c", Buffer.alloc(1))).rejects.toEqual(full);
  await store.abortUpload("b", upload);
  await store.put("b", Buffer.alloc(40));
  await store.delete(["a", "b"]);
  await store.put("a", Buffer.alloc(100));
});
