import { randomUUID } from "node:crypto";
import type { ObjectStore } from "@plinth/core";
import { afterAll, beforeAll, describe, test } from "vitest";
import { GET_TESTS } from "./get-tests.ts";
import { KEY_TESTS } from "./key-tests.ts";
import { PUT_TESTS } from "./put-tests.ts";
import type { StoreTest } from "./store-test.ts";
import { UPLOAD_TESTS } from "./upload-tests.ts";

const TESTS: Readonly<Record<string, readonly StoreTest[]>> = { put: PUT_TESTS, "get, copy, delete and list": GET_TESTS, keys: KEY_TESTS, "uploads in parts": UPLOAD_TESTS };

/**
 * What an `ObjectStore` has to do, as tests. All use one store, each a prefix of its own; what they put stays.
 *
 * @param open called once; what it gives is closed after the last test
 * @example
 * describeObjectStore("on disk", () => openObjectStore({ kind: "filesystem", directory }));
 */
export function describeObjectStore(name: string, open: () => ObjectStore | Promise<ObjectStore>): void {
  describe(`ObjectStore ${name}`, () => {
    let store: ObjectStore;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(async () => {
      await store.close?.();
    });
    describe.each(Object.entries(TESTS))("%s", (_, tests) => {
      test.each(tests)("%s", (_title, run) => run({ store, prefix: randomUUID() }));
    });
  });
}
