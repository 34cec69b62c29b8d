import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { ObjectKey, PutOptions, StoredPart } from "@plinth/core";
import { bytesStream } from "../bytes-stream.ts";
import { etagOfParts } from "../etag.ts";
import { assertObjectKey } from "../object-key.ts";
import type { Body } from "../read-body.ts";
import { assertPartNumber, noUpload, partsToJoin } from "../upload-parts.ts";
import { ChunkPool } from "./chunk-pool.ts";
import { diskError, ifPresent, isAbsent, onDisk } from "./disk-error.ts";
import type { ObjectDirectory } from "./object-directory.ts";
import { type Flush, TEMPORARY, temporaryFile, writeBody, writeObject, type WrittenFile } from "./object-writer.ts";
import { headObject, openObject } from "./open-object.ts";
import { readObject } from "./read-object.ts";

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const PART = /^[1-9][0-9]{0,4}$/;
const KEY_FILE = "key";

/** Parts looked at at once. */
const AHEAD = 32;

export interface BegunUpload {
  readonly key: ObjectKey;
  readonly uploadId: string;
  readonly begunAt: Date;
}

/** Uploads in parts: each a directory with a file for its key and one for each part, written as objects are. */
export class UploadDirectory {
  readonly #objects: ObjectDirectory;
  readonly #flush: Flush;

  constructor(objects: ObjectDirectory, flush: Flush) {
    this.#objects = objects;
    this.#flush = flush;
  }

  async begin(key: ObjectKey): Promise<string> {
    assertObjectKey(key);
    const id = randomUUID();
    const uploads = await this.#objects.uploads();
    const temporary = path.join(uploads, `${id}${TEMPORARY}`);
    await onDisk(this.#writeKey(temporary, key));
    await onDisk(rename(temporary, path.join(uploads, id)));
    await this.#objects.sync(uploads);
    return id;
  }

  async putPart(key: ObjectKey, id: string, number: number, body: Body, options: PutOptions): Promise<StoredPart> {
    assertPartNumber(number);
    const upload = await this.#find(key, id);
    const { path: written, size, etag } = await writeBody(await temporaryFile(await this.#objects.uploads()), body, options, this.#flush);
    try {
      await rename(written, path.join(upload, String(number)));
    } catch (error) {
      await rm(written, { force: true }).catch(() => {});
      throw isAbsent(error) ? noUpload() : diskError(error);
    }
    await this.#objects.sync(upload);
    return { number, size, etag };
  }

  async listParts(key: ObjectKey, id: string): Promise<readonly StoredPart[]> {
    return partsIn(await this.#find(key, id));
  }

  /** @returns a file with all parts, one after the other; the parts stay where they are, so that a crash costs nothing but the file */
  async join(key: ObjectKey, id: string, wanted: readonly Pick<StoredPart, "number" | "etag">[]): Promise<WrittenFile> {
    const upload = await this.#find(key, id);
    const parts = partsToJoin(await partsIn(upload), wanted);
    return writeObject(await temporaryFile(await this.#objects.uploads()), this.#flush, async (writer) => {
      for (const part of parts) {
        for await (const chunk of await readPart(upload, part)) {
          const room = writer.write(chunk);
          if (room !== undefined) await room;
        }
      }
      return etagOfParts(parts.map(({ etag }) => etag));
    });
  }

  /** Gone in one step, whatever becomes of removing its files. */
  async remove(key: ObjectKey, id: string): Promise<void> {
    const upload = await this.#path(key, id);
    if (upload === undefined) return;
    const gone = `${upload}.${randomUUID()}${TEMPORARY}`;
    const renamed = await ifPresent(rename(upload, gone).then(() => true));
    if (renamed === true) await onDisk(rm(gone, { recursive: true, force: true }));
  }

  async *list(prefix: string): AsyncGenerator<BegunUpload, void> {
    assertObjectKey(prefix);
    const uploads = await this.#objects.uploads();
    for (const uploadId of (await onDisk(readdir(uploads))).filter((name) => ID.test(name))) {
      const begun = await readKey(path.join(uploads, uploadId));
      if (begun?.key.startsWith(`${prefix}/`) === true) yield { uploadId, ...begun };
    }
  }

  async #writeKey(directory: string, key: ObjectKey): Promise<void> {
    await mkdir(directory, { mode: 0o700 });
    const file = await open(path.join(directory, KEY_FILE), "wx", 0o600);
    try {
      await file.writeFile(key);
      if (this.#flush) await file.datasync();
    } finally {
      await file.close();
    }
    await this.#objects.sync(directory);
  }

  async #find(key: ObjectKey, id: string): Promise<string> {
    const upload = await this.#path(key, id);
    if (upload === undefined) throw noUpload();
    return upload;
  }

  /** An id comes from a client. @returns undefined where there is no such upload of that key */
  async #path(key: ObjectKey, id: string): Promise<string | undefined> {
    assertObjectKey(key);
    if (!ID.test(id)) return undefined;
    const upload = path.join(await this.#objects.uploads(), id);
    if (!(await this.#objects.has(upload))) return undefined;
    return (await readKey(upload))?.key === key ? upload : undefined;
  }
}

async function readKey(upload: string): Promise<{ readonly key: ObjectKey; readonly begunAt: Date } | undefined> {
  const file = await ifPresent(open(path.join(upload, KEY_FILE), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)));
  if (file === undefined) return undefined;
  try {
    const [key, stats] = await onDisk(Promise.all([file.readFile("latin1"), file.stat()]));
    return { key, begunAt: stats.mtime };
  } finally {
    await file.close();
  }
}

async function partsIn(upload: string): Promise<readonly StoredPart[]> {
  const numbers = ((await ifPresent(readdir(upload))) ?? []).filter((name) => PART.test(name)).map(Number).sort((one, other) => one - other);
  const parts: StoredPart[] = [];
  for (let from = 0; from < numbers.length; from += AHEAD) {
    const some = await Promise.all(numbers.slice(from, from + AHEAD).map((number) => partOf(upload, number)));
    parts.push(...some.filter((part) => part !== undefined));
  }
  return parts;
}

async function partOf(upload: string, number: number): Promise<StoredPart | undefined> {
  const part = await headObject(path.join(upload, String(number)));
  return part === undefined ? undefined : { number, size: part.size, etag: part.etag };
}

async function readPart(upload: string, { number, etag }: StoredPart): Promise<AsyncIterable<Uint8Array>> {
  const part = await openObject(path.join(upload, String(number)));
  // It was completed or aborted by somebody else meanwhile, or the part was put anew.
  if (part?.etag !== etag) {
    if (part?.bytes === undefined) await part?.file.close();
    throw noUpload();
  }
  return part.bytes === undefined ? readObject(part.file, 0, part.size - 1, new ChunkPool()) : bytesStream(part.bytes, undefined);
}
