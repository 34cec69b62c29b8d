import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";

/** A number of bytes in a header; undefined where there is none. @throws StorageError InvalidRequest naming the header */
export function numberIn(headers: Headers, name: string): number | undefined {
  const given = headers.get(name);
  if (given === null) return undefined;
  const number = /^\d{1,16}$/.test(given) ? Number(given) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new StorageError(STORAGE_ERRORS.invalidRequest, { message: `Invalid ${name} header` });
  return number;
}
