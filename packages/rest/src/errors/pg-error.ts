/**
 * What PostgreSQL says of an error: the fields of its ErrorResponse, as `pg` names them.
 * Known by its shape, since embedded databases and two copies of `pg` give errors of classes of their own.
 */
export interface PgError extends Error {
  /** SQLSTATE. */
  readonly code: string;
  readonly severity: string;
  readonly detail?: string;
  readonly hint?: string;
}

export function isPgError(error: unknown): error is PgError {
  if (!(error instanceof Error)) return false;
  const { code, severity } = error as Partial<PgError>;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && typeof severity === "string";
}

type Status = number | ((error: PgError, authenticated: boolean) => number);

/**
 * SQLSTATE → HTTP status: https://docs.postgrest.org/en/stable/references/errors.html#http-status-codes
 * A code of five is looked up before its class, the first two.
 */
const STATUSES: Readonly<Record<string, Status>> = {
  "08": 503,
  "09": 500,
  "0L": 403,
  "0P": 403,
  "21000": ({ message }) => (message.endsWith("requires a WHERE clause") ? 400 : 500), // pg-safeupdate speaks of the client's query
  "22023": ({ message }) => (message.startsWith("role") && message.endsWith("does not exist") ? 401 : 400),
  "23503": 409,
  "23505": 409,
  "25006": 405,
  "25": 500,
  "28": 403,
  "2D": 500,
  "38": 500,
  "39": 500,
  "3B": 500,
  "40": 500,
  "42501": (_error, authenticated) => (authenticated ? 403 : 401),
  "42883": ({ message }) => (message.startsWith("function xmlagg(") ? 406 : 404),
  "42P01": 404,
  "42P17": 500,
  "53400": 500,
  "53": 503,
  "54": 500,
  "55": 500,
  "57P01": 503,
  "57": 500,
  "58": 500,
  F0: 500,
  HV: 500,
  P0001: 400,
  P0: 500,
  PT: ({ code }) => raisedStatus(Number(code.slice(2))),
  XX: 500,
};

/** @param authenticated whether a token was shown: without one, a missing privilege means "log in" */
export function pgErrorStatus(error: PgError, authenticated: boolean): number {
  const status = STATUSES[error.code] ?? STATUSES[error.code.slice(0, 2)] ?? 400;
  return typeof status === "number" ? status : status(error, authenticated);
}

/** A status that SQL asked for, if a response can have it. */
export const raisedStatus = (status: number): number => (Number.isInteger(status) && status >= 200 && status <= 599 ? status : 500);
