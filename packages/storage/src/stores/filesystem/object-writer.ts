import { createHash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import type { PutOptions } from "@plinth/core";
import { type Body, readBody } from "../read-body.ts";
import { diskError, onDisk } from "./disk-error.ts";
import { DiskFile } from "./disk-file.ts";
import { formatTrailer } from "./trailer.ts";

/** Bytes that are written at once, and that may wait meanwhile: while the disk has some, the next are read and hashed. */
const BATCH = 512 * 1024;

/** For a file that isn't there yet. */
export const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** A file without anything in it yet. */
export interface NewFile {
  readonly path: string;
  readonly file: DiskFile;
}

export interface WrittenFile {
  readonly path: string;
  readonly size: number;
  readonly etag: string;
}

/** Waits until the disk has what was written; undefined: nobody waits. */
export type Flush = ((file: DiskFile) => Promise<unknown>) | undefined;

export const flushFile = (file: DiskFile): Promise<void> => file.datasync();

/** What a temporary file is filled with. @returns the ETag, once all of it has been handed to `write` */
type Fill = (writer: BatchWriter) => Promise<string>;

export const TEMPORARY = ".tmp";

/** @returns a file to be written, and then to be moved to its place or removed */
export async function temporaryFile(folder: string): Promise<NewFile> {
  const temporary = path.join(folder, `${randomUUID()}${TEMPORARY}`);
  return { path: temporary, file: await onDisk(DiskFile.open(temporary, CREATE)) };
}

/** Writes the body and its trailer. */
export function writeBody(made: NewFile, body: Body, options: PutOptions, flush: Flush): Promise<WrittenFile> {
  return writeObject(made, flush, async (writer) => {
    const digest = createHash("md5");
    await readBody(body, options, (chunk) => {
      const room = writer.write(chunk);
      digest.update(chunk);
      return room;
    });
    return `"${digest.digest("hex")}"`;
  });
}

/** As `writeBody`, with what `fill` writes. The file is closed, and where that throws, removed. */
export async function writeObject({ path: written, file }: NewFile, flush: Flush, fill: Fill): Promise<WrittenFile> {
  const writer = new BatchWriter(file);
  try {
    const etag = await fill(writer);
    const { size } = writer;
    await writer.end(formatTrailer({ etag, size }));
    if (flush !== undefined) await onDisk(flush(file));
    await onDisk(file.close());
    return { path: written, size, etag };
  } catch (error) {
    await writer.settle();
    await file.close().catch(() => {});
    await rm(written, { force: true }).catch(() => {});
    throw error;
  }
}

/** Writes in batches, one at a time, while further chunks may come. */
export class BatchWriter {
  /** Bytes that were handed over. */
  size = 0;
  readonly #file: DiskFile;
  #waiting: Uint8Array[] = [];
  #waitingSize = 0;
  #batch: Promise<void> | undefined;
  #failure: unknown;

  constructor(file: DiskFile) {
    this.#file = file;
  }

  /** @returns a promise where as many bytes wait as may */
  write(chunk: Uint8Array): Promise<void> | undefined {
    this.#check();
    this.size += chunk.byteLength;
    this.#waiting.push(chunk);
    this.#waitingSize += chunk.byteLength;
    if (this.#waitingSize < BATCH) return undefined;
    if (this.#batch === undefined) {
      this.#start();
      return undefined;
    }
    return this.#afterBatch();
  }

  /** Waits until all is written, `last` too. */
  async end(last: Uint8Array): Promise<void> {
    this.#waiting.push(last);
    await this.settle();
    this.#check();
    this.#start();
    await this.settle();
    this.#check();
  }

  async settle(): Promise<void> {
    while (this.#batch !== undefined) await this.#batch;
  }

  async #afterBatch(): Promise<void> {
    await this.#batch;
    this.#check();
    if (this.#batch === undefined && this.#waitingSize >= BATCH) this.#start();
  }

  #check(): void {
    if (this.#failure !== undefined) throw diskError(this.#failure);
  }

  #start(): void {
    const chunks = this.#waiting;
    this.#waiting = [];
    this.#waitingSize = 0;
    this.#batch = writeAll(this.#file, chunks).then(
      () => void (this.#batch = undefined),
      (error: unknown) => {
        this.#failure = error;
        this.#batch = undefined;
      },
    );
  }
}

/** A disk that is nearly full takes some of the bytes, and says so at the next attempt. */
async function writeAll(file: DiskFile, chunks: readonly Uint8Array[]): Promise<void> {
  const [first] = chunks;
  if (first === undefined) return;
  let rest = chunks.length === 1 ? first : await writeVector(file, chunks);
  while (rest.byteLength > 0) {
    rest = rest.subarray(await file.write(rest));
  }
}

/** Many small chunks are copied into one, which takes less than a vector of them. @returns what is left to be written */
async function writeVector(file: DiskFile, chunks: readonly Uint8Array[]): Promise<Uint8Array> {
  if (chunks.length > 64) return Buffer.concat(chunks);
  const bytesWritten = await file.writeAll(chunks);
  const total = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return bytesWritten === total ? NOTHING : Buffer.concat(chunks).subarray(bytesWritten);
}

const NOTHING = new Uint8Array(0);
