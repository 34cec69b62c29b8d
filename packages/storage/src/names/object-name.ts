import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";

/** As in S3, in bytes of UTF-8. */
const MAX_BYTES = 1_024;

/** Of ASCII what upstream takes; besides it everything that is no control character, half a surrogate pair or a noncharacter. */
const NAME = /^(?:[\w/!.*'() &$=@;:+,?-]|[^\p{ASCII}\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\u2028\u2029])+$/u;

/** Nobody can ask for it: whoever sends an address takes such parts out of it. */
const DOT_SEGMENT = /(?:^|\/)\.{1,2}(?:\/|$)/;

/**
 * An object's name as it is kept: in Unicode's form NFC (UAX #15), so that it is the same however it was typed.
 * @throws StorageError InvalidKey
 */
export function objectName(given: string): string {
  const name = given.normalize("NFC");
  if (!NAME.test(name) || DOT_SEGMENT.test(name) || Buffer.byteLength(name) > MAX_BYTES) throw new StorageError(STORAGE_ERRORS.invalidKey, { message: `Invalid key: ${given}` });
  return name;
}

/** What makes an empty folder visible: it takes no bytes, and is of no type. */
export const isFolderPlaceholder = (name: string): boolean => name.endsWith(".emptyFolderPlaceholder");
