import { isStorableJson, mayBeUnstorable } from "@plinth/core";
import { STORAGE_ERRORS } from "../../errors.ts";
import { StorageError } from "../../storage-error.ts";
import type { UserMetadata } from "../stored-object-row.ts";

/** Bytes, as upstream. */
const MAX_BYTES = 1_048_576;

/** The header `x-metadata`: an object's JSON as base64. What is no JSON object counts for nothing, as upstream has it. */
export function headerMetadata(header: string | null): UserMetadata | undefined {
  return header === null ? undefined : formMetadata(Buffer.from(header, "base64").toString("utf8"));
}

/** A form's field `metadata`: an object's JSON. @throws StorageError EntityTooLarge */
export function formMetadata(text: string | undefined): UserMetadata | undefined {
  if (text === undefined) return undefined;
  if (Buffer.byteLength(text) > MAX_BYTES) throw new StorageError(STORAGE_ERRORS.tooLarge, { message: "The user_metadata exceeded the maximum allowed size" });
  try {
    const parsed: unknown = JSON.parse(text);
    // Nested so deeply that nobody could write it again.
    JSON.stringify(parsed);
    if (mayBeUnstorable(text) && !isStorableJson(parsed)) return undefined;
    return typeof parsed === "object" && parsed !== null ? (parsed as UserMetadata) : undefined;
  } catch {
    return undefined;
  }
}
