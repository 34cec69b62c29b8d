import { type BackendError, reply, STORE_ERRORS } from "@plinth/core";
import { STORAGE_ERRORS, type StorageErrorDefinition } from "../errors.ts";
import { S3_ERRORS } from "./s3-errors.ts";
import { writeXml } from "./xml/write-xml.ts";

const MOUNT = "/storage/v1";

/** Whether a request is for the S3 protocol, wherever the backend is mounted. */
export function isS3Request({ url }: Pick<Request, "url">): boolean {
  const at = url.indexOf(`${MOUNT}/`);
  return at >= 0 && /^\/s3(?:[/?#]|$)/.test(url.slice(at + MOUNT.length, at + MOUNT.length + 4));
}

/** Storage's errors that S3 has other codes for. */
const AS: Readonly<Record<string, Pick<StorageErrorDefinition, "code" | "status" | "message">>> = {
  [STORAGE_ERRORS.bucketNotEmpty.code]: S3_ERRORS.bucketNotEmpty,
  [STORAGE_ERRORS.keyExists.code]: S3_ERRORS.preconditionFailed,
  [STORAGE_ERRORS.databaseError.code]: STORAGE_ERRORS.internal,
  [STORAGE_ERRORS.storeUnavailable.code]: { ...STORAGE_ERRORS.storeUnavailable, code: "ServiceUnavailable" },
  [STORE_ERRORS.invalidPart.code]: S3_ERRORS.invalidPart,
  // Which projects there are is nobody's business.
  PLINTH_TENANT_NOT_NAMED: S3_ERRORS.invalidAccessKeyId,
  PLINTH_PROJECT_NOT_FOUND: S3_ERRORS.invalidAccessKeyId,
  PLINTH_PROJECT_MISMATCH: S3_ERRORS.invalidAccessKeyId,
};

/** S3's error body, with the error's own status. Must not throw. */
export function renderS3Error(error: BackendError, { method, url }: Pick<Request, "method" | "url">, requestId: string): Response {
  const { code, status, message } = AS[error.code] ?? error;
  const resource = /^[^?#]*/.exec(url.slice(url.indexOf(`${MOUNT}/s3`) + MOUNT.length + 3))![0];
  const headers = { "content-type": "application/xml", "cache-control": "no-store", "x-amz-request-id": requestId, ...error.headers };
  return reply(method === "HEAD" ? null : writeXml("Error", { Code: code, Message: message, Resource: resource, RequestId: requestId }, { namespace: "" }), { status, headers });
}
