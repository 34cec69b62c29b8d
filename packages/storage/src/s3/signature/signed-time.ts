import { StorageError } from "../../storage-error.ts";
import { S3_ERRORS } from "../s3-errors.ts";

/** How far a client's clock may be off, in milliseconds: S3's 15 minutes. */
const MAX_SKEW_MS = 900_000;
/** How long a presigned address may hold, in seconds: a week, as in S3. */
const LONGEST_S = 604_800;

/** `20260131T235959Z`, in milliseconds since 1970; undefined for what is none. */
export function timeOf(text: string | undefined): number | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? "") ?? [];
  const time = year === undefined ? Number.NaN : Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** @throws StorageError RequestTimeTooSkewed */
export function checkClock(signedAt: number, now: number): void {
  if (Math.abs(now - signedAt) > MAX_SKEW_MS) throw new StorageError(S3_ERRORS.requestTimeTooSkewed, { details: `The server's time is ${new Date(now).toISOString()}.` });
}

/** @param expires seconds, as sent @throws StorageError AuthorizationQueryParametersError; AccessDenied where it is too late, or too early */
export function checkExpiry(signedAt: number, expires: string | undefined, now: number): void {
  const seconds = /^\d{1,9}$/.test(expires ?? "") ? Number(expires) : Number.NaN;
  if (!(seconds >= 1 && seconds <= LONGEST_S)) throw new StorageError(S3_ERRORS.malformedQuerySignature, { message: `X-Amz-Expires must be between 1 and ${LONGEST_S} seconds.` });
  if (now > signedAt + seconds * 1_000) throw new StorageError(S3_ERRORS.requestExpired);
  if (signedAt - now > MAX_SKEW_MS) throw new StorageError(S3_ERRORS.requestExpired, { message: "Request is not valid yet." });
}
