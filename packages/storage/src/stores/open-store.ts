import type { ObjectStore } from "@plinth/core";
import { FilesystemStore } from "./filesystem/filesystem-store.ts";
import { MemoryStore } from "./memory/memory-store.ts";
import { S3Store } from "./s3/s3-store.ts";
import { isObjectStore, type ObjectStoreOptions, type StoreKinds } from "./store-options.ts";

const STORES: { readonly [Kind in keyof StoreKinds]: (options: StoreKinds[Kind]) => ObjectStore } = {
  filesystem: (options) => new FilesystemStore(options),
  s3: (options) => new S3Store(options),
  memory: (options) => new MemoryStore(options),
};

/** Opens no file and no connection: that is done by whoever first asks the store for something. */
export function openObjectStore(options: ObjectStoreOptions): ObjectStore {
  return isObjectStore(options) ? options : openKind(options.kind, options);
}

const openKind = <Kind extends keyof StoreKinds>(kind: Kind, options: StoreKinds[Kind]): ObjectStore => STORES[kind](options);
