import { findBucket } from "../../buckets/find-bucket.ts";
import { bucketName } from "../../names/bucket-name.ts";
import { objectName } from "../../names/object-name.ts";
import { copy } from "../../objects/move/copy-object.ts";
import { checkMimeType } from "../../objects/upload/check-mime-type.ts";
import { limitsOf } from "../../objects/upload/receive-upload.ts";
import { STORAGE_ERRORS } from "../../errors.ts";
import { StorageError } from "../../storage-error.ts";
import { xml } from "../respond.ts";
import type { S3Operation } from "../s3-operation.ts";
import { findCopySource } from "./copy-source.ts";
import { mayReplace } from "./put-object.ts";
import { requestMetadata } from "./user-metadata-headers.ts";

export const copyObject: S3Operation = {
  id: "storage.s3.object.copy",
  method: "PUT",
  level: "object",
  header: "x-amz-copy-source",
  handle: async (s3) => {
    const { call, header } = s3;
    const source = await findCopySource(s3);
    const bucket = await findBucket(call, bucketName(s3.bucket));
    const name = objectName(s3.key);
    const isReplaced = header("x-amz-metadata-directive")?.toUpperCase() === "REPLACE";
    const changed = isReplaced ? { mimeType: header("content-type") ?? "application/octet-stream", cacheControl: header("cache-control") ?? "no-cache", userMetadata: requestMetadata(s3) ?? null } : {};
    const { maxSize, mimeTypes } = limitsOf(call, bucket, name);
    if ((source.metadata?.size ?? 0) > maxSize) throw new StorageError(STORAGE_ERRORS.tooLarge);
    checkMimeType(changed.mimeType ?? source.metadata?.mimetype ?? "application/octet-stream", mimeTypes);
    const { metadata } = await copy(call, source, { bucket: bucket.id, name }, { upsert: mayReplace(s3), ...changed });
    return xml("CopyObjectResult", { ETag: metadata.eTag, LastModified: metadata.lastModified });
  },
};
