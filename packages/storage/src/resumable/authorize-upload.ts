import { ownerOf, type StorageCall } from "../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { checkMayWrite, type ObjectToWrite } from "../objects/write-object.ts";
import type { SignedClaims } from "../signed-urls/url-signer.ts";
import { StorageError } from "../storage-error.ts";
import type { ResumableUpload } from "./resumable-upload.ts";
import { readUploadMetadata } from "./upload-metadata.ts";

/**
 * What a signed upload's token says, in the header `x-signature`.
 * @param at when it has to have been in force. Default: now
 * @throws StorageError InvalidSignature, InvalidJWT
 */
export function verifySignature({ request, storage }: StorageCall, { bucket, name }: Pick<ObjectToWrite, "bucket" | "name">, at?: Date): Promise<SignedClaims> {
  const token = request.headers.get("x-signature");
  if (token === null || token === "") throw new StorageError(STORAGE_ERRORS.invalidSignature, { message: "Missing x-signature header" });
  return storage.urls.verify("upload", token, `${bucket}/${name}`, at);
}

/**
 * Whether the request is of who began the upload: by the same user, or the service role, or with a token that was in force
 * then. @throws StorageError AccessDenied, InvalidSignature, InvalidJWT
 */
export async function checkIsOwn(call: StorageCall, upload: ResumableUpload): Promise<void> {
  if (upload.signed) {
    await verifySignature(call, { bucket: upload.bucket_id, name: upload.name }, new Date(upload.created_at));
  } else if (call.caller.role !== call.tenant.project.roles.service && (ownerOf(call.caller) ?? null) !== upload.owner_id) {
    throw new StorageError(STORAGE_ERRORS.accessDenied, { message: "The upload is somebody else's" });
  }
}

/** Also whether its caller may still write the object. @throws StorageError as `checkMayWrite` */
export async function checkMayContinue(call: StorageCall, upload: ResumableUpload): Promise<void> {
  await checkIsOwn(call, upload);
  if (!upload.signed && !upload.finished) await checkMayWrite(call, objectOf(upload), { mimetype: readUploadMetadata(upload.metadata).mimeType, contentLength: upload.length ?? undefined });
}

/** What the upload will be. */
export const objectOf = (upload: ResumableUpload): ObjectToWrite => ({
  bucket: upload.bucket_id,
  name: upload.name,
  owner: upload.owner_id ?? undefined,
  upsert: upload.upsert,
  userMetadata: readUploadMetadata(upload.metadata).userMetadata,
});
