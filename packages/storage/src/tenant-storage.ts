import { ByteCache, type ObjectKey, type ObjectStore, type Tenant, type TenantStateKey } from "@plinth/core";
import { BucketCache } from "./buckets/bucket-cache.ts";
import type { StorageConfig, StorageOptions } from "./config/storage-options.ts";
import { readStorageConfig } from "./config/read-storage-config.ts";
import { Durability } from "./database/durability.ts";
import { ImageRenderer } from "./render/image-renderer.ts";
import { Trash } from "./objects/trash.ts";
import { BufferedBytes } from "./resumable/buffered-bytes.ts";
import { UploadsUnderWay } from "./resumable/uploads-under-way.ts";
import { keptForExports } from "./transfer/keep-for-exports.ts";
import { UrlSigner } from "./signed-urls/url-signer.ts";

/** What the service keeps for an open project. */
export interface TenantStorage {
  readonly config: StorageConfig;
  readonly store: ObjectStore;
  readonly buckets: BucketCache;
  readonly durability: Durability;
  readonly urls: UrlSigner;
  readonly trash: Trash;
  readonly uploads: UploadsUnderWay;
  /** Bytes of small objects, of all projects of the backend. */
  readonly bytes: ByteCache;
  /** One for all projects of the backend. */
  readonly images: ImageRenderer;
  /** Where the bytes of a version are. */
  keyOf(version: string): ObjectKey;
  dispose(): void;
}

/** A version's bytes never change: what is read often needs neither a disk nor a store. */
const HELD = { maxBytes: 32 * 1_048_576, maxEach: 65_536 };

/** @param options of every project; its own `settings.storage` go before them */
export function tenantStorage(options: StorageOptions, store: ObjectStore): TenantStateKey<TenantStorage> {
  const images = new ImageRenderer(readStorageConfig(options).imageTransformation);
  const buffered = new BufferedBytes();
  const bytes = new ByteCache(HELD);
  return { name: "storage", create: (tenant) => open(tenant, { options, store, images, buffered, bytes }), dispose: (storage) => storage.dispose() };
}

interface Shared {
  readonly options: StorageOptions;
  readonly store: ObjectStore;
  readonly images: ImageRenderer;
  readonly buffered: BufferedBytes;
  readonly bytes: ByteCache;
}

function open(tenant: Tenant, { options, store, images, buffered, bytes }: Shared): TenantStorage {
  const buckets = new BucketCache(tenant);
  const uploads = new UploadsUnderWay(tenant, buffered);
  const keyOf = (version: string): ObjectKey => `${prefixOf(tenant.project)}/${version}`;
  return {
    config: readStorageConfig(options, tenant.project.settings["storage"]),
    store,
    buckets,
    durability: new Durability(tenant),
    uploads,
    urls: new UrlSigner(tenant),
    images,
    bytes,
    trash: new Trash(tenant, keptForExports(store, tenant), keyOf),
    keyOf,
    dispose: () => {
      buckets.dispose();
      uploads.dispose();
    },
  };
}

/** All bytes of a project are below it. */
export const prefixOf = ({ uid }: { readonly uid: string }): ObjectKey => uid;
