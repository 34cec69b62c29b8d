import type { StorageCall } from "../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";
import type { Proof } from "./define-resumable.ts";
import { type ResumableUpload, selectUpload, toUploads } from "./resumable-upload.ts";

/** The upload that the path names. @throws StorageError NoSuchUpload, UploadExpired */
export async function findUpload(call: StorageCall, proof: Proof): Promise<ResumableUpload> {
  const [found] = await call.query("service", [selectUpload(call.params["id"]!)], { readOnly: true });
  const [upload] = toUploads(found!);
  if (upload === undefined || upload.signed !== (proof === "signature")) throw new StorageError(STORAGE_ERRORS.noSuchUpload);
  if (!upload.finished && Date.parse(upload.expires_at) < Date.now()) throw new StorageError(STORAGE_ERRORS.uploadExpired);
  return upload;
}
