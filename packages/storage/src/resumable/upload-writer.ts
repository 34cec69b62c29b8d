import { BackendError, type ObjectKey, STORE_ERRORS, type StoredObject } from "@plinth/core";
import type { StorageCall } from "../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { newVersion } from "../objects/write-object.ts";
import { StorageError } from "../storage-error.ts";
import { ByteQueue } from "./byte-queue.ts";
import { planSegments } from "./plan-segments.ts";
import { type Progress, recordProgress, type ResumableUpload, type Segment } from "./resumable-upload.ts";
import { sizeOf, uploadBytes } from "./upload-bytes.ts";

/** Less is not worth a file of its own, in bytes. */
const LEAST_SPILLED = 1_024 * 1_024;

/**
 * Keeps an upload's bytes: a part of the store's whenever there are enough of them, the rest as a segment at the end. Part n
 * always has the same bytes of the object, whoever puts it. What is kept counts from when the upload's row says so, which it
 * does only for its holder; the last part is put together with finishing, so that nobody is told of all bytes before the
 * object is there.
 */
export class UploadWriter {
  readonly #call: StorageCall;
  readonly #upload: ResumableUpload;
  readonly #holder: string;
  readonly #queue = new ByteQueue();
  readonly #key: ObjectKey;
  #progress: Progress;
  #counted = 0;

  constructor(call: StorageCall, upload: ResumableUpload, holder: string) {
    this.#call = call;
    this.#upload = upload;
    this.#holder = holder;
    this.#key = call.storage.keyOf(upload.version);
    this.#progress = upload;
  }

  /** Bytes that are kept, and those that wait to be. */
  get total(): number {
    return this.#progress.received + this.#queue.size;
  }

  get progress(): Progress {
    return this.#progress;
  }

  get isWhole(): boolean {
    return this.total === this.#progress.length;
  }

  /** The client says it at last. */
  setLength(length: number): Promise<void> {
    return this.#record({ ...this.#progress, length });
  }

  /** @throws StorageError ResourceLocked where somebody else holds the upload by now */
  async add(chunk: Uint8Array): Promise<void> {
    this.#queue.add(chunk);
    this.#count(this.#queue.size);
    while (this.#isPartThere()) await this.#putPart();
    const { length } = this.#progress;
    if (this.#call.storage.uploads.buffered.areEnough && this.#queue.size >= LEAST_SPILLED && (length === null || this.total < length)) await this.keepRest();
    this.#count(this.#queue.size);
  }

  /** Holds nothing any more. */
  close(): void {
    this.#count(0);
  }

  /** Keeps what has come since the last part. */
  async keepRest(): Promise<void> {
    const size = this.#queue.size;
    if (size === 0) return;
    const { storage } = this.#call;
    const { kept, joined, size: whole } = planSegments(this.#progress.segments, size);
    const version = newVersion();
    await storage.store.put(storage.keyOf(version), uploadBytes(storage, joined, this.#queue.take(size)), { size: whole });
    try {
      await this.#record({ ...this.#progress, received: this.#progress.received + size, segments: [...kept, { version, size: whole }] });
    } catch (error) {
      await this.#forget([{ version, size: whole }]);
      throw error;
    }
    await this.#forget(joined);
  }

  /** Puts the bytes below the object's key. May be done again, also where a process ended after it had done so. */
  async complete(): Promise<StoredObject> {
    const { store } = this.#call.storage;
    const { store_upload: id } = this.#progress;
    const [total, pending] = [this.total, this.#pending];
    // Still the holder?
    await this.#record(this.#progress);
    const rest = this.#rest(this.#queue.size);
    try {
      if (id === null) return await store.put(this.#key, rest, { size: total });
      if (pending > 0) await store.putPart(this.#key, id, this.#partsPut + 1, rest, { size: pending });
      return await store.completeUpload(this.#key, id, await store.listParts(this.#key, id));
    } catch (error) {
      const stored = isNoUpload(error) ? await store.head(this.#key) : undefined;
      if (stored?.size !== total) throw error;
      return stored;
    }
  }

  /** Of no use any more, once the object is there. */
  forgetSegments(): Promise<void> {
    return this.#forget(this.#progress.segments);
  }

  /** Bytes that are in no part yet. */
  get #pending(): number {
    return sizeOf(this.#progress.segments) + this.#queue.size;
  }

  get #partsPut(): number {
    return (this.#progress.received - sizeOf(this.#progress.segments)) / this.#upload.part_size;
  }

  #isPartThere(): boolean {
    const { length } = this.#progress;
    const { part_size: partSize } = this.#upload;
    return this.#pending > partSize || (this.#pending === partSize && length !== null && this.total < length);
  }

  async #putPart(): Promise<void> {
    const { store } = this.#call.storage;
    const { part_size: partSize } = this.#upload;
    const { segments, received } = this.#progress;
    const id = this.#progress.store_upload ?? (await store.beginUpload(this.#key));
    const taken = partSize - sizeOf(segments);
    await store.putPart(this.#key, id, this.#partsPut + 1, this.#rest(taken), { size: partSize });
    await this.#record({ ...this.#progress, store_upload: id, received: received + taken, segments: [] });
    await this.#forget(segments);
  }

  #count(held: number): void {
    this.#call.storage.uploads.buffered.change(held - this.#counted);
    this.#counted = held;
  }

  #rest(size: number): AsyncGenerator<Uint8Array, void> {
    return uploadBytes(this.#call.storage, this.#progress.segments, this.#queue.take(size));
  }

  async #record(progress: Progress): Promise<void> {
    const [recorded] = await this.#call.query("service", [recordProgress(this.#upload.id, this.#holder, progress)], { unstoppable: true });
    if (recorded!.rows.length === 0) throw new StorageError(STORAGE_ERRORS.resourceLocked, { message: "Another request has gone on with the upload" });
    this.#progress = progress;
  }

  /** What stays is found by the sweep. */
  async #forget(segments: readonly Segment[]): Promise<void> {
    const { store, keyOf } = this.#call.storage;
    if (segments.length > 0) await store.delete(segments.map(({ version }) => keyOf(version))).catch(() => undefined);
  }
}

const isNoUpload = (error: unknown): boolean => error instanceof BackendError && error.code === STORE_ERRORS.noUpload.code;
