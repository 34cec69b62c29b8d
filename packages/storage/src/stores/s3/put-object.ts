import { BackendError, type ObjectKey, type PutOptions, STORE_ERRORS, type StoredObject, type StoredPart } from "@plinth/core";
import { etagOfParts } from "../etag.ts";
import { type Body, readBody } from "../read-body.ts";
import { MAX_PARTS, MIN_PART_SIZE } from "../upload-parts.ts";
import { PartBuffer } from "./part-buffer.ts";
import { putBytes } from "./put-bytes.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { abortUpload, beginUpload, joinParts } from "./s3-uploads.ts";

/**
 * What fits into a part goes in one request, more in parts, of which one is on its way while the next is read. Parts are
 * held in memory so that the SDK can send them again.
 *
 * @throws as `ObjectStore.put`
 */
export async function putObject(bucket: S3Bucket, key: ObjectKey, body: Body, options: PutOptions, partSize = MIN_PART_SIZE): Promise<StoredObject> {
  const upload = new StreamedUpload(bucket, key, options.signal);
  try {
    const buffer = new PartBuffer(Math.max(partSize, MIN_PART_SIZE, Math.ceil((options.size ?? 0) / MAX_PARTS)));
    await readBody(body, options, (chunk) => {
      buffer.add(chunk);
      return buffer.isFull ? upload.addAll(buffer) : undefined;
    });
    return await upload.end(buffer.take());
  } catch (error) {
    await upload.abort();
    throw error;
  }
}

class StreamedUpload {
  readonly #bucket: S3Bucket;
  readonly #key: ObjectKey;
  readonly #signal: AbortSignal | undefined;
  readonly #parts: StoredPart[] = [];
  #id: Promise<string> | undefined;
  #onItsWay: Promise<unknown> = Promise.resolve();
  #failure: unknown;
  #wasPut = false;

  constructor(bucket: S3Bucket, key: ObjectKey, signal: AbortSignal | undefined) {
    this.#bucket = bucket;
    this.#key = key;
    this.#signal = signal;
  }

  /** Waits until the part before has arrived, not for this one. */
  async addAll(buffer: PartBuffer): Promise<void> {
    while (buffer.isFull) await this.#add(buffer.take());
  }

  async end(last: Buffer): Promise<StoredObject> {
    if (this.#id === undefined) {
      this.#wasPut = true;
      const etag = await putBytes(this.#bucket, { key: this.#key }, last, this.#signal);
      return { size: last.length, etag, lastModified: new Date() };
    }
    await this.#add(last);
    await this.#settle();
    this.#signal?.throwIfAborted();
    const etag = etagOfParts(this.#parts.map((part) => part.etag));
    return joinParts(this.#bucket, this.#key, await this.#id, this.#parts, etag);
  }

  /** As far as the server lets it: what it keeps, `listUploads` finds. An object that it may have kept is deleted. */
  async abort(): Promise<void> {
    await this.#onItsWay;
    const id = await this.#id?.catch(() => undefined);
    if (id !== undefined) await abortUpload(this.#bucket, this.#key, id).catch(() => {});
    const object = this.#bucket.at(this.#key);
    if (this.#wasPut) await this.#bucket.send((client, sdk) => client.send(new sdk.DeleteObjectCommand(object))).catch(() => {});
  }

  async #add(bytes: Buffer): Promise<void> {
    await this.#settle();
    const number = this.#parts.length + 1;
    if (number > MAX_PARTS) throw new BackendError(STORE_ERRORS.tooLarge, { details: `More than ${MAX_PARTS} parts: say the size of what is put, or set a larger partSize.` });
    const uploadId = await (this.#id ??= beginUpload(this.#bucket, this.#key));
    this.#onItsWay = putBytes(this.#bucket, { key: this.#key, part: { uploadId, number } }, bytes, this.#signal).then(
      (etag) => this.#parts.push({ number, size: bytes.length, etag }),
      (error: unknown) => (this.#failure = error),
    );
  }

  async #settle(): Promise<void> {
    await this.#onItsWay;
    if (this.#failure !== undefined) throw this.#failure;
  }
}
