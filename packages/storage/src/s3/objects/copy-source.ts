import { findSource } from "../../objects/move/copy-object.ts";
import { bucketName } from "../../names/bucket-name.ts";
import { objectName } from "../../names/object-name.ts";
import type { ObjectRow } from "../../objects/stored-object-row.ts";
import { StorageError } from "../../storage-error.ts";
import { decodePercent } from "../percent-encoding.ts";
import type { S3Call } from "../s3-call.ts";
import { S3_ERRORS } from "../s3-errors.ts";
import { checkPreconditions } from "./preconditions.ts";

/**
 * The object that `x-amz-copy-source` names, which the caller may read, as its conditions will have it.
 * @throws StorageError NoSuchKey, InvalidArgument, NotImplemented of versions, PreconditionFailed
 */
export async function findCopySource({ call, header }: S3Call): Promise<ObjectRow> {
  const given = header("x-amz-copy-source") ?? "";
  if (/\?versionId=/.test(given)) throw new StorageError(S3_ERRORS.notImplemented);
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(decodePercent(given)) ?? [];
  if (bucket === undefined || key === undefined) throw new StorageError(S3_ERRORS.invalidArgument, { message: "Copy Source must mention the source bucket and key: sourcebucket/sourcekey." });
  const source = await findSource(call, bucketName(bucket), objectName(key));
  const condition = (name: string): string | undefined => header(`x-amz-copy-source-if-${name}`);
  checkPreconditions({ match: condition("match"), noneMatch: condition("none-match"), modifiedSince: condition("modified-since"), unmodifiedSince: condition("unmodified-since") }, source);
  return source;
}
