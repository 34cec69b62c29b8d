import { BackendError, CORE_ERRORS, type ErrorContext, reply, STORE_ERRORS } from "@plinth/core";
import { ASSETS_ERRORS } from "../errors.ts";

/** `{code, message, hint}`. Must not throw. */
export function renderError(thrown: unknown, { request }: Pick<ErrorContext, "request">): Response {
  const error = toBackendError(thrown);
  const body = { code: error.code, message: error.message, ...(error.hint === null ? {} : { hint: error.hint }) };
  const headers = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", "x-content-type-options": "nosniff", ...error.headers };
  return reply(request.method === "HEAD" ? null : JSON.stringify(body), { status: error.status, headers });
}

function toBackendError(thrown: unknown): BackendError {
  if (!(thrown instanceof BackendError)) return new BackendError(CORE_ERRORS.internal, { cause: thrown });
  if (thrown.code === STORE_ERRORS.tooLarge.code) return new BackendError(ASSETS_ERRORS.fileTooLarge, { cause: thrown });
  return thrown;
}
