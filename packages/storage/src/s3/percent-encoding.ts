import { StorageError } from "../storage-error.ts";
import { S3_ERRORS } from "./s3-errors.ts";

/** As SigV4 has it: everything but RFC 3986's unreserved characters, in capitals. */
export const encodePercent = (text: string): string =>
  encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd")).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** The same, with slashes as they are. */
export const encodePath = (path: string): string => path.split("/").map(encodePercent).join("/");

/** A plus is a plus. @throws StorageError InvalidURI */
export function decodePercent(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new StorageError(S3_ERRORS.invalidUri, { cause });
  }
}
