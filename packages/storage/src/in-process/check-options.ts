import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";
import type { BucketOptions, DownloadOptions, ListOptions, UploadOptions } from "./tenant-storage-api.ts";

interface Options {
  readonly upload: UploadOptions;
  readonly download: DownloadOptions;
  readonly list: ListOptions;
  readonly bucket: BucketOptions;
}

/** All of each, for hosts whose compiler doesn't tell. */
const NAMES: { readonly [Kind in keyof Options]: Readonly<Record<keyof Options[Kind], true>> } = {
  upload: { contentType: true, cacheControl: true, upsert: true, metadata: true, owner: true, signal: true },
  download: { range: true, version: true, signal: true },
  list: { delimiter: true, after: true, limit: true },
  bucket: { public: true, fileSizeLimit: true, allowedMimeTypes: true, keptVersions: true, versionTtl: true },
};

/** A limit whose name is misspelt would silently not hold. @throws StorageError InvalidRequest naming the option */
export function checkOptions<Kind extends keyof Options>(kind: Kind, options: Options[Kind]): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(NAMES[kind], name));
  if (unknown !== undefined) throw new StorageError(STORAGE_ERRORS.invalidRequest, { message: `There is no option ${JSON.stringify(unknown)}: there are ${Object.keys(NAMES[kind]).join(", ")}` });
}
