import type { UserMetadata } from "../../objects/stored-object-row.ts";
import { StorageError } from "../../storage-error.ts";
import { S3_ERRORS } from "../s3-errors.ts";
import type { S3Call } from "../s3-call.ts";

const PREFIX = "x-amz-meta-";
/** S3's limit, of names and values in bytes, with room for what was encoded. */
const MOST_BYTES = 8_192;

/** What a request says of its object in headers `x-amz-meta-…`, or in a presigned address. @throws StorageError InvalidArgument */
export function requestMetadata({ call, query }: S3Call): UserMetadata | undefined {
  const given = [...call.request.headers, ...query.pairs].filter(([name]) => name.toLowerCase().startsWith(PREFIX)).map(([name, value]) => [name.slice(PREFIX.length).toLowerCase(), value] as const);
  if (given.length === 0) return undefined;
  if (Buffer.byteLength(given.flat().join("")) > MOST_BYTES) throw new StorageError(S3_ERRORS.invalidArgument, { message: "Your metadata headers exceed the maximum allowed metadata size." });
  return Object.fromEntries(given);
}

/** The other way round. What no header can have is counted, as S3 does. */
export function metadataHeaders(metadata: UserMetadata | null): Record<string, string> {
  const entries = Object.entries(metadata ?? {});
  const fitting = entries.filter((entry): entry is [string, string] => /^[\w.!#$%&'*+^`|~-]+$/.test(entry[0]) && typeof entry[1] === "string" && /^[\x20-\x7e]*$/.test(entry[1]));
  const missing = entries.length - fitting.length;
  return { ...Object.fromEntries(fitting.map(([name, value]) => [PREFIX + name.toLowerCase(), value])), ...(missing === 0 ? {} : { "x-amz-missing-meta": String(missing) }) };
}
