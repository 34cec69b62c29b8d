import type { ByteRange, StoredPart } from "@plinth/core";
import { ownerOf } from "../../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../../errors.ts";
import { StorageError } from "../../storage-error.ts";
import { readBody, type S3Body } from "../body/read-body.ts";
import { integerParameter } from "../integer-parameter.ts";
import { findCopySource } from "../objects/copy-source.ts";
import { empty, xml } from "../respond.ts";
import type { S3Call } from "../s3-call.ts";
import { S3_ERRORS } from "../s3-errors.ts";
import type { S3Operation } from "../s3-operation.ts";
import { findUpload, type MultipartUpload, sizeOf } from "./multipart-upload.ts";

/** S3's, in bytes. */
const LARGEST_PART = 5 * 1_024 ** 3;

export const uploadPart: S3Operation = {
  id: "storage.s3.upload.part",
  method: "PUT",
  level: "object",
  query: ["partNumber", "uploadId"],
  handle: async (s3) => {
    const number = numberOf(s3);
    const upload = await findUpload(s3);
    const room = roomFor(upload, number);
    const { etag } = await keep(s3, upload, number, await readBody(s3, room));
    return empty(200, { etag });
  },
};

export const uploadPartCopy: S3Operation = {
  id: "storage.s3.upload.part_copy",
  method: "PUT",
  level: "object",
  query: ["partNumber", "uploadId"],
  header: "x-amz-copy-source",
  handle: async (s3) => {
    const number = numberOf(s3);
    const { call, header } = s3;
    const [upload, source] = [await findUpload(s3), await findCopySource(s3)];
    const whole = source.metadata?.size ?? 0;
    const range = copiedRange(header("x-amz-copy-source-range"), whole);
    const size = range === undefined ? whole : range.end - range.start + 1;
    if (size > roomFor(upload, number)) throw new StorageError(STORAGE_ERRORS.tooLarge);
    const bytes = source.version === null ? undefined : await call.storage.store.get(call.storage.keyOf(source.version), { range, signal: call.signal });
    if (bytes === undefined) throw new StorageError(STORAGE_ERRORS.noSuchKey);
    const { etag } = await keep(s3, upload, number, { size, bytes });
    return xml("CopyPartResult", { ETag: etag, LastModified: new Date().toISOString() });
  },
};

function numberOf({ query }: S3Call): number {
  const number = integerParameter(query, "partNumber") ?? 0;
  if (number < 1 || number > 10_000) throw new StorageError(S3_ERRORS.invalidArgument, { message: "Part number must be an integer between 1 and 10000, inclusive." });
  return number;
}

/** What the object may still grow by. The part may be put anew. */
const roomFor = ({ parts, maxSize }: MultipartUpload, number: number): number => Math.min(LARGEST_PART, Math.max(0, maxSize - sizeOf(parts.filter((part) => part.number !== number))));

function copiedRange(header: string | undefined, size: number): ByteRange | undefined {
  if (header === undefined) return undefined;
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  const range = { start: Number(start ?? Number.NaN), end: Number(end ?? Number.NaN) };
  if (!(range.start <= range.end)) throw new StorageError(S3_ERRORS.invalidArgument, { message: "The x-amz-copy-source-range value must be of the form bytes=first-last." });
  if (range.end >= size) throw new StorageError(STORAGE_ERRORS.invalidRange);
  return range;
}

/** The bytes first, then the part's row, in place of one of the same number. */
async function keep({ call }: S3Call, upload: MultipartUpload, number: number, { size, bytes }: S3Body): Promise<StoredPart> {
  const { store, keyOf } = call.storage;
  const part = await store.putPart(keyOf(upload.version), upload.id, number, bytes, { size, maxSize: roomFor(upload, number), signal: call.signal });
  const { id } = upload;
  try {
    await call.query("service", [
      { sql: "select 1 from storage.s3_multipart_uploads where id = $1 for update", parameters: [id] },
      { sql: "delete from storage.s3_multipart_uploads_parts where upload_id = $1 and part_number = $2::int", parameters: [id, String(number)] },
      {
        sql: "insert into storage.s3_multipart_uploads_parts (upload_id, size, part_number, bucket_id, key, etag, owner_id, version) values ($1, $2::bigint, $3::int, $4, $5, $6, $7, $8)",
        parameters: [id, String(part.size), String(number), upload.bucket, upload.name, part.etag, ownerOf(call.caller) ?? null, upload.version],
      },
      { sql: "update storage.s3_multipart_uploads set in_progress_size = (select sum(size) from storage.s3_multipart_uploads_parts where upload_id = $1) where id = $1", parameters: [id] },
    ]);
  } catch (error) {
    // It was ended or given up meanwhile.
    throw error instanceof StorageError && error.message === STORAGE_ERRORS.relatedNotFound.message ? new StorageError(STORAGE_ERRORS.noSuchUpload, { cause: error }) : error;
  }
  return part;
}
