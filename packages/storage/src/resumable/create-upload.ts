import { randomBytes } from "node:crypto";
import { contentLength } from "@plinth/core";
import { findBucket } from "../buckets/find-bucket.ts";
import { ownerOf, type StorageCall } from "../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { bucketName } from "../names/bucket-name.ts";
import { objectName } from "../names/object-name.ts";
import { checkMimeType } from "../objects/upload/check-mime-type.ts";
import { limitsOf } from "../objects/upload/receive-upload.ts";
import { checkMayWrite, newVersion, type ObjectToWrite } from "../objects/write-object.ts";
import { StorageError } from "../storage-error.ts";
import { verifySignature } from "./authorize-upload.ts";
import { defineResumable, type Proof } from "./define-resumable.ts";
import { partSizeFor } from "./part-size.ts";
import { receiveBytes } from "./receive-bytes.ts";
import { insertUpload, type ResumableUpload, toUploads } from "./resumable-upload.ts";
import { expiresHeader, TUS_CONTENT_TYPE, tusReply } from "./tus-protocol.ts";
import { uploadLocation } from "./upload-location.ts";
import { readUploadMetadata } from "./upload-metadata.ts";
import { numberIn } from "./upload-numbers.ts";

/** Begins an upload; the request may bring its first bytes, or all. */
export const createUpload = defineResumable({
  id: "storage.tus.upload.create",
  method: "POST",
  path: "",
  handle: async (call, proof) => {
    const { request } = call;
    const upload = await create(call, proof);
    const headers = { Location: uploadLocation(request, upload.id), ...expiresHeader(upload) };
    const brings = request.headers.get("content-type") === TUS_CONTENT_TYPE;
    if (!brings && upload.length !== 0) return tusReply(201, headers);
    const piece = { offset: 0, length: undefined, body: brings ? request.body : null, size: brings ? contentLength(request.headers.get("content-length")) : 0 };
    const { offset, isFinished } = await receiveBytes(call, upload.id, piece);
    return tusReply(201, { ...headers, "Upload-Offset": String(offset), ...(isFinished ? { "Tus-Complete": "1" } : {}) });
  },
});

async function create(call: StorageCall, proof: Proof): Promise<ResumableUpload> {
  const { headers } = call.request;
  const described = readUploadMetadata(headers.get("upload-metadata"));
  const length = lengthOf(headers);
  const bucket = await findBucket(call, bucketName(described.bucketName));
  const name = objectName(described.objectName);
  const limits = limitsOf(call, bucket, name);
  if (length !== null && length > limits.maxSize) throw new StorageError(STORAGE_ERRORS.tooLarge, { message: "Maximum size exceeded" });
  checkMimeType(described.mimeType, limits.mimeTypes);
  const asked = { bucket: bucket.id, name, owner: ownerOf(call.caller), upsert: headers.get("x-upsert") === "true", userMetadata: described.userMetadata };
  const object = await authorize(call, proof, asked, { mimetype: described.mimeType, contentLength: length ?? undefined });
  const [inserted] = await call.query("service", [insertUpload({
    id: randomBytes(24).toString("base64url"),
    bucket_id: object.bucket,
    name,
    version: newVersion(),
    part_size: partSizeFor(length ?? limits.maxSize),
    length,
    owner_id: object.owner ?? null,
    upsert: object.upsert,
    signed: proof === "signature",
    metadata: headers.get("upload-metadata")!,
    holder: null,
  }, call.storage.config.tusUrlExpiry)]);
  return toUploads(inserted!)[0]!;
}

/** @returns the object as whoever may have it written: the caller, or whom a token was signed for */
async function authorize(call: StorageCall, proof: Proof, object: ObjectToWrite, announced: Parameters<typeof checkMayWrite>[2]): Promise<ObjectToWrite> {
  if (proof === "caller") {
    await checkMayWrite(call, object, announced);
    return object;
  }
  const { owner, upsert = false } = await verifySignature(call, object);
  return { ...object, owner, upsert };
}

/** Null where it comes later. */
function lengthOf(headers: Headers): number | null {
  const length = numberIn(headers, "Upload-Length");
  const isDeferred = headers.get("upload-defer-length") === "1";
  if (length === undefined ? !isDeferred : headers.has("upload-defer-length")) throw new StorageError(STORAGE_ERRORS.invalidRequest, { message: "Upload-Length or Upload-Defer-Length header required" });
  return length ?? null;
}
