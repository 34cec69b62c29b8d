import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import { BackendError, type GetOptions, type ListedObject, type ObjectKey, type ObjectStore, type PutOptions, STORE_ERRORS, type StoredObject, type StoredPart } from "@plinth/core";
import { bytesStream } from "../bytes-stream.ts";
import { assertWithin } from "../byte-range.ts";
import { etagOfParts, md5Etag } from "../etag.ts";
import { assertObjectKey } from "../object-key.ts";
import { type Body, readBody } from "../read-body.ts";
import { assertPartNumber, noUpload, partsToJoin } from "../upload-parts.ts";

export interface MemoryStoreOptions {
  /** Bytes kept at most, those of uploads under way included: what doesn't fit is refused as by a full disk. Default: 256 MiB. */
  readonly maxBytes?: number | undefined;
}

interface KeptObject extends StoredObject {
  readonly bytes: Uint8Array;
}

interface KeptPart extends StoredPart {
  readonly bytes: Uint8Array;
}

interface KeptUpload {
  readonly key: ObjectKey;
  readonly begunAt: Date;
  readonly parts: Map<number, KeptPart>;
}

/** Objects in this process's memory, gone with it: for tests. */
export class MemoryStore implements ObjectStore {
  readonly kind = "memory";
  readonly #maxBytes: number;
  readonly #objects = new Map<ObjectKey, KeptObject>();
  readonly #uploads = new Map<string, KeptUpload>();
  #used = 0;

  constructor({ maxBytes = 256 * 1024 * 1024 }: MemoryStoreOptions = {}) {
    this.#maxBytes = maxBytes;
  }

  async put(key: ObjectKey, body: Body, options: PutOptions = {}): Promise<StoredObject> {
    assertObjectKey(key);
    const bytes = await this.#collect(body, options);
    return this.#keep(key, bytes, md5Etag(bytes));
  }

  async get(key: ObjectKey, { range, signal }: GetOptions = {}): Promise<Readable | undefined> {
    assertObjectKey(key);
    signal?.throwIfAborted();
    const found = this.#objects.get(key);
    if (found === undefined) return undefined;
    if (range !== undefined) assertWithin(range, found.size);
    return bytesStream(Buffer.from(found.bytes.subarray(range?.start ?? 0, (range?.end ?? found.size) + 1)), signal);
  }

  async head(key: ObjectKey): Promise<StoredObject | undefined> {
    assertObjectKey(key);
    const found = this.#objects.get(key);
    return found === undefined ? undefined : described(found);
  }

  async copy(from: ObjectKey, to: ObjectKey): Promise<StoredObject | undefined> {
    assertObjectKey(from);
    assertObjectKey(to);
    const found = this.#objects.get(from);
    if (found === undefined) return undefined;
    this.#take(found.size);
    return this.#keep(to, found.bytes, found.etag);
  }

  async delete(keys: readonly ObjectKey[]): Promise<void> {
    keys.forEach(assertObjectKey);
    for (const key of keys) this.#drop(key);
  }

  async *list(prefix: ObjectKey): AsyncGenerator<ListedObject, void> {
    assertObjectKey(prefix);
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(`${prefix}/`)).sort();
    for (const key of keys) {
      const found = this.#objects.get(key);
      if (found !== undefined) yield { key, size: found.size, lastModified: found.lastModified };
    }
  }

  async beginUpload(key: ObjectKey): Promise<string> {
    assertObjectKey(key);
    const id = randomUUID();
    this.#uploads.set(id, { key, begunAt: new Date(), parts: new Map() });
    return id;
  }

  async putPart(key: ObjectKey, uploadId: string, number: number, body: Body, options: PutOptions = {}): Promise<StoredPart> {
    assertPartNumber(number);
    this.#upload(key, uploadId);
    const bytes = await this.#collect(body, options);
    const upload = this.#uploads.get(uploadId);
    this.#used -= upload === undefined ? bytes.length : (upload.parts.get(number)?.size ?? 0);
    if (upload === undefined) throw noUpload();
    const part = { number, size: bytes.length, etag: md5Etag(bytes), bytes };
    upload.parts.set(number, part);
    return describedPart(part);
  }

  async listParts(key: ObjectKey, uploadId: string): Promise<readonly StoredPart[]> {
    const { parts } = this.#upload(key, uploadId);
    return [...parts.values()].map(describedPart).sort((one, other) => one.number - other.number);
  }

  async completeUpload(key: ObjectKey, uploadId: string, wanted: readonly Pick<StoredPart, "number" | "etag">[]): Promise<StoredObject> {
    const { parts } = this.#upload(key, uploadId);
    const joined = partsToJoin([...parts.values()], wanted).map(({ number }) => parts.get(number)!.bytes);
    const bytes = Buffer.concat(joined);
    await this.abortUpload(key, uploadId);
    this.#take(bytes.length);
    return this.#keep(key, bytes, etagOfParts(wanted.map(({ etag }) => etag)));
  }

  async abortUpload(key: ObjectKey, uploadId: string): Promise<void> {
    assertObjectKey(key);
    const upload = this.#uploads.get(uploadId);
    if (upload?.key !== key) return;
    this.#uploads.delete(uploadId);
    for (const { size } of upload.parts.values()) this.#used -= size;
  }

  async *listUploads(prefix: ObjectKey): AsyncGenerator<{ key: ObjectKey; uploadId: string; begunAt: Date }, void> {
    assertObjectKey(prefix);
    for (const [uploadId, { key, begunAt }] of this.#uploads) {
      if (key.startsWith(`${prefix}/`)) yield { key, uploadId, begunAt };
    }
  }

  #upload(key: ObjectKey, uploadId: string): KeptUpload {
    assertObjectKey(key);
    const upload = this.#uploads.get(uploadId);
    if (upload?.key !== key) throw noUpload();
    return upload;
  }

  async #collect(body: Body, options: PutOptions): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let taken = 0;
    try {
      await readBody(body, options, (chunk) => {
        this.#take(chunk.byteLength);
        taken += chunk.byteLength;
        chunks.push(chunk);
        return undefined;
      });
      return Buffer.concat(chunks);
    } catch (error) {
      this.#used -= taken;
      throw error;
    }
  }

  #take(bytes: number): void {
    if (this.#used + bytes > this.#maxBytes) throw new BackendError(STORE_ERRORS.full, { details: `${this.#maxBytes} bytes are kept at most.` });
    this.#used += bytes;
  }

  #keep(key: ObjectKey, bytes: Uint8Array, etag: string): StoredObject {
    this.#drop(key);
    const kept = { size: bytes.length, etag, lastModified: new Date(), bytes };
    this.#objects.set(key, kept);
    return described(kept);
  }

  #drop(key: ObjectKey): void {
    this.#used -= this.#objects.get(key)?.size ?? 0;
    this.#objects.delete(key);
  }
}

const described = ({ size, etag, lastModified }: KeptObject): StoredObject => ({ size, etag, lastModified });

const describedPart = ({ number, size, etag }: KeptPart): StoredPart => ({ number, size, etag });
