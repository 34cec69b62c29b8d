import type { StorageCall } from "../endpoint/storage-call.ts";
import { metadataOf } from "../objects/stored-object-row.ts";
import { writeObject } from "../objects/write-object.ts";
import { StorageError } from "../storage-error.ts";
import { objectOf } from "./authorize-upload.ts";
import { discardBytes } from "./discard-bytes.ts";
import { finishUpload, removeUpload, type ResumableUpload, selectUpload, toUploads } from "./resumable-upload.ts";
import { readUploadMetadata } from "./upload-metadata.ts";
import type { UploadWriter } from "./upload-writer.ts";

/**
 * Makes the bytes the object's, all of them being there.
 * @throws StorageError as `writeObject`: the upload is gone then, with its bytes
 */
export async function finishObject(call: StorageCall, upload: ResumableUpload, writer: UploadWriter): Promise<void> {
  const length = writer.total;
  const stored = await writer.complete();
  try {
    await writeObject(call, objectOf(upload), upload.version, metadataOf(stored, readUploadMetadata(upload.metadata)), "checked");
  } catch (error) {
    if (!(await isWritten(call, upload))) {
      if (error instanceof StorageError && error.status < 500) await discard(call, upload);
      throw error;
    }
  }
  await call.query("service", [finishUpload(upload.id, length)], { unstoppable: true });
  await writer.forgetSegments();
}

/** By another request, which had all bytes as well. */
async function isWritten(call: StorageCall, { id }: ResumableUpload): Promise<boolean> {
  const [found] = await call.query("service", [selectUpload(id)], { readOnly: true, unstoppable: true });
  return toUploads(found!)[0]?.finished ?? false;
}

/** What is refused now is refused for good. */
async function discard(call: StorageCall, { id, version }: ResumableUpload): Promise<void> {
  const [removed] = await call.query("service", [removeUpload(id)], { unstoppable: true });
  for (const upload of toUploads(removed!)) await discardBytes(call.storage, upload);
  call.storage.trash.add([version]);
}
