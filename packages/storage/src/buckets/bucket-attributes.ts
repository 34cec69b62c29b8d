import { z } from "zod";
import { bytesOf } from "../config/byte-size.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";

const MIME_TYPE = /^(?:[a-z0-9\-+.]+\/[a-z0-9\-+.]+(?:;\s*charset=[a-z0-9-]+)?|[a-z0-9\-+.]+\/\*|\*)$/i;

const fileSizeLimit = z.union([z.number().int().nonnegative(), z.string().regex(/^\d+(?:\.\d+)?[gmk]?b$/i, "is a number of bytes, or a text such as 20GB, 20MB, 30KB or 3B")]).nullish();

/** What a bucket can be made or changed with. Null: no limit of its own. */
export const bucketAttributes = {
  public: z.boolean().optional(),
  file_size_limit: fileSizeLimit,
  allowed_mime_types: z.array(z.string()).nullish(),
  /** Of our own: how many earlier versions of each object are kept. */
  kept_versions: z.number().int().positive().max(1_000).nullish(),
  /** Of our own: for how many seconds. */
  version_ttl: z.number().int().positive().nullish(),
};

type Attributes = z.output<z.ZodObject<typeof bucketAttributes>>;

/**
 * As columns and their values' texts, those left out left out.
 * @param maxBytes of any object of the project
 * @throws StorageError EntityTooLarge, InvalidMimeType
 */
export function bucketColumns(given: Attributes, maxBytes: number): ReadonlyMap<string, string | null> {
  const columns: ReadonlyArray<readonly [string, string | null | undefined]> = [
    ["public", given.public === undefined ? undefined : String(given.public)],
    ["file_size_limit", given.file_size_limit === undefined || given.file_size_limit === null ? given.file_size_limit : String(limitOf(given.file_size_limit, maxBytes))],
    ["allowed_mime_types", given.allowed_mime_types && JSON.stringify(given.allowed_mime_types.filter((type) => type !== "").map(checkMimeType))],
    ["kept_versions", numberOf(given.kept_versions)],
    ["version_ttl", numberOf(given.version_ttl)],
  ];
  return new Map(columns.filter((column): column is readonly [string, string | null] => column[1] !== undefined));
}

const numberOf = (value: number | null | undefined): string | null | undefined => (typeof value === "number" ? String(value) : value);

/** How a column is written: a list goes as JSON, lest its members be taken apart. */
export const placeOf = (column: string, index: number): string =>
  column === "allowed_mime_types" ? `(select array_agg(listed.mime_type) from json_array_elements_text($${index}::json) as listed (mime_type))` : `$${index}`;

function limitOf(given: number | string, maxBytes: number): number {
  const bytes = bytesOf(given) ?? Number.POSITIVE_INFINITY;
  if (bytes > maxBytes) throw new StorageError(STORAGE_ERRORS.tooLarge, { hint: "The project's own limit is less: settings.storage.fileSizeLimit." });
  return bytes;
}

function checkMimeType(type: string): string {
  if (type.length > 1_000 || !MIME_TYPE.test(type)) throw new StorageError(STORAGE_ERRORS.invalidMimeType, { message: `mime type ${type} is not supported` });
  return type;
}
