import { isConnectionFailure } from "../../../database/connection-error.ts";
import { BackendError } from "../../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../../errors/errors.ts";

interface ServerError {
  readonly message: string;
  readonly code?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly where?: string;
}

/** What the target's server refused, in its own words. A failure of the connection stays one. */
export function transferError(what: string, cause: unknown): unknown {
  if (cause instanceof BackendError || isConnectionFailure(cause)) return cause;
  const { message, code, detail, hint, where }: ServerError = cause instanceof Error ? cause : new Error(String(cause));
  return new BackendError(CORE_ERRORS.transferFailed, {
    message: `${what}: ${message}${code === undefined ? "" : ` (SQLSTATE ${code})`}`,
    details: { sqlstate: code, detail, where },
    hint: hint ?? null,
    cause,
  });
}
