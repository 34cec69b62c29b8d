import { BackendError, type Caller, type Tenant } from "@plinth/core";
import { serviceCaller, vouchedCaller } from "../endpoint/create-work.ts";
import { toStorageError } from "../endpoint/render-error.ts";
import type { StorageWork } from "../endpoint/storage-call.ts";
import { bucketName } from "../names/bucket-name.ts";
import { objectName } from "../names/object-name.ts";
import { StorageError } from "../storage-error.ts";
import type { StorageInside } from "./storage-inside.ts";
import type { BucketObjects, DownloadOptions, ListOptions, StorageApi, TenantStorageApi, UploadOptions } from "./tenant-storage-api.ts";

export interface TenantStorageApiOptions {
  readonly tenant: Tenant;
  /** Where the service is mounted: "/storage/v1". */
  readonly path: string;
  readonly load: () => Promise<StorageInside>;
}

/** Does something as the caller. `id`: what policies read as `storage.operation()`. */
type Run = <T>(id: string, work: (operations: StorageInside["operations"], work: StorageWork) => Promise<T>, signal?: AbortSignal) => Promise<T>;

/** What host code has of a project's files. Nothing is loaded before the first use. */
export function createTenantStorageApi(options: TenantStorageApiOptions): TenantStorageApi {
  const { tenant, load } = options;
  const { roles } = tenant.project;
  return {
    ...storageApi(options, serviceCaller(tenant)),
    as: ({ role = roles.authenticated, claims = {} }) => storageApi(options, vouchedCaller(role, claims)),
    sweep: async (sweep = {}) => (await load()).sweep(tenant, sweep),
    createS3AccessKey: async (key) => (await accessKeys()).createS3AccessKey(tenant, key),
    listS3AccessKeys: async () => (await accessKeys()).listS3AccessKeys(tenant),
    revokeS3AccessKey: async (accessKey) => (await accessKeys()).revokeS3AccessKey(tenant, accessKey),
  };
}

const accessKeys = () => import("../s3/credentials/access-keys.ts");

function storageApi({ tenant, path, load }: TenantStorageApiOptions, caller: Caller): StorageApi {
  const run: Run = async (id, work, signal) => {
    const inside = await load();
    try {
      return await work(inside.operations, inside.work(tenant, { caller, operation: id, signal }));
    } catch (error) {
      // What a body throws is its own.
      throw error instanceof BackendError ? toStorageError(error) : error;
    }
  };
  return {
    from: (bucket) => bucketObjects(bucket, path, run),
    createBucket: (name, options = {}) => run("storage.bucket.create", (operations, work) => operations.createBucket(work, name, options)),
    getBucket: (name) => run("storage.bucket.get", (operations, work) => operations.getBucket(work, name)),
    listBuckets: () => run("storage.bucket.list", (operations, work) => operations.listBuckets(work)),
    updateBucket: (name, options) => run("storage.bucket.update", (operations, work) => operations.updateBucket(work, name, options)),
    emptyBucket: (name) => run("storage.bucket.empty", (operations, work) => operations.emptyBucket(work, name)),
    deleteBucket: (name) => run("storage.bucket.delete", (operations, work) => operations.deleteBucket(work, name)),
  };
}

function bucketObjects(bucket: string, path: string, run: Run): BucketObjects {
  const of = (name: string) => ({ bucket, name });
  const info = (name: string) => run("object.get_authenticated_info", (operations, work) => operations.info(work, of(name)));
  return {
    upload: (name, body, options: UploadOptions = {}) => run("storage.object.upload", (operations, work) => operations.upload(work, of(name), body, options), options.signal),
    download: (name, options: DownloadOptions = {}) => run(options.version === undefined ? "storage.object.get_authenticated" : "storage.object.get_version", (operations, work) => operations.download(work, of(name), options), options.signal),
    info,
    exists: (name) => info(name).then(() => true, isMissing),
    list: (prefix = "", options: ListOptions = {}) => run("storage.object.list", (operations, work) => operations.list(work, bucket, prefix, options)),
    move: (from, to, { destinationBucket = bucket } = {}) => run("storage.object.move", (operations, work) => operations.move(work, of(from), { bucket: destinationBucket, name: to })),
    copy: (from, to, { destinationBucket = bucket, upsert = false } = {}) => run("storage.object.copy", (operations, work) => operations.copy(work, of(from), { bucket: destinationBucket, name: to }, upsert)),
    remove: (names) => run("storage.object.delete_many", (operations, work) => operations.remove(work, bucket, names)),
    signedUrl: async (name, seconds, { download } = {}) => {
      const { token } = await run("storage.object.sign", (operations, work) => operations.sign(work, of(name), seconds));
      return addressOf(`${path}/object/sign`, of(name), { token, download });
    },
    signedUpload: async (name, { upsert = false } = {}) => {
      const { token } = await run("storage.object.sign_upload_url", (operations, work) => operations.signUpload(work, of(name), upsert));
      return { name: objectName(name), token, url: addressOf(`${path}/object/upload/sign`, of(name), { token }) };
    },
    publicUrl: (name, { download } = {}) => addressOf(`${path}/object/public`, of(name), { download }),
    versions: (name) => run("storage.object.list_versions", (operations, work) => operations.versions(work, of(name))),
    restore: (name, version) => run("storage.object.restore_version", (operations, work) => operations.restore(work, of(name), version)),
    deleteVersion: (name, version) => run("storage.object.delete_version", (operations, work) => operations.deleteVersion(work, of(name), version)),
  };
}

function isMissing(error: unknown): false {
  if (error instanceof StorageError && error.code === "NoSuchKey") return false;
  throw error;
}

function addressOf(path: string, { bucket, name }: { readonly bucket: string; readonly name: string }, parameters: Readonly<Record<string, string | undefined>>): string {
  const parts = [bucketName(bucket), ...objectName(name).split("/")].map(encodeURIComponent);
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `${[path, ...parts].join("/")}${given.length === 0 ? "" : `?${new URLSearchParams(given)}`}`;
}
