import type { ObjectRow } from "../../objects/stored-object-row.ts";
import { StorageError } from "../../storage-error.ts";
import { S3_ERRORS } from "../s3-errors.ts";

/** What has to be so (RFC 9110, 13.1), as headers have it: null or undefined where nothing is asked. */
export interface Preconditions {
  readonly match?: string | null | undefined;
  readonly noneMatch?: string | null | undefined;
  readonly modifiedSince?: string | null | undefined;
  readonly unmodifiedSince?: string | null | undefined;
}

/** @throws StorageError PreconditionFailed */
export function checkPreconditions({ match, noneMatch, modifiedSince, unmodifiedSince }: Preconditions, { metadata }: Pick<ObjectRow, "metadata">): void {
  const etag = metadata?.eTag;
  const modified = secondsOf(metadata?.lastModified);
  const [since, until] = [secondsOf(modifiedSince), secondsOf(unmodifiedSince)];
  const holds =
    (match ? names(match, etag) : until === undefined || modified === undefined || modified <= until) &&
    (noneMatch ? !names(noneMatch, etag) : since === undefined || modified === undefined || modified > since);
  if (!holds) throw new StorageError(S3_ERRORS.preconditionFailed);
}

/** Clients of S3 leave quotes out. */
const bare = (tag: string): string => tag.trim().replace(/^"|"$/g, "");

const names = (list: string, etag: string | undefined): boolean => etag !== undefined && list.split(",").map(bare).some((tag) => tag === "*" || tag === bare(etag));

function secondsOf(date: string | null | undefined): number | undefined {
  const time = Date.parse(date ?? "");
  return Number.isNaN(time) ? undefined : Math.floor(time / 1_000);
}
