import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";

const NAME = /^[\w!.*'() &$=@;:+,?-]{1,100}$/;

/** @throws StorageError InvalidBucketName */
export function bucketName(given: string): string {
  if (!NAME.test(given) || given.trim() !== given || /^\.{1,2}$/.test(given)) throw new StorageError(STORAGE_ERRORS.invalidBucketName);
  return given;
}
