import { invalidOptions, type PublicBucket, settingProblems } from "@plinth/core";
import { S3PublicBucket } from "./s3/s3-public-bucket.ts";
import type { S3StoreOptions } from "./s3/s3-options.ts";
import { s3StoreSchema } from "./store-options.ts";

/** Any S3, or a bucket of one's own. */
export type PublicBucketOptions = ({ readonly kind: "s3" } & S3StoreOptions) | PublicBucket;

const METHODS = ["put", "delete", "list"] as const satisfies readonly (keyof PublicBucket)[];

const isBucket = (given: unknown): given is PublicBucket => typeof given === "object" && given !== null && METHODS.every((method) => typeof (given as Partial<PublicBucket>)[method] === "function");

/**
 * Opens no connection: that is done by whoever first puts something.
 * @param name what the options are called in messages
 * @throws BackendError PLINTH_CONFIG_INVALID naming each setting that is wrong
 */
export function openPublicBucket(given: unknown, name: string): PublicBucket {
  if (isBucket(given)) return given;
  const parsed = s3StoreSchema.safeParse(given);
  if (parsed.success) return new S3PublicBucket(parsed.data);
  throw invalidOptions(name, settingProblems(parsed.error));
}
