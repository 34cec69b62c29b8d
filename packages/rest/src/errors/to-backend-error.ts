import { BackendError, CORE_ERRORS, type ErrorDefinition } from "@plinth/core";
import { isPgError, type PgError, pgErrorStatus } from "./pg-error.ts";
import { RAISED_RESPONSE, raisedResponse } from "./raised-response.ts";
import { RETRY_SOON, SERVER_ERRORS } from "./server-errors.ts";

/** What the core says of a database, in PostgREST's words. */
const OF_CORE: Readonly<Record<string, ErrorDefinition>> = {
  [CORE_ERRORS.databaseUnavailable.code]: SERVER_ERRORS.connectionFailed,
  [CORE_ERRORS.databaseBusy.code]: SERVER_ERRORS.poolTimeout,
};

/**
 * Whatever was thrown as an error of this service. Nothing of an error that isn't PostgreSQL's own words
 * or one of ours reaches the client.
 *
 * @param authenticated whether the caller showed a token
 */
export function toBackendError(error: unknown, authenticated: boolean): BackendError {
  if (error instanceof BackendError) return inOwnWords(error);
  if (isPgError(error)) return error.code === RAISED_RESPONSE ? raisedResponse(error) : ofPostgres(error, authenticated);
  if (isConnectionLoss(error)) return new BackendError(SERVER_ERRORS.connectionLost, { cause: error, headers: RETRY_SOON });
  return new BackendError(CORE_ERRORS.internal, { cause: error });
}

function inOwnWords(error: BackendError): BackendError {
  const own = OF_CORE[error.code];
  return own === undefined ? error : new BackendError(own, { headers: error.headers, cause: error.cause });
}

function ofPostgres(error: PgError, authenticated: boolean): BackendError {
  const status = pgErrorStatus(error, authenticated);
  return new BackendError(
    { code: error.code, status, message: error.message },
    { details: error.detail ?? null, hint: error.hint ?? null, headers: status === 401 ? { "WWW-Authenticate": "Bearer" } : {}, cause: error },
  );
}

/** Node's socket errors carry an errno; `pg`'s own have nothing but these words. */
const isConnectionLoss = (error: unknown): boolean =>
  error instanceof Error &&
  (typeof (error as { errno?: unknown }).errno === "number" || /^(Connection terminated|Client has encountered a connection error)/.test(error.message));
