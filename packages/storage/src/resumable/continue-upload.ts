import { contentLength } from "@plinth/core";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";
import { checkMayContinue } from "./authorize-upload.ts";
import { defineResumable, type HandleResumable } from "./define-resumable.ts";
import { findUpload } from "./find-upload.ts";
import { receiveBytes } from "./receive-bytes.ts";
import { terminate } from "./terminate-upload.ts";
import { expiresHeader, TUS_CONTENT_TYPE, tusReply } from "./tus-protocol.ts";
import { numberIn } from "./upload-numbers.ts";

const receive: HandleResumable = async (call, proof) => {
  const { body, headers } = call.request;
  if (headers.get("content-type") !== TUS_CONTENT_TYPE) throw new StorageError(STORAGE_ERRORS.invalidMimeType);
  const offset = numberIn(headers, "Upload-Offset");
  if (offset === undefined) throw new StorageError(STORAGE_ERRORS.invalidRequest, { message: "Upload-Offset header required" });
  const upload = await findUpload(call, proof);
  await checkMayContinue(call, upload);
  const length = numberIn(headers, "Upload-Length");
  if (length !== undefined && upload.length !== null && length !== upload.length) throw new StorageError(STORAGE_ERRORS.invalidRequest, { message: "Upload-Length is another than before" });
  const received = await receiveBytes(call, upload.id, { offset, length, body, size: contentLength(headers.get("content-length")) });
  return tusReply(204, { "Upload-Offset": String(received.offset), ...(received.isFinished ? { "Tus-Complete": "1" } : expiresHeader(upload)) });
};

const ID = "storage.tus.upload.part";

export const continueUpload = defineResumable({ id: ID, method: "PATCH", path: "/:id", handle: receive });

const OVERRIDDEN: ReadonlyMap<string | null, HandleResumable> = new Map([["PATCH", receive], ["DELETE", terminate]]);

/** For networks that let no PATCH through. */
export const overrideMethod = defineResumable({
  id: ID,
  method: "POST",
  path: "/:id",
  handle: (call, proof) => {
    const handle = OVERRIDDEN.get(call.request.headers.get("x-http-method-override"));
    if (handle === undefined) throw new StorageError(STORAGE_ERRORS.routeNotFound, { message: "X-HTTP-Method-Override is PATCH or DELETE" });
    return handle(call, proof);
  },
});
