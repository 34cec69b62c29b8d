import { constants, type Stats } from "node:fs";
import type { StoredObject } from "@plinth/core";
import { ifPresent, onDisk } from "./disk-error.ts";
import { DiskFile } from "./disk-file.ts";
import { parseTrailer, type Trailer, TRAILER_SIZE } from "./trailer.ts";

/** Bytes read at once with the file's opening: what is in them needs no stream of its own. */
const FIRST_READ = 32 * 1_024;

// A link isn't followed, and what would have to be waited for (a named pipe) isn't.
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** An object's file, open. `bytes` are all of a small object's; otherwise `file` has to be closed by who asked. */
export type OpenObject = Trailer & ({ readonly bytes: Buffer } | { readonly bytes?: undefined; readonly file: DiskFile });

/**
 * @returns undefined where there is no such file
 * @throws BackendError PLINTH_STORE_UNAVAILABLE for a link, a file that was cut off, and the disk's own errors
 */
export function openObject(path: string): Promise<OpenObject | undefined> {
  return withFile(path, async (file) => (await readSmall(file)) ?? describe(path, file));
}

async function withFile<T extends object>(path: string, work: (file: DiskFile) => Promise<T>): Promise<T | undefined> {
  const file = await ifPresent(DiskFile.open(path, READ));
  if (file === undefined) return undefined;
  try {
    const result = await onDisk(work(file));
    // What was read is here; nothing depends on when it is closed.
    if (!("file" in result)) void file.close().catch(() => {});
    return result;
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
}

/** Most files are small: one read has all of such a one, and tells how long it is. */
async function readSmall(file: DiskFile): Promise<OpenObject | undefined> {
  const buffer = Buffer.allocUnsafe(FIRST_READ);
  const bytesRead = await file.read(buffer, 0, FIRST_READ, 0);
  if (bytesRead === FIRST_READ) return undefined;
  const size = bytesRead - TRAILER_SIZE;
  const trailer = size < 0 ? undefined : parseTrailer(buffer.subarray(size, bytesRead), size);
  return trailer && { ...trailer, bytes: buffer.subarray(0, size) };
}

function trailerOf(path: string, bytes: Uint8Array, size: number): Trailer {
  const trailer = parseTrailer(bytes, size);
  if (trailer === undefined) throw new Error(`${path} is damaged: it doesn't end as it was written.`);
  return trailer;
}

/** What is known of an object, without its bytes. @throws as `openObject` */
export function headObject(path: string): Promise<StoredObject | undefined> {
  return withFile(path, async (file) => {
    const { size, etag, lastModified } = await describe(path, file);
    return { size, etag, lastModified };
  });
}

/** Bytes of the object in a file of so many. */
export const sizeOf = (stats: Stats): number => stats.size - TRAILER_SIZE;

async function describe(path: string, file: DiskFile): Promise<StoredObject & { readonly file: DiskFile }> {
  const stats = await file.stat();
  const size = sizeOf(stats);
  if (!stats.isFile() || size < 0) throw new Error(`${path} is no object's file.`);
  return { ...trailerOf(path, await readFully(file, size, TRAILER_SIZE), size), lastModified: stats.mtime, file };
}

async function readFully(file: DiskFile, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const bytesRead = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) throw new Error("The file ended before its end.");
    done += bytesRead;
  }
  return bytes;
}
