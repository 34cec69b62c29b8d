import { STORAGE_ERRORS } from "../errors.ts";
import type { UserMetadata } from "../objects/stored-object-row.ts";
import { formMetadata } from "../objects/upload/user-metadata.ts";
import { StorageError } from "../storage-error.ts";

/** What the header Upload-Metadata says of the object. */
export interface UploadMetadata {
  readonly bucketName: string;
  readonly objectName: string;
  readonly mimeType: string;
  readonly cacheControl: string;
  readonly userMetadata: UserMetadata | undefined;
}

const PAIR = /^([!-+\--~]+)(?: +([A-Za-z0-9+/]*={0,2}))?$/;
/** It comes back as a header's value. */
const MIME_TYPE = /^[ -~]+$/;

/**
 * Names with values of base64, as `bucketName b3du,objectName YS50eHQ=`.
 * @throws StorageError InvalidRequest
 */
export function readUploadMetadata(header: string | null): UploadMetadata {
  if (header === null || header.trim() === "") throw invalid("Metadata header is required");
  const pairs = new Map(header.split(",").map((pair) => readPair(pair.trim())));
  const mimeType = pairs.get("contentType") || "application/octet-stream";
  if (!MIME_TYPE.test(mimeType)) throw invalid("Invalid Upload-Metadata header: contentType");
  const seconds = pairs.get("cacheControl") ?? "";
  return {
    bucketName: pairs.get("bucketName") ?? "",
    objectName: pairs.get("objectName") ?? "",
    mimeType,
    cacheControl: /^-?\d+$/.test(seconds) ? `max-age=${seconds}` : "no-cache",
    userMetadata: formMetadata(pairs.get("metadata")),
  };
}

function readPair(pair: string): readonly [name: string, value: string] {
  const [, name, value = ""] = PAIR.exec(pair) ?? [];
  if (name === undefined) throw invalid("Invalid Upload-Metadata header");
  return [name, Buffer.from(value, "base64").toString("utf8")];
}

const invalid = (message: string): StorageError => new StorageError(STORAGE_ERRORS.invalidRequest, { message });
