import { STORAGE_ERRORS } from "../errors.ts";
import { checkMimeType } from "../objects/upload/check-mime-type.ts";
import type { Upload, UploadLimits } from "../objects/upload/upload.ts";
import { formMetadata } from "../objects/upload/user-metadata.ts";
import { StorageError } from "../storage-error.ts";
import type { UploadBody, UploadOptions } from "./tenant-storage-api.ts";

type Read = Pick<Upload, "body" | "size"> & { readonly type?: string | undefined };

/** @throws StorageError EntityTooLarge, InvalidMimeType, InvalidRequest */
export function readBody(given: UploadBody, { contentType, cacheControl = "no-cache", metadata }: UploadOptions, limits: UploadLimits): Upload {
  const { body, size, type } = bytesOf(given);
  const mimeType = contentType ?? (type || "application/octet-stream");
  checkMimeType(mimeType, limits.mimeTypes);
  if (size !== undefined && size > limits.maxSize) throw new StorageError(STORAGE_ERRORS.tooLarge);
  return { body, size, mimeType, cacheControl: headerOf(cacheControl), userMetadata: metadata && formMetadata(JSON.stringify(metadata)), xRobotsTag: undefined };
}

/** Clients give seconds as text too. */
const headerOf = (cacheControl: number | string): string => (/^\d+$/.test(String(cacheControl)) ? `max-age=${cacheControl}` : String(cacheControl));

function bytesOf(given: UploadBody): Read {
  if (typeof given === "string") return { ...whole(Buffer.from(given)), type: "text/plain;charset=UTF-8" };
  if (given instanceof Uint8Array) return whole(given);
  if (given instanceof ArrayBuffer) return whole(new Uint8Array(given));
  if (given instanceof Blob) return { body: given.stream() as AsyncIterable<Uint8Array>, size: given.size, type: given.type };
  if (typeof given === "object" && given !== null && Symbol.asyncIterator in given) return { body: chunks(given as AsyncIterable<unknown>), size: undefined };
  throw notBytes();
}

const whole = (body: Uint8Array): Read => ({ body, size: body.byteLength });

async function* chunks(given: AsyncIterable<unknown>): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of given) {
    if (typeof chunk === "string") yield Buffer.from(chunk);
    else if (chunk instanceof Uint8Array) yield chunk;
    else throw notBytes();
  }
}

const notBytes = (): StorageError => new StorageError(STORAGE_ERRORS.invalidRequest, { message: "An upload is text, bytes, a Blob, or a stream of these" });
