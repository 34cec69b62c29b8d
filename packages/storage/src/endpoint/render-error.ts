import { BackendError, type ErrorContext, reply, STORE_ERRORS } from "@plinth/core";
import { databaseError } from "../database/database-error.ts";
import { STORAGE_ERRORS, type StorageErrorDefinition } from "../errors.ts";
import { ResumableError } from "../resumable/resumable-error.ts";
import { isS3Request, renderS3Error } from "../s3/render-s3-error.ts";
import { StorageError } from "../storage-error.ts";

/** What the core and the store throw, in Storage's words. Others of their codes are rendered as they are. */
const AS: Readonly<Record<string, StorageErrorDefinition>> = {
  [STORE_ERRORS.tooLarge.code]: STORAGE_ERRORS.tooLarge,
  [STORE_ERRORS.unavailable.code]: STORAGE_ERRORS.storeUnavailable,
  [STORE_ERRORS.full.code]: STORAGE_ERRORS.storeFull,
  [STORE_ERRORS.wrongSize.code]: STORAGE_ERRORS.wrongSize,
  [STORE_ERRORS.noUpload.code]: STORAGE_ERRORS.noSuchUpload,
  PLINTH_REQUEST_ABORTED: STORAGE_ERRORS.aborted,
  PLINTH_BODY_TRUNCATED: STORAGE_ERRORS.wrongSize,
  PLINTH_DATABASE_BUSY: STORAGE_ERRORS.slowDown,
};

/** Whatever was thrown, as what clients are told. */
export function toStorageError(thrown: unknown): BackendError {
  if (thrown instanceof StorageError) return thrown;
  if (!(thrown instanceof BackendError)) return databaseError(thrown) ?? new StorageError(isAbort(thrown) ? STORAGE_ERRORS.aborted : STORAGE_ERRORS.internal, { cause: thrown });
  // The backend's own words for tokens are PostgREST's.
  if (/^PGRST30\d$/.test(thrown.code)) return tokenError(thrown);
  const as = AS[thrown.code];
  return as === undefined ? thrown : new StorageError(as, { headers: thrown.headers, cause: thrown });
}

/** Whoever stops a request part-way, a store among them, is no fault of the backend's. */
const isAbort = (thrown: unknown): boolean => thrown instanceof Error && thrown.name === "AbortError";

/** No token at all is, to upstream, one that is none. */
const tokenError = (error: BackendError): StorageError =>
  new StorageError(STORAGE_ERRORS.unauthorized, { ...(error.code === "PGRST302" ? {} : { message: error.message }), hint: error.hint, cause: error });

/** Supabase Storage's error body. Must not throw. */
export function renderError(thrown: unknown, { request, requestId }: ErrorContext): Response {
  const error = toStorageError(thrown);
  if (isS3Request(request)) return renderS3Error(error, request, requestId);
  if (error instanceof ResumableError) return reply(request.method === "HEAD" ? null : error.message, { status: error.status, headers: error.headers });
  const own = error instanceof StorageError ? { status: error.httpStatus, error: error.error } : { status: error.status, error: error.code };
  const body = { statusCode: String(error.status), error: own.error, code: error.code, message: error.message, ...(error.hint === null ? {} : { hint: error.hint }) };
  const headers = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", ...error.headers };
  return reply(request.method === "HEAD" ? null : JSON.stringify(body), { status: own.status, headers });
}
