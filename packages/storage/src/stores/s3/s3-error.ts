import { BackendError, type ErrorDefinition, STORE_ERRORS } from "@plinth/core";

/** What servers say by name (AWS: API_CompleteMultipartUpload and "Error responses"; MinIO, Ceph). All else is `unavailable`. */
const DEFINITIONS: Readonly<Record<string, ErrorDefinition>> = {
  NoSuchUpload: STORE_ERRORS.noUpload,
  // Ceph's word for it. Where an object may be missing, that is asked before (`isAbsent`).
  NoSuchKey: STORE_ERRORS.noUpload,
  InvalidPart: STORE_ERRORS.invalidPart,
  InvalidPartOrder: STORE_ERRORS.invalidPart,
  EntityTooSmall: STORE_ERRORS.invalidPart,
  EntityTooLarge: STORE_ERRORS.tooLarge,
  QuotaExceeded: STORE_ERRORS.full,
  XMinioStorageFull: STORE_ERRORS.full,
  InsufficientStorage: STORE_ERRORS.full,
};

const ABSENT = new Set(["NoSuchKey", "NotFound"]);

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "");

/** There is no such object; a bucket that isn't there is a fault of the settings. */
export const isAbsent = (error: unknown): boolean => isAbsentName(nameOf(error));

export const isAbsentName = (name: string | undefined): boolean => name !== undefined && ABSENT.has(name);

/** What the SDK threw, as an `ObjectStore` says it. */
export function s3Error(error: unknown): unknown {
  if (error instanceof BackendError || error instanceof RangeError || error instanceof TypeError) return error;
  if (nameOf(error) === "InvalidRange") return new RangeError("No range of the object's bytes", { cause: error });
  return new BackendError(DEFINITIONS[nameOf(error)] ?? STORE_ERRORS.unavailable, { cause: error });
}

export const unavailable = (message: string): BackendError => new BackendError(STORE_ERRORS.unavailable, { cause: new Error(message) });

/** The server understood, and would not: a request of ours at fault, not the server. */
export function isRefusal(error: unknown): boolean {
  const cause = error instanceof BackendError ? (error.cause as { readonly $metadata?: { readonly httpStatusCode?: number } } | undefined) : undefined;
  const status = cause?.$metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500;
}

export const isNoUpload = (error: unknown): boolean => error instanceof BackendError && error.code === STORE_ERRORS.noUpload.code;
