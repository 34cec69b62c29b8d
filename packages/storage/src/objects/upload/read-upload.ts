import { contentLength, readBytes } from "@plinth/core";
import { STORAGE_ERRORS } from "../../errors.ts";
import { StorageError } from "../../storage-error.ts";
import { checkMimeType } from "./check-mime-type.ts";
import { readForm } from "./read-form.ts";
import type { Upload, UploadLimits } from "./upload.ts";
import { headerMetadata } from "./user-metadata.ts";
import { checkRobotsTag } from "./robots-tag.ts";
import { SMALL_BYTES } from "./small-bytes.ts";

/**
 * What a request brings: its body as such, or the file of a form (RFC 7578).
 * @throws StorageError EntityTooLarge, InvalidMimeType, InvalidRequest
 */
export async function readUpload(request: Request, limits: UploadLimits): Promise<Upload> {
  const { headers } = request;
  const xRobotsTag = checkRobotsTag(headers.get("x-robots-tag"));
  const type = headers.get("content-type") ?? "application/octet-stream";
  if (/^multipart\/form-data/i.test(type)) return { ...(await readForm(request, limits)), xRobotsTag };
  const size = contentLength(headers.get("content-length"));
  checkMimeType(type, limits.mimeTypes);
  if (size !== undefined && size > limits.maxSize) throw new StorageError(STORAGE_ERRORS.tooLarge);
  return {
    body: size !== undefined && size <= SMALL_BYTES ? await readBytes(request, { maxBytes: SMALL_BYTES }) : (request.body ?? new Uint8Array(0)),
    size,
    mimeType: type,
    cacheControl: headers.get("cache-control") ?? "no-cache",
    userMetadata: headerMetadata(headers.get("x-metadata")),
    xRobotsTag,
  };
}
