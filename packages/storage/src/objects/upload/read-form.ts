import { Readable } from "node:stream";
import { Busboy, type BusboyFileStream, type BusboyInstance } from "@fastify/busboy";
import { collectBytes, contentLength, readBytes } from "@plinth/core";
import { STORAGE_ERRORS } from "../../errors.ts";
import { StorageError } from "../../storage-error.ts";
import { checkMimeType } from "./check-mime-type.ts";
import type { Upload, UploadLimits } from "./upload.ts";
import { formMetadata } from "./user-metadata.ts";
import { SMALL_BYTES } from "./small-bytes.ts";

/** Upstream's, with one more for what a form may bring that nobody reads. */
const LIMITS = { fields: 10, files: 1, fieldSize: 1_048_577, headerPairs: 50 };

interface FormFile {
  readonly stream: BusboyFileStream;
  readonly mimeType: string;
}

/**
 * The one file of a form, with the fields before it: `cacheControl` (seconds), `metadata` (JSON), `contentType`.
 * @throws StorageError EntityTooLarge, InvalidMimeType, InvalidRequest where there is no file
 */
export async function readForm(request: Request, { maxSize, mimeTypes }: UploadLimits): Promise<Omit<Upload, "xRobotsTag">> {
  const fields = new Map<string, string>();
  const source = await sourceOf(request);
  const file = await firstFile(request.headers.get("content-type")!, source, maxSize, fields);
  const mimeType = fields.get("contentType") || file.mimeType;
  try {
    checkMimeType(mimeType, mimeTypes);
    const cacheTime = fields.get("cacheControl");
    return {
      body: source instanceof Uint8Array ? await collectBytes(bytesOf(file.stream)) : bytesOf(file.stream),
      size: undefined,
      mimeType,
      cacheControl: cacheTime ? `max-age=${cacheTime}` : "no-cache",
      userMetadata: formMetadata(fields.get("metadata") ?? fields.get("userMetadata")),
    };
  } catch (error) {
    file.stream.resume();
    throw error;
  }
}

async function sourceOf(request: Request): Promise<Uint8Array | Readable> {
  const size = contentLength(request.headers.get("content-length"));
  if (size !== undefined && size <= SMALL_BYTES) return readBytes(request, { maxBytes: SMALL_BYTES });
  if (request.body === null) throw new StorageError(STORAGE_ERRORS.noContent);
  return Readable.fromWeb(request.body as Parameters<typeof Readable.fromWeb>[0]);
}

function firstFile(contentType: string, source: Uint8Array | Readable, maxSize: number, fields: Map<string, string>): Promise<FormFile> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => reject(new StorageError(STORAGE_ERRORS.noContent, { message: cause instanceof Error ? cause.message : STORAGE_ERRORS.noContent.message, cause }));
    const parser = parserOf(contentType, maxSize, fail);
    if (parser === undefined) return;
    parser.on("field", (name, value) => void fields.set(name, value));
    parser.on("file", (_name, stream, _filename, _encoding, mimeType) => {
      // A form that is cut off breaks its file, perhaps before anybody reads it.
      const breakOff = (error: Error): void => void stream.destroy(error);
      stream.on("error", breakOff);
      if (source instanceof Readable) source.once("error", breakOff);
      resolve({ stream, mimeType });
    });
    parser.on("finish", () => fail(undefined));
    parser.on("error", fail);
    if (source instanceof Uint8Array) parser.end(source);
    else source.on("error", fail).pipe(parser);
  });
}

function parserOf(contentType: string, maxSize: number, fail: (cause: unknown) => void): BusboyInstance | undefined {
  try {
    return new Busboy({ headers: { "content-type": contentType }, limits: { ...LIMITS, fileSize: maxSize }, isPartAFile: (name, type, filename) => type === "application/octet-stream" || filename !== undefined || name === "" });
  } catch (error) {
    fail(error);
    return undefined;
  }
}

/** A file that is cut off, or where it is too large, must not be taken for a whole one. */
async function* bytesOf(stream: BusboyFileStream): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (cause) {
    throw new StorageError(STORAGE_ERRORS.noContent, { message: (cause as Error).message, cause });
  }
  if (stream.truncated) throw new StorageError(STORAGE_ERRORS.tooLarge);
}
