import type { z } from "zod";
import { makeBucket, newBucket } from "../buckets/create-bucket.ts";
import { removeBucket } from "../buckets/delete-bucket.ts";
import { deleteAllObjects } from "../buckets/empty-bucket.ts";
import { findBucket, findVisibleBucket } from "../buckets/find-bucket.ts";
import { findBuckets } from "../buckets/list-buckets.ts";
import { changeBucket, changedBucket } from "../buckets/update-bucket.ts";
import { ownerOf, type StorageWork } from "../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { bucketName } from "../names/bucket-name.ts";
import { objectName } from "../names/object-name.ts";
import { deleteObjects } from "../objects/delete/delete-objects.ts";
import { findReadable } from "../objects/download/find-readable.ts";
import { listNames } from "../objects/list/list-names.ts";
import { copy, findSource } from "../objects/move/copy-object.ts";
import { move } from "../objects/move/move-object.ts";
import { signDownload, signUploadOf } from "../objects/sign/sign-endpoints.ts";
import { storeUpload } from "../objects/upload/receive-upload.ts";
import type { WrittenObject } from "../objects/write-object.ts";
import { StorageError } from "../storage-error.ts";
import { deleteVersion } from "../versions/delete-version.ts";
import { findVersions, type VersionsOf } from "../versions/find-versions.ts";
import { restoreVersion } from "../versions/restore-version.ts";
import { checkOptions } from "./check-options.ts";
import { download } from "./download.ts";
import { bucketBody, bucketInfo, listedInfo, objectInfo, versionInfo } from "./infos.ts";
import { readBody } from "./read-body.ts";
import type { BucketInfo, BucketOptions, DownloadedObject, DownloadOptions, ListOptions, ObjectInfo, ObjectPage, UploadBody, UploadedObject, UploadOptions, VersionInfo } from "./tenant-storage-api.ts";

/** What the endpoints do, for host code: loaded with the first of them. */
export const OPERATIONS = {
  upload: async (work: StorageWork, of: VersionsOf, body: UploadBody, options: UploadOptions): Promise<UploadedObject> => {
    checkOptions("upload", options);
    const target = { ...of, owner: options.owner ?? ownerOf(work.caller), upsert: options.upsert ?? false, mayWrite: "check" as const };
    return uploaded(objectName(of.name), await storeUpload(work, target, (limits) => readBody(body, options, limits)));
  },
  download: async (work: StorageWork, of: VersionsOf, options: DownloadOptions): Promise<DownloadedObject> => {
    checkOptions("download", options);
    return download(work, of, options);
  },
  info: async (work: StorageWork, of: VersionsOf): Promise<ObjectInfo> => objectInfo(await findReadable(work, "caller", of)),
  list: async (work: StorageWork, bucket: string, prefix: string, options: ListOptions): Promise<ObjectPage> => {
    checkOptions("list", options);
    const { delimiter, after, limit = 1_000 } = options;
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > 1_000) throw new StorageError(STORAGE_ERRORS.invalidParameter, { message: "limit is 1 to 1,000" });
    const { id } = await findBucket(work, bucketName(bucket));
    const { objects, commonPrefixes, next } = await listNames(work, { bucket: id, prefix: prefix.normalize("NFC"), delimiter, startAfter: after, limit });
    return { objects: objects.map(listedInfo), folders: commonPrefixes, next };
  },
  move: async (work: StorageWork, from: VersionsOf, to: VersionsOf): Promise<void> => {
    await findBucket(work, bucketName(to.bucket));
    await move(work, { bucket: bucketName(from.bucket), name: objectName(from.name) }, { bucket: to.bucket, name: objectName(to.name) });
  },
  copy: async (work: StorageWork, from: VersionsOf, to: VersionsOf, upsert: boolean): Promise<UploadedObject> => {
    const source = await findSource(work, bucketName(from.bucket), objectName(from.name));
    await findBucket(work, bucketName(to.bucket));
    const name = objectName(to.name);
    return uploaded(name, await copy(work, source, { bucket: to.bucket, name }, { upsert }));
  },
  remove: async (work: StorageWork, bucket: string, names: readonly string[]): Promise<string[]> => {
    if (!Array.isArray(names)) throw new StorageError(STORAGE_ERRORS.invalidRequest, { message: "names is a list: remove([name])" });
    const removed: string[] = [];
    for (let from = 0; from < names.length; from += 1_000) {
      const some = names.slice(from, from + 1_000).map((name) => name.normalize("NFC"));
      removed.push(...(await deleteObjects(work, bucketName(bucket), { names: some })).map(({ name }) => name));
    }
    return removed;
  },
  sign: async (work: StorageWork, of: VersionsOf, seconds: number): ReturnType<typeof signDownload> => {
    if (typeof seconds !== "number") throw new StorageError(STORAGE_ERRORS.invalidParameter, { message: "seconds is a number: signedUrl(name, 60)" });
    return signDownload(work, of, seconds);
  },
  signUpload: signUploadOf,
  versions: async (work: StorageWork, of: VersionsOf): Promise<VersionInfo[]> => (await findVersions(work, of)).map(versionInfo),
  restore: async (work: StorageWork, of: VersionsOf, version: string): Promise<UploadedObject> => uploaded(objectName(of.name), await restoreVersion(work, of, version)),
  deleteVersion,
  createBucket: async (work: StorageWork, name: string, options: BucketOptions): Promise<void> => {
    checkOptions("bucket", options);
    await makeBucket(work, checked(newBucket, { name, ...bucketBody(options) }));
  },
  getBucket: async (work: StorageWork, name: string): Promise<BucketInfo> => bucketInfo(await findVisibleBucket(work, name)),
  listBuckets: async (work: StorageWork): Promise<BucketInfo[]> => (await findBuckets(work, { sortColumn: "name" })).map(bucketInfo),
  updateBucket: async (work: StorageWork, name: string, options: BucketOptions): Promise<void> => {
    checkOptions("bucket", options);
    await changeBucket(work, name, checked(changedBucket, bucketBody(options)));
  },
  emptyBucket: deleteAllObjects,
  deleteBucket: removeBucket,
};

const uploaded = (name: string, { id, version, isNew }: WrittenObject): UploadedObject => ({ id, name, version, isNew });

/** @throws StorageError InvalidRequest naming the option */
function checked<T>(schema: z.ZodType<T>, given: Readonly<Record<string, unknown>>): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new StorageError(STORAGE_ERRORS.invalidRequest, { message: `${issue?.path.map(String).join("/") ?? ""}: ${issue?.message ?? "is not valid"}` });
}
