import type { RawResult, Statement } from "@plinth/core";
import { findBucket } from "../../buckets/find-bucket.ts";
import { ownerOf } from "../../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../../errors.ts";
import { bucketName } from "../../names/bucket-name.ts";
import { objectName } from "../../names/object-name.ts";
import type { UserMetadata } from "../../objects/stored-object-row.ts";
import { limitsOf } from "../../objects/upload/receive-upload.ts";
import { checkMayWrite, type ObjectToWrite } from "../../objects/write-object.ts";
import { StorageError } from "../../storage-error.ts";
import type { S3Call } from "../s3-call.ts";

/** A part, as its row has it. */
export interface PartRow {
  readonly number: number;
  /** Bytes. */
  readonly size: number;
  /** Quoted. */
  readonly etag: string;
  readonly created_at: string;
}

/** An upload in parts that has begun and neither ended nor been given up, in whichever process. */
export interface MultipartUpload {
  /** The store's own name of it. */
  readonly id: string;
  readonly bucket: string;
  readonly name: string;
  /** Where its bytes are to be. */
  readonly version: string;
  readonly mimeType: string;
  readonly cacheControl: string;
  readonly userMetadata: UserMetadata | undefined;
  /** By their numbers. */
  readonly parts: readonly PartRow[];
  /** Of the object, in bytes. */
  readonly maxSize: number;
}

interface UploadRow {
  readonly version: string;
  readonly metadata: { readonly mimetype?: string; readonly cacheControl?: string } | null;
  readonly user_metadata: UserMetadata | null;
}

const PART = `json_build_object('number', p.part_number, 'size', p.size, 'etag', p.etag, 'created_at', p.created_at)`;

/**
 * The upload that the request names, which must be of the bucket and name that it names, for a caller who may write that
 * object: whoever may not learns nothing of it, and can neither add to it nor end it.
 * @throws StorageError NoSuchUpload, NoSuchBucket, AccessDenied
 */
export async function findUpload(s3: S3Call, upsert = true): Promise<MultipartUpload> {
  const { call } = s3;
  const name = objectName(s3.key);
  const bucket = await findBucket(call, bucketName(s3.bucket));
  const id = s3.query.get("uploadId") ?? "";
  const [uploads, parts] = await call.query("service", [selectUpload(id, bucket.id, name), selectParts(id)], { readOnly: true });
  const [text] = uploads!.rows[0] ?? [];
  if (text === undefined || text === null) throw new StorageError(STORAGE_ERRORS.noSuchUpload);
  const { version, metadata, user_metadata } = JSON.parse(text) as UploadRow;
  const { maxSize } = limitsOf(call, bucket, name);
  const upload = { id, bucket: bucket.id, name, version, mimeType: metadata?.mimetype ?? "application/octet-stream", cacheControl: metadata?.cacheControl ?? "no-cache", userMetadata: user_metadata ?? undefined, parts: toParts(parts!), maxSize };
  await checkMayWrite(call, toObject(s3, upload, upsert), { mimetype: upload.mimeType });
  return upload;
}

export const toObject = ({ call }: Pick<S3Call, "call">, { bucket, name, userMetadata }: Pick<MultipartUpload, "bucket" | "name" | "userMetadata">, upsert: boolean): ObjectToWrite => ({ bucket, name, owner: ownerOf(call.caller), upsert, userMetadata });

export const sizeOf = (parts: readonly Pick<PartRow, "size">[]): number => parts.reduce((total, { size }) => total + size, 0);

/** With its parts. */
export const forgetUpload = (id: string): Statement => ({ sql: "delete from storage.s3_multipart_uploads where id = $1", parameters: [id] });

const selectUpload = (id: string, bucket: string, name: string): Statement => ({
  sql: `select json_build_object('version', version, 'metadata', metadata, 'user_metadata', user_metadata) from storage.s3_multipart_uploads where id = $1 and bucket_id = $2 and key = $3`,
  parameters: [id, bucket, name],
});

const selectParts = (id: string): Statement => ({ sql: `select ${PART} from storage.s3_multipart_uploads_parts p where p.upload_id = $1 order by p.part_number`, parameters: [id] });

const toParts = ({ rows }: RawResult): PartRow[] => rows.map(([text]) => JSON.parse(text!) as PartRow);
