import { z } from "zod";
import { findBucket } from "../../buckets/find-bucket.ts";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import { ownerOf, type StorageWork } from "../../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../../errors.ts";
import { bucketName } from "../../names/bucket-name.ts";
import { objectName } from "../../names/object-name.ts";
import { StorageError } from "../../storage-error.ts";
import { type ObjectMetadata, type ObjectRow, selectObject, toObjects, type UserMetadata } from "../stored-object-row.ts";
import { checkMimeType } from "../upload/check-mime-type.ts";
import { limitsOf } from "../upload/receive-upload.ts";
import { headerMetadata } from "../upload/user-metadata.ts";
import { checkMayWrite, type ObjectToWrite, storeObject, type WrittenObject } from "../write-object.ts";

/** What a copy is to have that the object hasn't. */
export interface CopyOptions {
  readonly upsert: boolean;
  /** Default: the object's. */
  readonly cacheControl?: string | undefined;
  readonly mimeType?: string | undefined;
  /** Undefined: the object's. Null: none. */
  readonly userMetadata?: UserMetadata | null | undefined;
  /** Whom it is to belong to. Default: the caller. */
  readonly owner?: string | undefined;
}

export const copyObject = defineEndpoint({
  id: "storage.object.copy",
  method: "POST",
  path: "/object/copy",
  access: "key",
  body: z.object({
    bucketId: z.string(),
    sourceKey: z.string(),
    destinationBucket: z.string().optional(),
    destinationKey: z.string(),
    copyMetadata: z.boolean().optional(),
    metadata: z.object({ cacheControl: z.string().optional(), mimetype: z.string().optional() }).optional(),
  }),
  handle: async (call, body) => {
    const source = await findSource(call, bucketName(body.bucketId), objectName(body.sourceKey));
    const destination = await findBucket(call, bucketName(body.destinationBucket || body.bucketId));
    const { headers } = call.request;
    const changed = body.copyMetadata === false ? { cacheControl: body.metadata?.cacheControl, mimeType: body.metadata?.mimetype, userMetadata: headerMetadata(headers.get("x-metadata")) ?? null } : {};
    const to = { bucket: destination.id, name: objectName(body.destinationKey) };
    // Otherwise copying would be the way round what the bucket takes.
    if (changed.mimeType !== undefined) checkMimeType(changed.mimeType, limitsOf(call, destination, to.name).mimeTypes);
    const copied = await copy(call, source, to, { upsert: headers.get("x-upsert") === "true", ...changed });
    const { id, version, metadata, userMetadata } = copied;
    return json({ Id: id, Key: `${to.bucket}/${to.name}`, id, bucket_id: to.bucket, name: to.name, owner: ownerOf(call.caller) ?? null, version, metadata, user_metadata: userMetadata ?? null });
  },
});

/** An object that the caller may read. @throws StorageError NoSuchKey */
export async function findSource(call: StorageWork, bucket: string, name: string): Promise<ObjectRow> {
  const [found] = await call.query("caller", [selectObject(bucket, name)], { readOnly: true });
  const [object] = toObjects(found!);
  if (object === undefined) throw new StorageError(STORAGE_ERRORS.noSuchKey);
  return object;
}

/** @throws StorageError as `checkMayWrite`; NoSuchKey where the source has no bytes */
export async function copy(
  call: StorageWork,
  source: Pick<ObjectRow, "version" | "metadata" | "user_metadata">,
  to: { readonly bucket: string; readonly name: string },
  { upsert, cacheControl, mimeType, userMetadata = source.user_metadata, owner = ownerOf(call.caller) }: CopyOptions,
): Promise<WrittenObject & { readonly metadata: ObjectMetadata; readonly userMetadata: UserMetadata | undefined }> {
  const described = {
    ...source.metadata,
    mimetype: mimeType ?? source.metadata?.mimetype ?? "application/octet-stream",
    cacheControl: cacheControl ?? source.metadata?.cacheControl ?? "no-cache",
  };
  const object: ObjectToWrite = { ...to, owner, upsert, userMetadata: userMetadata ?? undefined };
  await checkMayWrite(call, object, described);
  const written = await storeObject(
    call,
    object,
    async (store, key) => {
      const stored = source.version === null ? undefined : await store.copy(call.storage.keyOf(source.version), key);
      if (stored === undefined) throw new StorageError(STORAGE_ERRORS.noSuchKey);
      return stored;
    },
    (stored) => ({ ...described, eTag: stored.etag, size: stored.size, contentLength: stored.size, lastModified: stored.lastModified.toISOString(), httpStatusCode: 200 }),
    "checked",
  );
  return { ...written, userMetadata: object.userMetadata };
}
