import type { Readable } from "node:stream";

/**
 * Where a store keeps some bytes: parts of `[A-Za-z0-9_-]`, one to 200 of them each, joined by "/", 800 characters at most in
 * all. Never made of what users name things: a key can't leave its prefix, and renaming an object moves no bytes. Keys that
 * differ in case are two, which not every file system knows: make them of lower case.
 */
export type ObjectKey = string;

/** What a store knows of the bytes below a key. */
export interface StoredObject {
  /** Bytes. */
  readonly size: number;
  /** Quoted, as in the header (RFC 9110, 8.8.3): MD5 of the bytes as hex, or of the MD5s of their parts, "-" and how many there were. */
  readonly etag: string;
  readonly lastModified: Date;
}

/** `end` is the last byte's place, not the one after. Both are within the object: of one without bytes there is no range. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface PutOptions {
  /**
   * The key was never used, and nobody asks for it before the put has ended: a store may write in its place at once, and a
   * process that is killed meanwhile may leave a part there. Default: false.
   */
  readonly fresh?: boolean | undefined;
  /** Whether the bytes have to outlast a power failure, for stores that can choose: waiting for a disk costs. Default: true. */
  readonly durable?: boolean | undefined;
  /** Bytes that come, where that is known: anything else is an error. */
  readonly size?: number | undefined;
  /** Of what comes more than that many bytes of, nothing is kept. Default: any number. */
  readonly maxSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface GetOptions {
  /** Default: all of it. */
  readonly range?: ByteRange | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A part of an upload, as it was put. */
export interface StoredPart {
  /** 1 to 10,000. */
  readonly number: number;
  readonly size: number;
  /** Quoted MD5 of its bytes. */
  readonly etag: string;
}

export interface ListedObject {
  readonly key: ObjectKey;
  readonly size: number;
  readonly lastModified: Date;
}

/**
 * Bytes below keys. What is below a key never changes: it is written once, whole or not at all, read, and deleted. Names,
 * rights and metadata are elsewhere. Whoever implements it runs `describeObjectStore` of `@plinth/testing/vitest`.
 *
 * Every method throws BackendError PLINTH_STORE_UNAVAILABLE where the store can't be reached or fails by itself (the disk
 * is full: PLINTH_STORE_FULL), the signal's reason once it fires, and a TypeError for what is no key. So do streams of
 * `get`, and where there are fewer bytes than there should be.
 *
 * Bodies are read until they end or something fails, then closed. Chunks that a body gave mustn't change afterwards.
 */
export interface ObjectStore {
  /** "filesystem", "s3", "memory": for messages. */
  readonly kind: string;

  /**
   * Keeps all that `body` gives, in place of what may be there. When it resolves, the bytes outlive the process; when it
   * rejects, none of them are below the key, and what was there before may be gone. Nobody ever sees a part of them.
   * @throws BackendError PLINTH_STORE_TOO_LARGE beyond `maxSize`, PLINTH_STORE_WRONG_SIZE where `size` is another; what `body` throws
   */
  put(key: ObjectKey, body: AsyncIterable<Uint8Array> | Uint8Array, options?: PutOptions): Promise<StoredObject>;

  /**
   * @returns the bytes as they are read, to be read or destroyed; undefined where there is nothing below the key
   * @throws RangeError where the range isn't within the object
   */
  get(key: ObjectKey, options?: GetOptions): Promise<Readable | undefined>;

  /** Undefined where there is nothing below the key. */
  head(key: ObjectKey): Promise<StoredObject | undefined>;

  /** A copy has an age of its own, and the bytes' ETag or another. @returns undefined where there is nothing below `from` */
  copy(from: ObjectKey, to: ObjectKey): Promise<StoredObject | undefined>;

  /** Those that aren't there are none to be deleted. */
  delete(keys: readonly ObjectKey[]): Promise<void>;

  /** All below `prefix + "/"`, in the order of their keys, those of uploads under way left out. */
  list(prefix: ObjectKey): AsyncIterable<ListedObject>;

  /** Begins an upload in parts. @returns its id, which other processes know too */
  beginUpload(key: ObjectKey): Promise<string>;

  /**
   * Keeps a part, in place of one of the same number. Parts may come in any order, several at a time.
   * @throws BackendError as `put`; PLINTH_STORE_NO_UPLOAD; PLINTH_STORE_INVALID_PART where the number is none
   */
  putPart(key: ObjectKey, uploadId: string, number: number, body: AsyncIterable<Uint8Array> | Uint8Array, options?: PutOptions): Promise<StoredPart>;

  /** Those that were put, by number. @throws BackendError PLINTH_STORE_NO_UPLOAD */
  listParts(key: ObjectKey, uploadId: string): Promise<readonly StoredPart[]>;

  /**
   * Makes the parts one object, in the order given, which is that of their numbers. All that were put are named: some
   * servers (Ceph) leave none out, other stores forget what isn't. But for the last, each has 5 MiB at least, as in S3. Until it resolves, the upload and its parts are there to try again with.
   * @throws BackendError PLINTH_STORE_NO_UPLOAD; PLINTH_STORE_INVALID_PART where there are none, where one was not put, has
   *   another etag, is too small, or comes before one of a smaller number
   */
  completeUpload(key: ObjectKey, uploadId: string, parts: readonly Pick<StoredPart, "number" | "etag">[]): Promise<StoredObject>;

  /** Forgets its parts. Does nothing where there is no such upload. */
  abortUpload(key: ObjectKey, uploadId: string): Promise<void>;

  /** Uploads that were begun below `prefix + "/"` and neither completed nor aborted. */
  listUploads(prefix: ObjectKey): AsyncIterable<{ readonly key: ObjectKey; readonly uploadId: string; readonly begunAt: Date }>;

  /**
   * Removes what processes left that died while they wrote, where a store has such. What is still being written is younger
   * than any `before` that makes sense. @returns how many there were
   */
  removeLeftovers?(before: Date): Promise<number>;

  close?(): Promise<void>;
}
