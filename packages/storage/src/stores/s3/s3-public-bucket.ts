import { createHash } from "node:crypto";
import type { PublicBucket, PublicHeaders } from "@plinth/core";
import type { S3Client } from "@aws-sdk/client-s3";
import { loadClient, type LoadedClient, type Sdk } from "./load-client.ts";
import { isAbsentName, s3Error, unavailable } from "./s3-error.ts";
import type { S3StoreOptions } from "./s3-options.ts";

/** Keys of one DeleteObjects request at most. */
const DELETIONS = 1_000;

/** A bucket of any server that speaks S3, for a CDN to read from. Who may read it is for the bucket's own settings to say. */
export class S3PublicBucket implements PublicBucket {
  readonly id: string;
  readonly #options: S3StoreOptions;
  readonly #prefix: string;
  #loaded: Promise<LoadedClient> | undefined;

  constructor(options: S3StoreOptions) {
    const { bucket, endpoint = "", region = "", prefix = "" } = options;
    this.id = ["s3", endpoint, region, bucket, prefix].join(" ");
    this.#options = options;
    this.#prefix = prefix === "" ? "" : `${prefix}/`;
  }

  async put(name: string, bytes: Uint8Array, headers: PublicHeaders, signal?: AbortSignal): Promise<void> {
    const { contentType, cacheControl, contentEncoding, contentDisposition, contentLanguage } = headers;
    await this.#send(
      (client, sdk, abort) =>
        client.send(
          new sdk.PutObjectCommand({
            Bucket: this.#options.bucket,
            Key: this.#prefix + name,
            Body: bytes,
            ContentLength: bytes.byteLength,
            ContentMD5: createHash("md5").update(bytes).digest("base64"),
            ContentType: contentType,
            CacheControl: cacheControl,
            ...(contentEncoding === undefined ? {} : { ContentEncoding: contentEncoding }),
            ...(contentDisposition === undefined ? {} : { ContentDisposition: contentDisposition }),
            ...(contentLanguage === undefined ? {} : { ContentLanguage: contentLanguage }),
          }),
          abort,
        ),
      signal,
    );
  }

  async delete(names: readonly string[], signal?: AbortSignal): Promise<void> {
    for (let from = 0; from < names.length; from += DELETIONS) {
      const Objects = names.slice(from, from + DELETIONS).map((name) => ({ Key: this.#prefix + name }));
      const { Errors: errors = [] } = await this.#send((client, sdk, abort) => client.send(new sdk.DeleteObjectsCommand({ Bucket: this.#options.bucket, Delete: { Objects, Quiet: true } }), abort), signal);
      const failed = errors.filter(({ Code: code }) => !isAbsentName(code));
      if (failed[0] !== undefined) throw unavailable(`The server didn't delete ${failed.length} of ${Objects.length} objects: ${failed[0].Code} ${failed[0].Message}`);
    }
  }

  async *list(prefix: string): AsyncGenerator<string, void> {
    let token: string | undefined;
    do {
      const after = token === undefined ? {} : { ContinuationToken: token };
      const page = await this.#send((client, sdk) => client.send(new sdk.ListObjectsV2Command({ Bucket: this.#options.bucket, Prefix: this.#prefix + prefix, ...after })));
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key.slice(this.#prefix.length);
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  async close(): Promise<void> {
    (await this.#loaded?.catch(() => undefined))?.client.destroy();
  }

  async #send<T>(request: (client: S3Client, sdk: Sdk, abort: { readonly abortSignal?: AbortSignal }) => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      signal?.throwIfAborted();
      const { client, sdk } = await (this.#loaded ??= loadClient(this.#options));
      return await request(client, sdk, signal === undefined ? {} : { abortSignal: signal });
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      throw s3Error(error);
    }
  }
}
