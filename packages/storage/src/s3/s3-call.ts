import type { StorageCall } from "../endpoint/storage-call.ts";
import type { S3Caller } from "./credentials/authenticate-s3.ts";
import type { S3Query } from "./s3-query.ts";

/** A request of the S3 protocol, its signature verified. */
export interface S3Call {
  readonly call: StorageCall;
  readonly auth: S3Caller;
  /** As sent; "" where the path names none. */
  readonly bucket: string;
  readonly key: string;
  readonly query: S3Query;
  /** A header; S3's own may stand in a presigned address instead. */
  header(name: string): string | undefined;
}

export const headerReader = (headers: Headers, query: S3Query) => (name: string): string | undefined => headers.get(name) ?? (name.startsWith("x-amz-") ? query.header(name) : undefined);
