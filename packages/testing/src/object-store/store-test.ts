import { createHash, randomBytes } from "node:crypto";
import { BackendError, type ObjectStore } from "@plinth/core";
import { expect } from "vitest";

/** A store, and a prefix of it that no other test uses. */
export interface StoreWorld {
  readonly store: ObjectStore;
  readonly prefix: string;
}

/** Title and test. */
export type StoreTest = readonly [title: string, run: (world: StoreWorld) => Promise<void>];

export const MIB = 1024 * 1024;

/** Bytes that no two tests have alike. */
export const someBytes = (size: number): Buffer => randomBytes(size);

/** Quoted, as `StoredObject.etag`. */
export const md5 = (bytes: Uint8Array): string => `"${createHash("md5").update(bytes).digest("hex")}"`;

export async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

/** What is below a key; undefined where there is nothing. */
export async function read({ store }: StoreWorld, key: string, range?: { readonly start: number; readonly end: number }): Promise<Buffer | undefined> {
  const stream = await store.get(key, range === undefined ? {} : { range });
  return stream === undefined ? undefined : Buffer.concat(await stream.toArray());
}

export async function listed({ store }: StoreWorld, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

export async function uploadsBelow({ store }: StoreWorld, prefix: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { uploadId } of store.listUploads(prefix)) ids.push(uploadId);
  return ids;
}

/** That work fails with a `BackendError` of this code. */
export async function expectCode(work: Promise<unknown>, code: string): Promise<void> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(BackendError);
  expect((error as BackendError).code).toBe(code);
}

/** That nothing is left of what could not be put: no object, and no upload under way. */
export async function expectNothing(world: StoreWorld, key: string): Promise<void> {
  expect(await world.store.head(key)).toBeUndefined();
  expect(await world.store.get(key)).toBeUndefined();
  expect(await listed(world, world.prefix)).toEqual([]);
  expect(await uploadsBelow(world, world.prefix)).toEqual([]);
}
