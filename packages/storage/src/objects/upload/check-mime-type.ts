import { STORAGE_ERRORS } from "../../errors.ts";
import { StorageError } from "../../storage-error.ts";

/**
 * Whether a declared type (RFC 9110, 8.3) is one of the allowed ones, `image/png` or `image/*`. Its parameters don't count.
 * @throws StorageError InvalidMimeType
 */
export function checkMimeType(declared: string, allowed: readonly string[] | null): void {
  if (allowed === null || allowed.length === 0) return;
  const [essence = ""] = declared.split(";");
  const [type, subtype] = essence.trim().toLowerCase().split("/");
  const isAllowed = allowed.some((pattern) => {
    const [allowedType, allowedSubtype] = pattern.split(";")[0]!.trim().toLowerCase().split("/");
    return allowedType === "*" || (allowedType === type && (allowedSubtype === "*" || allowedSubtype === subtype));
  });
  if (!isAllowed || subtype === undefined) throw new StorageError(STORAGE_ERRORS.invalidMimeType, { message: `mime type ${declared} is not supported` });
}
