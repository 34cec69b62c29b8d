import { findBucket } from "../../buckets/find-bucket.ts";
import { ownerOf } from "../../endpoint/storage-call.ts";
import { bucketName } from "../../names/bucket-name.ts";
import { objectName } from "../../names/object-name.ts";
import { checkMimeType } from "../../objects/upload/check-mime-type.ts";
import { limitsOf } from "../../objects/upload/receive-upload.ts";
import { checkMayWrite, newVersion } from "../../objects/write-object.ts";
import { requestMetadata } from "../objects/user-metadata-headers.ts";
import { xml } from "../respond.ts";
import type { S3Operation } from "../s3-operation.ts";
import { toObject } from "./multipart-upload.ts";

/** The progress is a sum of rows here: there is nothing to sign, and the column wants a text. */
const INSERT = "insert into storage.s3_multipart_uploads (id, upload_signature, bucket_id, key, version, owner_id, user_metadata, metadata) values ($1, '', $2, $3, $4, $5, $6, $7)";

export const createMultipartUpload: S3Operation = {
  id: "storage.s3.upload.create_multipart",
  method: "POST",
  level: "object",
  query: ["uploads"],
  handle: async (s3) => {
    const { call, header } = s3;
    const name = objectName(s3.key);
    const bucket = await findBucket(call, bucketName(s3.bucket));
    const metadata = { mimetype: header("content-type") ?? "application/octet-stream", cacheControl: header("cache-control") ?? "no-cache" };
    checkMimeType(metadata.mimetype, limitsOf(call, bucket, name).mimeTypes);
    const userMetadata = requestMetadata(s3);
    await checkMayWrite(call, toObject(s3, { bucket: bucket.id, name, userMetadata }, true), { mimetype: metadata.mimetype });
    const { store, keyOf } = call.storage;
    const version = newVersion();
    const id = await store.beginUpload(keyOf(version));
    try {
      await call.query("service", [{ sql: INSERT, parameters: [id, bucket.id, name, version, ownerOf(call.caller) ?? null, JSON.stringify(userMetadata ?? {}), JSON.stringify(metadata)] }]);
    } catch (error) {
      await store.abortUpload(keyOf(version), id).catch(() => undefined);
      throw error;
    }
    return xml("InitiateMultipartUploadResult", { Bucket: bucket.id, Key: s3.key, UploadId: id });
  },
};
