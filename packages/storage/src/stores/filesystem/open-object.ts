import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { StoredObject } from "@plinth/core";
import { ifPresent, onDisk } from "./disk-error.ts";
import { parseTrailer, TRAILER_SIZE } from "./trailer.ts";

/** Read together with the trailer in one go: a file of that many bytes needs no stream of its own. */
export const SMALL = 64 * 1024;

// A link isn't followed, and what would have to be waited for (a named pipe) isn't.
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** An object's file, open. `bytes` are all of a small object's; otherwise `file` has to be closed by who asked. */
export type OpenObject = StoredObject & ({ readonly bytes: Buffer } | { readonly bytes?: undefined; readonly file: FileHandle });

/**
 * @returns undefined where there is no such file
 * @throws BackendError PLINTH_STORE_UNAVAILABLE for a link, a file that was cut off, and the disk's own errors
 */
export async function openObject(path: string): Promise<OpenObject | undefined> {
  const file = await ifPresent(open(path, READ));
  if (file === undefined) return undefined;
  try {
    const object = await onDisk(describe(path, file));
    if (object.bytes !== undefined) await file.close();
    return object;
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
}

/** What is known of an object, without its bytes. @throws as `openObject` */
export async function headObject(path: string): Promise<StoredObject | undefined> {
  const object = await openObject(path);
  if (object === undefined) return undefined;
  if (object.bytes === undefined) await object.file.close();
  const { size, etag, lastModified } = object;
  return { size, etag, lastModified };
}

/** Bytes of the object in a file of so many. */
export const sizeOf = (stats: Stats): number => stats.size - TRAILER_SIZE;

async function describe(path: string, file: FileHandle): Promise<OpenObject> {
  const stats = await file.stat();
  const size = sizeOf(stats);
  const from = size <= SMALL ? 0 : size;
  if (!stats.isFile() || size < 0) throw new Error(`${path} is no object's file.`);
  const read = await readFully(file, from, stats.size - from);
  const trailer = parseTrailer(read.subarray(size - from), size);
  if (trailer === undefined) throw new Error(`${path} is damaged: it doesn't end as it was written.`);
  const known = { ...trailer, lastModified: stats.mtime };
  return from === 0 ? { ...known, bytes: read.subarray(0, size) } : { ...known, file };
}

async function readFully(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) throw new Error("The file ended before its end.");
    done += bytesRead;
  }
  return bytes;
}
