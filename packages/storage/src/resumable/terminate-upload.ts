import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";
import { checkMayContinue } from "./authorize-upload.ts";
import { defineResumable, type HandleResumable } from "./define-resumable.ts";
import { discardBytes } from "./discard-bytes.ts";
import { findUpload } from "./find-upload.ts";
import { removeUpload, toUploads } from "./resumable-upload.ts";
import { tusReply } from "./tus-protocol.ts";

export const terminate: HandleResumable = async (call, proof) => {
  const upload = await findUpload(call, proof);
  await checkMayContinue(call, upload);
  await call.storage.uploads.interrupt(call, upload.id);
  // It may have been finished just now.
  const { finished } = await findUpload(call, proof);
  if (finished) throw new StorageError(STORAGE_ERRORS.invalidRequest, { message: "Cannot terminate an already completed upload" });
  const [removed] = await call.query("service", [removeUpload(upload.id)]);
  for (const one of toUploads(removed!)) await discardBytes(call.storage, one);
  return tusReply(204);
};

export const terminateUpload = defineResumable({ id: "storage.tus.upload.delete", method: "DELETE", path: "/:id", handle: terminate });
