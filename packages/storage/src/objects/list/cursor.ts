import { z } from "zod";
import { STORAGE_ERRORS } from "../../errors.ts";
import { StorageError } from "../../storage-error.ts";

/** Where a list goes on, and in which order it was begun. */
const cursor = z.strictObject({
  /** The last entry: an object's name, or a folder's with the delimiter. */
  after: z.string(),
  column: z.enum(["name", "updated_at", "created_at"]),
  order: z.enum(["asc", "desc"]),
  /** Of the last entry, in microseconds, where `column` is a time. */
  time: z.iso.datetime({ offset: true }).optional(),
});

export type Cursor = z.output<typeof cursor>;

/** Opaque to clients; nothing in it is secret, and it gives no rights. */
export const encodeCursor = (given: Cursor): string => Buffer.from(JSON.stringify(given)).toString("base64url");

/** @throws StorageError InvalidRequest */
export function decodeCursor(text: string): Cursor {
  const parsed = cursor.safeParse(parse(Buffer.from(text, "base64url").toString("utf8")));
  if (!parsed.success || /[\0\p{Surrogate}]/u.test(parsed.data.after) || (parsed.data.column !== "name" && parsed.data.time === undefined)) {
    throw new StorageError(STORAGE_ERRORS.invalidRequest, { message: "body/cursor: is not one that a list has answered with" });
  }
  return parsed.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
