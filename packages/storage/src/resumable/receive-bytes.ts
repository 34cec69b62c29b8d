import { findBucket } from "../buckets/find-bucket.ts";
import type { StorageCall } from "../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { limitsOf } from "../objects/upload/receive-upload.ts";
import { StorageError } from "../storage-error.ts";
import { finishObject } from "./finish-object.ts";
import { releaseUpload, type ResumableUpload, takeUpload, toUploads } from "./resumable-upload.ts";
import { UploadWriter } from "./upload-writer.ts";
import type { Receiving } from "./uploads-under-way.ts";

/** Bytes of an upload, as a request brings them. */
export interface Piece {
  /** Where in the object they begin. */
  readonly offset: number;
  /** The upload's, where the request is the first to say it. */
  readonly length: number | undefined;
  readonly body: ReadableStream<Uint8Array> | null;
  /** Bytes that are announced. */
  readonly size: number | undefined;
}

/** Where the upload is after it. */
export interface Received {
  readonly offset: number;
  readonly isFinished: boolean;
}

/**
 * Takes the bytes that a request brings, and finishes the upload with the last of them. What came is kept also where the
 * request breaks off.
 * @throws StorageError UploadOffsetConflict, EntityTooLarge, NoSuchUpload; ResourceLocked where another request goes on with it
 */
export async function receiveBytes(call: StorageCall, id: string, piece: Piece): Promise<Received> {
  const { uploads } = call.storage;
  await uploads.interrupt(call, id);
  const receiving = await uploads.begin(id);
  try {
    const [taken] = await call.query("service", [takeUpload(id, receiving.holder)]);
    const [upload] = toUploads(taken!);
    if (upload === undefined) throw new StorageError(STORAGE_ERRORS.noSuchUpload);
    return await receive(call, upload, piece, receiving);
  } finally {
    await call.query("service", [releaseUpload(id, receiving.holder)], { unstoppable: true }).catch(() => undefined);
    receiving.end();
  }
}

async function receive(call: StorageCall, upload: ResumableUpload, piece: Piece, receiving: Receiving): Promise<Received> {
  if (piece.offset !== upload.received) throw new StorageError(STORAGE_ERRORS.uploadOffset);
  // Another request has ended it meanwhile.
  if (upload.finished) return { offset: upload.received, isFinished: true };
  const writer = new UploadWriter(call, upload, receiving.holder);
  try {
    return await write(call, upload, piece, receiving, writer);
  } finally {
    writer.close();
  }
}

async function write(call: StorageCall, upload: ResumableUpload, piece: Piece, { interrupted }: Receiving, writer: UploadWriter): Promise<Received> {
  const limit = await limitFor(call, upload, piece);
  if (piece.length !== undefined && upload.length === null) await writer.setLength(piece.length);
  if (piece.offset + (piece.size ?? 0) > limit) throw tooLarge();
  const broken = await read(piece.body, writer, limit, interrupted);
  const offset = writer.total;
  if (writer.isWhole) {
    await finishObject(call, upload, writer);
    return { offset, isFinished: true };
  }
  await writer.keepRest();
  if (interrupted.aborted) throw new StorageError(STORAGE_ERRORS.resourceLocked, { message: "Another request goes on with the upload" });
  if (broken !== undefined) throw broken.cause;
  return { offset, isFinished: false };
}

/** How many bytes it may have. */
async function limitFor(call: StorageCall, upload: ResumableUpload, { length }: Piece): Promise<number> {
  const { maxSize } = limitsOf(call, await findBucket(call, upload.bucket_id), upload.name);
  const whole = upload.length ?? length;
  if (whole !== undefined && (whole > maxSize || whole < upload.received)) throw tooLarge();
  return whole ?? maxSize;
}

/** @returns why it ended early, where it did */
async function read(body: ReadableStream<Uint8Array> | null, writer: UploadWriter, limit: number, interrupted: AbortSignal): Promise<{ readonly cause: unknown } | undefined> {
  if (body === null) return undefined;
  const reader = body.getReader();
  const stop = (): void => void reader.cancel().catch(() => undefined);
  interrupted.addEventListener("abort", stop, { once: true });
  try {
    for (;;) {
      if (interrupted.aborted) return undefined;
      const { done, value, cause } = await readChunk(reader);
      if (cause !== undefined) return { cause };
      if (done) return undefined;
      if (writer.total + value.byteLength > limit) throw tooLarge();
      await writer.add(value);
    }
  } catch (error) {
    stop();
    throw error;
  } finally {
    interrupted.removeEventListener("abort", stop);
  }
}

type Read = { readonly done: true; readonly value?: undefined; readonly cause?: unknown } | { readonly done: false; readonly value: Uint8Array; readonly cause?: undefined };

/** A connection that breaks is no failure of the upload. */
async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Read> {
  try {
    const { done, value } = await reader.read();
    return done ? { done } : { done, value };
  } catch (cause) {
    return { done: true, cause: cause ?? new Error("The body broke off.") };
  }
}

const tooLarge = (): StorageError => new StorageError(STORAGE_ERRORS.tooLarge, { message: "Maximum size exceeded" });
