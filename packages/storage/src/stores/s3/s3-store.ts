import type { Readable } from "node:stream";
import type { GetOptions, ListedObject, ObjectKey, ObjectStore, PutOptions, StoredObject, StoredPart } from "@plinth/core";
import { assertObjectKey } from "../object-key.ts";
import { type Body, readBody } from "../read-body.ts";
import { assertPartNumber } from "../upload-parts.ts";
import { copyObject, headObject } from "./copy-object.ts";
import { getObject } from "./get-object.ts";
import { putBytes } from "./put-bytes.ts";
import { putObject } from "./put-object.ts";
import { S3Bucket } from "./s3-bucket.ts";
import { isAbsentName, unavailable } from "./s3-error.ts";
import type { S3StoreOptions } from "./s3-options.ts";
import { abortUpload, beginUpload, completeUpload, listParts, listUploads, type NamedPart, uploadIdOf } from "./s3-uploads.ts";

/** Keys of one DeleteObjects request at most. */
const DELETIONS = 1_000;

/** Objects in a bucket of any server that speaks S3, by @aws-sdk/client-s3, which has to be installed. */
export class S3Store implements ObjectStore {
  readonly kind = "s3";
  readonly #bucket: S3Bucket;
  readonly #partSize: number | undefined;

  constructor(options: S3StoreOptions) {
    this.#bucket = new S3Bucket(options);
    this.#partSize = options.partSize;
  }

  async put(key: ObjectKey, body: Body, options: PutOptions = {}): Promise<StoredObject> {
    assertObjectKey(key);
    return putObject(this.#bucket, key, body, options, this.#partSize);
  }

  get(key: ObjectKey, options: GetOptions = {}): Promise<Readable | undefined> {
    return getObject(this.#bucket, key, options);
  }

  head(key: ObjectKey): Promise<StoredObject | undefined> {
    return headObject(this.#bucket, key);
  }

  copy(from: ObjectKey, to: ObjectKey): Promise<StoredObject | undefined> {
    return copyObject(this.#bucket, from, to);
  }

  async delete(keys: readonly ObjectKey[]): Promise<void> {
    const objects = keys.map((key) => ({ Key: this.#bucket.at(key).Key }));
    for (let from = 0; from < objects.length; from += DELETIONS) await this.#delete(objects.slice(from, from + DELETIONS));
  }

  async *list(prefix: ObjectKey): AsyncGenerator<ListedObject, void> {
    const input = this.#bucket.below(prefix);
    for (let token: string | undefined, more = true; more; ) {
      const page = await this.#bucket.send((client, sdk) => client.send(new sdk.ListObjectsV2Command({ ...input, ...(token === undefined ? {} : { ContinuationToken: token }) })));
      for (const { Key: name = "", Size: size = 0, LastModified: lastModified = new Date() } of page.Contents ?? []) yield { key: this.#bucket.keyOf(name), size, lastModified };
      token = page.NextContinuationToken;
      more = token !== undefined;
    }
  }

  beginUpload(key: ObjectKey): Promise<string> {
    return beginUpload(this.#bucket, key);
  }

  /** Held in memory, so that the SDK can send it again. */
  async putPart(key: ObjectKey, uploadId: string, number: number, body: Body, options: PutOptions = {}): Promise<StoredPart> {
    assertPartNumber(number);
    const id = uploadIdOf(uploadId);
    const chunks: Uint8Array[] = [];
    const size = await readBody(body, options, (chunk) => void chunks.push(chunk));
    const etag = await putBytes(this.#bucket, { key, part: { uploadId: id, number } }, Buffer.concat(chunks), options.signal);
    return { number, size, etag };
  }

  async listParts(key: ObjectKey, uploadId: string): Promise<readonly StoredPart[]> {
    return listParts(this.#bucket, key, uploadId);
  }

  completeUpload(key: ObjectKey, uploadId: string, parts: readonly NamedPart[]): Promise<StoredObject> {
    return completeUpload(this.#bucket, key, uploadId, parts);
  }

  abortUpload(key: ObjectKey, uploadId: string): Promise<void> {
    return abortUpload(this.#bucket, key, uploadId);
  }

  listUploads(prefix: ObjectKey): AsyncGenerator<{ key: ObjectKey; uploadId: string; begunAt: Date }, void> {
    return listUploads(this.#bucket, prefix);
  }

  close(): Promise<void> {
    return this.#bucket.close();
  }

  async #delete(objects: { readonly Key: string }[]): Promise<void> {
    const { Errors: errors = [] } = await this.#bucket.send((client, sdk) => client.send(new sdk.DeleteObjectsCommand({ Bucket: this.#bucket.name, Delete: { Objects: objects, Quiet: true } })));
    const failed = errors.filter(({ Code: code }) => !isAbsentName(code));
    if (failed[0] !== undefined) throw unavailable(`The server didn't delete ${failed.length} of ${objects.length} objects: ${failed[0].Code} ${failed[0].Message}`);
  }
}
