import type { ObjectKey, ObjectStore, Tenant, TenantStateKey } from "@plinth/core";
import { BucketCache } from "./buckets/bucket-cache.ts";
import type { StorageConfig, StorageOptions } from "./config/storage-options.ts";
import { readStorageConfig } from "./config/read-storage-config.ts";
import { Trash } from "./objects/trash.ts";
import { UrlSigner } from "./signed-urls/url-signer.ts";

/** What the service keeps for an open project. */
export interface TenantStorage {
  readonly config: StorageConfig;
  readonly store: ObjectStore;
  readonly buckets: BucketCache;
  readonly urls: UrlSigner;
  readonly trash: Trash;
  /** Where the bytes of a version are. */
  keyOf(version: string): ObjectKey;
  dispose(): void;
}

/** @param options of every project; its own `settings.storage` go before them */
export function tenantStorage(options: StorageOptions, store: ObjectStore): TenantStateKey<TenantStorage> {
  return { name: "storage", create: (tenant) => open(tenant, options, store), dispose: (storage) => storage.dispose() };
}

function open(tenant: Tenant, options: StorageOptions, store: ObjectStore): TenantStorage {
  const buckets = new BucketCache(tenant);
  const keyOf = (version: string): ObjectKey => `${prefixOf(tenant.project)}/${version}`;
  return {
    config: readStorageConfig(options, tenant.project.settings["storage"]),
    store,
    buckets,
    urls: new UrlSigner(tenant),
    trash: new Trash(tenant, store, keyOf),
    keyOf,
    dispose: () => buckets.dispose(),
  };
}

/** All bytes of a project are below it. */
export const prefixOf = ({ uid }: { readonly uid: string }): ObjectKey => uid;
