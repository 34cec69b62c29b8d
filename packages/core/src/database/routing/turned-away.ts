import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";

const retryAfter = (seconds: number): Readonly<Record<string, string>> => ({ "Retry-After": String(seconds) });

/** @param seconds until it is tried again */
export const unavailable = (cause: unknown, seconds: number): BackendError =>
  cause instanceof BackendError ? cause : new BackendError(CORE_ERRORS.databaseUnavailable, { cause, headers: retryAfter(seconds) });

export const waitedTooLong = (): BackendError => new BackendError(CORE_ERRORS.databaseBusy, { headers: retryAfter(1) });

export const tooManyWait = (): BackendError => new BackendError(CORE_ERRORS.databaseBusy, { message: "Too many requests wait for the project's database.", headers: retryAfter(1) });

export const aborted = (): BackendError => new BackendError(CORE_ERRORS.requestAborted);

export const closed = (): BackendError => new BackendError(CORE_ERRORS.closed, { message: "The connections to the project's database were closed.", headers: retryAfter(1) });
