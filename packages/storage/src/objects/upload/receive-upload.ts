import { findBucket } from "../../buckets/find-bucket.ts";
import type { StorageCall, StorageWork } from "../../endpoint/storage-call.ts";
import { bucketName } from "../../names/bucket-name.ts";
import { isFolderPlaceholder, objectName } from "../../names/object-name.ts";
import { metadataOf, type ObjectMetadata } from "../stored-object-row.ts";
import { checkMayWrite, type ObjectToWrite, storeObject, type WrittenObject } from "../write-object.ts";
import { readUpload } from "./read-upload.ts";
import type { Upload, UploadLimits } from "./upload.ts";

export interface UploadTarget extends Omit<ObjectToWrite, "userMetadata"> {
  /** `granted`: whoever signed the address could, and that is enough. */
  readonly mayWrite: "check" | "granted";
}

/**
 * Stores what the request brings below the name. That the caller may is shown before the bytes are taken, or along with
 * their row where there are few of them.
 * @returns `key`: `<bucket>/<name>`
 * @throws StorageError NoSuchBucket, InvalidKey, AccessDenied, KeyAlreadyExists, EntityTooLarge, InvalidMimeType
 */
export const receiveUpload = (call: StorageCall, target: UploadTarget): Promise<WrittenObject & { readonly key: string }> => storeUpload(call, target, (limits) => readUpload(call.request, limits));

/**
 * The same of an upload that comes some other way.
 * @param read holds it to the limits
 */
export async function storeUpload(call: StorageWork, target: UploadTarget, read: (limits: UploadLimits) => Upload | Promise<Upload>): Promise<WrittenObject & { readonly key: string; readonly metadata: ObjectMetadata }> {
  const name = objectName(target.name);
  const bucket = await findBucket(call, bucketName(target.bucket));
  const limits = limitsOf(call, bucket, name);
  const upload = await read(limits);
  const object = { ...target, bucket: bucket.id, name, userMetadata: upload.userMetadata };
  const announced = { mimetype: upload.mimeType, contentLength: upload.size };
  const isHere = upload.body instanceof Uint8Array;
  if (target.mayWrite === "check" && !isHere) await checkMayWrite(call, object, announced);
  const written = await storeObject(
    call,
    object,
    async (store, key) => store.put(key, upload.body, { fresh: true, durable: await call.storage.durability.get(), size: upload.size, maxSize: limits.maxSize, signal: call.signal }),
    (stored) => metadataOf(stored, upload),
    target.mayWrite === "check" && isHere ? "caller" : "checked",
  );
  return { ...written, key: `${bucket.id}/${name}` };
}

/** What an object of this name may be. */
export function limitsOf({ storage }: StorageWork, bucket: { readonly file_size_limit: number | null; readonly allowed_mime_types: readonly string[] | null }, name: string): UploadLimits {
  if (isFolderPlaceholder(name)) return { maxSize: 0, mimeTypes: null };
  return { maxSize: Math.min(storage.config.fileSizeLimit, bucket.file_size_limit || Number.POSITIVE_INFINITY), mimeTypes: bucket.allowed_mime_types };
}
