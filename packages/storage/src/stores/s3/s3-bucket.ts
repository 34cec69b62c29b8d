import type { S3Client } from "@aws-sdk/client-s3";
import { assertObjectKey } from "../object-key.ts";
import { isAbsent, s3Error } from "./s3-error.ts";
import { loadClient, type LoadedClient, type Sdk } from "./load-client.ts";
import type { S3StoreOptions } from "./s3-options.ts";

/** The commands of the SDK that a store sends, by what they are for. */
export type Request<T> = (client: S3Client, sdk: Sdk, abort: { readonly abortSignal?: AbortSignal }) => Promise<T>;

type Sender = keyof Pick<LoadedClient, "client" | "reader">;

/** One bucket of a server, and where in it. */
export class S3Bucket {
  readonly name: string;
  readonly #options: S3StoreOptions;
  readonly #prefix: string;
  #loaded: Promise<LoadedClient> | undefined;

  constructor(options: S3StoreOptions) {
    this.#options = options;
    this.name = options.bucket;
    this.#prefix = options.prefix === undefined || options.prefix === "" ? "" : `${options.prefix}/`;
  }

  /** Where in the bucket a key's object is. @throws TypeError where it is no key */
  at(key: string): { readonly Bucket: string; readonly Key: string } {
    assertObjectKey(key);
    return { Bucket: this.name, Key: this.#prefix + key };
  }

  below(key: string): { readonly Bucket: string; readonly Prefix: string } {
    return { Bucket: this.name, Prefix: `${this.at(key).Key}/` };
  }

  keyOf(name: string): string {
    return name.slice(this.#prefix.length);
  }

  /** @throws BackendError for what the server or the way to it is at fault for; the signal's reason */
  async send<T>(request: Request<T>, signal?: AbortSignal, by: Sender = "client"): Promise<T> {
    try {
      signal?.throwIfAborted();
      const { sdk, [by]: client } = await (this.#loaded ??= loadClient(this.#options));
      return await request(client, sdk, signal === undefined ? {} : { abortSignal: signal });
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      throw s3Error(error);
    }
  }

  /** As `send`; undefined where there is no such object. */
  async sendIfPresent<T>(request: Request<T>, signal?: AbortSignal, by?: Sender): Promise<T | undefined> {
    return await this.send(async (...parts) => {
      try {
        return await request(...parts);
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    }, signal, by);
  }

  async close(): Promise<void> {
    const loaded = await this.#loaded?.catch(() => undefined);
    loaded?.client.destroy();
    loaded?.reader.destroy();
  }
}
