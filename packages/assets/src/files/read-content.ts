import { createHash } from "node:crypto";
import { BackendError, collectBytes } from "@plinth/core";
import { ASSETS_ERRORS } from "../errors.ts";
import type { UploadedFile } from "./site-upload.ts";

/** A file's bytes. @throws BackendError PLINTH_ASSETS_FILE_TOO_LARGE as soon as there are too many; what the content throws */
export async function readContent({ path, content }: UploadedFile, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = (): BackendError => new BackendError(ASSETS_ERRORS.fileTooLarge, { message: `${JSON.stringify(path)} is larger than ${maxBytes} bytes.` });
  if (typeof content === "string" || content instanceof Uint8Array) {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    if (bytes.byteLength > maxBytes) throw tooLarge();
    return bytes;
  }
  return collectBytes(content, { maxBytes, tooLarge });
}

export const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
