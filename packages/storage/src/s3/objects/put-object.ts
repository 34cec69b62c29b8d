import { ownerOf } from "../../endpoint/storage-call.ts";
import { checkMimeType } from "../../objects/upload/check-mime-type.ts";
import { storeUpload } from "../../objects/upload/receive-upload.ts";
import { StorageError } from "../../storage-error.ts";
import { readBody } from "../body/read-body.ts";
import { empty } from "../respond.ts";
import type { S3Call } from "../s3-call.ts";
import { S3_ERRORS } from "../s3-errors.ts";
import type { S3Operation } from "../s3-operation.ts";
import { requestMetadata } from "./user-metadata-headers.ts";

const NO_TYPE = "application/octet-stream";

export const putObject: S3Operation = {
  id: "storage.s3.upload",
  method: "PUT",
  level: "object",
  handle: async (s3) => {
    const { call, bucket, key, header } = s3;
    const target = { bucket, name: nameOf(s3, key), owner: ownerOf(call.caller), upsert: mayReplace(s3), mayWrite: "check" } as const;
    const written = await storeUpload(call, target, async ({ maxSize, mimeTypes }) => {
      const mimeType = header("content-type") ?? NO_TYPE;
      checkMimeType(mimeType, mimeTypes);
      const { size, bytes } = await readBody(s3, maxSize);
      return { body: bytes, size, mimeType, cacheControl: header("cache-control") ?? "no-cache", userMetadata: requestMetadata(s3), xRobotsTag: undefined };
    });
    return empty(200, { etag: written.metadata.eTag });
  },
};

/** An empty object that stands for a folder is kept under the name that Storage's other doors keep such by. */
const nameOf = ({ header }: S3Call, key: string): string => (key.endsWith("/") && Number(header("x-amz-decoded-content-length") ?? header("content-length") ?? 0) === 0 ? `${key}.emptyFolderPlaceholder` : key);

/** `If-None-Match: *`: only where nothing is there. @throws StorageError NotImplemented of other conditions */
export function mayReplace({ header }: S3Call): boolean {
  const noneMatch = header("if-none-match");
  if (header("if-match") !== undefined || (noneMatch !== undefined && noneMatch !== "*")) throw new StorageError(S3_ERRORS.notImplemented, { message: "Of conditions on writing there is If-None-Match: * alone." });
  return noneMatch === undefined;
}
