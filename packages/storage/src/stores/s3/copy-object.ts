import type { ObjectKey, StoredObject } from "@plinth/core";
import { etagOfParts } from "../etag.ts";
import { quoted } from "./put-bytes.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { unavailable } from "./s3-error.ts";
import { abortUpload, beginUpload, joinParts } from "./s3-uploads.ts";

/** What a server copies in one request at most (AWS: API_CopyObject). */
const MAX_COPY = 5 * 1024 ** 3;

const PART = 1024 ** 3;

/** @throws as `ObjectStore.copy` */
export async function copyObject(bucket: S3Bucket, from: ObjectKey, to: ObjectKey, limit = MAX_COPY, partSize = PART): Promise<StoredObject | undefined> {
  const target = bucket.at(to);
  const source = await headObject(bucket, from);
  if (source === undefined) return undefined;
  if (source.size > limit) return copyInParts(bucket, from, to, source, partSize);
  const input = { ...target, CopySource: sourceOf(bucket, from), MetadataDirective: "COPY" } as const;
  const answer = await bucket.sendIfPresent((client, sdk) => client.send(new sdk.CopyObjectCommand(input)));
  if (answer === undefined) return undefined;
  const { ETag: etag, LastModified: lastModified = new Date() } = answer.CopyObjectResult ?? {};
  return { size: source.size, etag: quoted(etag) ?? source.etag, lastModified };
}

/** @throws as `ObjectStore.head` */
export async function headObject(bucket: S3Bucket, key: ObjectKey): Promise<StoredObject | undefined> {
  const input = bucket.at(key);
  const answer = await bucket.sendIfPresent((client, sdk) => client.send(new sdk.HeadObjectCommand(input)));
  if (answer === undefined) return undefined;
  const { ContentLength: size, LastModified: lastModified } = answer;
  const etag = quoted(answer.ETag);
  if (size === undefined || etag === undefined || lastModified === undefined) throw unavailable("The server didn't say all that it has to of an object.");
  return { size, etag, lastModified };
}

/** Keys need no encoding. */
const sourceOf = (bucket: S3Bucket, key: ObjectKey): string => `${bucket.name}/${bucket.at(key).Key}`;

async function copyInParts(bucket: S3Bucket, from: ObjectKey, to: ObjectKey, source: StoredObject, partSize: number): Promise<StoredObject> {
  const uploadId = await beginUpload(bucket, to);
  try {
    const parts: { number: number; size: number; etag: string }[] = [];
    for (let start = 0, number = 1; start < source.size; start += partSize, number += 1) {
      const end = Math.min(start + partSize, source.size) - 1;
      const input = { ...bucket.at(to), UploadId: uploadId, PartNumber: number, CopySource: sourceOf(bucket, from), CopySourceRange: `bytes=${start}-${end}`, CopySourceIfMatch: source.etag };
      const { CopyPartResult: copied } = await bucket.send((client, sdk) => client.send(new sdk.UploadPartCopyCommand(input)));
      const etag = quoted(copied?.ETag);
      if (etag === undefined) throw unavailable("The server named no ETag of a part.");
      parts.push({ number, size: end - start + 1, etag });
    }
    return await joinParts(bucket, to, uploadId, parts, etagOfParts(parts.map(({ etag }) => etag)));
  } catch (error) {
    await abortUpload(bucket, to, uploadId).catch(() => {});
    throw error;
  }
}
