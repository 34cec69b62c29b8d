import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, rm, unlink } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import type { GetOptions, ListedObject, ObjectKey, ObjectStore, PutOptions, StoredObject, StoredPart } from "@plinth/core";
import { assertWithin } from "../byte-range.ts";
import { bytesStream } from "../bytes-stream.ts";
import { destroyOnAbort } from "../destroy-on-abort.ts";
import { assertObjectKey } from "../object-key.ts";
import type { Body } from "../read-body.ts";
import { ChunkPool } from "./chunk-pool.ts";
import { ifPresent, onDisk } from "./disk-error.ts";
import { DiskFile } from "./disk-file.ts";
import { listObjects } from "./list-objects.ts";
import { ObjectDirectory, type ObjectPlace } from "./object-directory.ts";
import { flushFile, TEMPORARY, temporaryFile, writeBody } from "./object-writer.ts";
import { headObject, openObject } from "./open-object.ts";
import { readObject } from "./read-object.ts";
import { removeEmptied, removeTemporaries } from "./remove-leftovers.ts";
import { type BegunUpload, UploadDirectory } from "./upload-directory.ts";

export interface FilesystemStoreOptions {
  /** Everything is in it, and nothing else may be. It is made where it isn't there. */
  readonly directory: string;
  /**
   * Waits until the disk has what was put, so that it outlasts a power failure. "database": where the project's database
   * does so too, with its rows. Default: "database".
   */
  readonly fsync?: boolean | "database" | undefined;
}

/** Files removed at once. */
const DELETIONS = 16;

/**
 * Objects as files of one directory. Processes of one machine may share it, and machines a network's file system that
 * renames atomically. Emptied directories stay until `removeLeftovers`.
 */
export class FilesystemStore implements ObjectStore {
  readonly kind = "filesystem";
  readonly #objects: ObjectDirectory;
  readonly #uploads: UploadDirectory;
  readonly #fsync: boolean | "database";
  readonly #chunks = new ChunkPool();

  constructor({ directory, fsync = "database" }: FilesystemStoreOptions) {
    this.#objects = new ObjectDirectory(directory, fsync !== false);
    this.#uploads = new UploadDirectory(this.#objects, fsync === false ? undefined : flushFile);
    this.#fsync = fsync;
  }

  async put(key: ObjectKey, body: Body, options: PutOptions = {}): Promise<StoredObject> {
    const place = await this.#objects.place(key);
    // Nobody sees it meanwhile, and what a killed process leaves there is nobody's: moving it would be for nothing.
    const made = options.fresh === true ? await this.#objects.create(place) : undefined;
    const waits = this.#fsync === "database" ? options.durable !== false : this.#fsync;
    if (made !== undefined) return asObject(await writeBody(made, body, options, waits ? (file) => Promise.all([flushFile(file), this.#objects.sync(place.directory)]) : undefined));
    const written = await writeBody(await temporaryFile(await this.#objects.uploads()), body, options, waits ? flushFile : undefined);
    return this.#publish(written.path, place, written);
  }

  async get(key: ObjectKey, { range, signal }: GetOptions = {}): Promise<Readable | undefined> {
    signal?.throwIfAborted();
    const { directory, file } = await this.#objects.place(key);
    const object = (await this.#objects.has(directory)) ? await openObject(file) : undefined;
    if (object === undefined) return this.#nothing();
    const { start, end } = range ?? { start: 0, end: object.size - 1 };
    try {
      signal?.throwIfAborted();
      if (range !== undefined) assertWithin(range, object.size);
    } catch (error) {
      if (object.bytes === undefined) await object.file.close();
      throw error;
    }
    if (object.bytes !== undefined) return bytesStream(object.bytes.subarray(start, end + 1), signal);
    return destroyOnAbort(readObject(object.file, start, end, this.#chunks), signal);
  }

  async head(key: ObjectKey): Promise<StoredObject | undefined> {
    const { directory, file } = await this.#objects.place(key);
    const object = (await this.#objects.has(directory)) ? await headObject(file) : undefined;
    return object ?? this.#nothing();
  }

  /** Where the file system shares bytes between files (Btrfs, XFS, APFS), none are copied. */
  async copy(from: ObjectKey, to: ObjectKey): Promise<StoredObject | undefined> {
    const place = await this.#objects.place(to);
    const source = await this.#objects.place(from);
    // The source is looked at without following links; copyFile alone would follow one.
    const object = (await this.#objects.has(source.directory)) ? await headObject(source.file) : undefined;
    if (object === undefined) return this.#nothing();
    const temporary = path.join(await this.#objects.uploads(), `${randomUUID()}${TEMPORARY}`);
    try {
      const copied = await ifPresent(copyFile(source.file, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE).then(() => true));
      if (copied === undefined) return undefined;
      if (this.#fsync !== false) await onDisk(syncFile(temporary));
      return await this.#publish(temporary, place, object);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
  }

  async delete(keys: readonly ObjectKey[]): Promise<void> {
    keys.forEach(assertObjectKey);
    for (let from = 0; from < keys.length; from += DELETIONS) {
      await Promise.all(keys.slice(from, from + DELETIONS).map((key) => this.#delete(key)));
    }
  }

  async *list(prefix: ObjectKey): AsyncGenerator<ListedObject, void> {
    const directory = await this.#objects.prefix(prefix);
    if (await this.#objects.has(directory)) yield* listObjects(directory, `${prefix}/`);
  }

  beginUpload(key: ObjectKey): Promise<string> {
    return this.#uploads.begin(key);
  }

  putPart(key: ObjectKey, uploadId: string, number: number, body: Body, options: PutOptions = {}): Promise<StoredPart> {
    return this.#uploads.putPart(key, uploadId, number, body, options);
  }

  listParts(key: ObjectKey, uploadId: string): Promise<readonly StoredPart[]> {
    return this.#uploads.listParts(key, uploadId);
  }

  async completeUpload(key: ObjectKey, uploadId: string, parts: readonly Pick<StoredPart, "number" | "etag">[]): Promise<StoredObject> {
    const place = await this.#objects.place(key);
    const { path: temporary, size, etag } = await this.#uploads.join(key, uploadId, parts);
    const object = await this.#publish(temporary, place, { size, etag });
    await this.#uploads.remove(key, uploadId);
    return object;
  }

  abortUpload(key: ObjectKey, uploadId: string): Promise<void> {
    return this.#uploads.remove(key, uploadId);
  }

  listUploads(prefix: ObjectKey): AsyncIterable<BegunUpload> {
    return this.#uploads.list(prefix);
  }

  /** Temporary files, and directories without anything in them. */
  async removeLeftovers(before: Date): Promise<number> {
    const count = await removeTemporaries(await this.#objects.uploads(), before);
    await removeEmptied(await this.#objects.root(), before);
    return count;
  }

  async #nothing(): Promise<undefined> {
    await this.#objects.assertThere();
    return undefined;
  }

  async #publish(temporary: string, place: ObjectPlace, object: Pick<StoredObject, "size" | "etag">): Promise<StoredObject> {
    try {
      await this.#objects.publish(temporary, place);
      return asObject(object);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
  }

  async #delete(key: ObjectKey): Promise<void> {
    const { directory, file } = await this.#objects.place(key);
    if (await this.#objects.has(directory)) await ifPresent(unlink(file));
  }
}

/** The file's own time is the same, but for the moment that writing it took. */
const asObject = ({ size, etag }: Pick<StoredObject, "size" | "etag">): StoredObject => ({ size, etag, lastModified: new Date() });

async function syncFile(file: string): Promise<void> {
  const handle = await DiskFile.open(file, "r+");
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
