import type { ObjectKey, StoredObject, StoredPart } from "@plinth/core";
import { etagOfParts } from "../etag.ts";
import { noUpload, partsToJoin } from "../upload-parts.ts";
import { checkedEtag, quoted } from "./put-bytes.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { isNoUpload, unavailable } from "./s3-error.ts";

export type NamedPart = Pick<StoredPart, "number" | "etag">;

/** @returns the id of an upload in parts */
export async function beginUpload(bucket: S3Bucket, key: ObjectKey): Promise<string> {
  const { UploadId: id } = await bucket.send((client, sdk) => client.send(new sdk.CreateMultipartUploadCommand(bucket.at(key))));
  if (id === undefined) throw unavailable("The server named no upload.");
  return id;
}

/** @throws BackendError PLINTH_STORE_NO_UPLOAD */
export async function listParts(bucket: S3Bucket, key: ObjectKey, uploadId: string): Promise<readonly StoredPart[]> {
  const input = { ...bucket.at(key), UploadId: uploadIdOf(uploadId) };
  const parts: StoredPart[] = [];
  for (let marker: string | undefined, more = true; more; ) {
    const page = await bucket.send((client, sdk) => client.send(new sdk.ListPartsCommand({ ...input, ...(marker === undefined ? {} : { PartNumberMarker: marker }) })));
    for (const { PartNumber: number = 0, Size: size = 0, ETag: etag } of page.Parts ?? []) parts.push({ number, size, etag: quoted(etag) ?? "" });
    more = page.IsTruncated === true && page.NextPartNumberMarker !== marker;
    marker = page.NextPartNumberMarker;
  }
  return parts;
}

/** Checks the parts before the server does, since not all say the same of wrong ones. @throws as `ObjectStore.completeUpload` */
export async function completeUpload(bucket: S3Bucket, key: ObjectKey, uploadId: string, wanted: readonly NamedPart[]): Promise<StoredObject> {
  const parts = partsToJoin(await listParts(bucket, key, uploadId), wanted);
  return joinParts(bucket, key, uploadId, parts, etagOfParts(wanted.map(({ etag }) => etag)));
}

/** @param expected the whole object's ETag */
export async function joinParts(bucket: S3Bucket, key: ObjectKey, uploadId: string, parts: readonly Pick<StoredPart, "number" | "size" | "etag">[], expected: string): Promise<StoredObject> {
  const MultipartUpload = { Parts: parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag })) };
  const input = { ...bucket.at(key), UploadId: uploadId, MultipartUpload };
  const answer = await bucket.send((client, sdk) => client.send(new sdk.CompleteMultipartUploadCommand(input)));
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  try {
    // Ceph says the ETag only when it is asked for the object.
    const named = quoted(answer.ETag) === undefined ? await bucket.send((client, sdk) => client.send(new sdk.HeadObjectCommand(bucket.at(key)))) : answer;
    return { size, etag: checkedEtag(named, expected), lastModified: new Date() };
  } catch (error) {
    await bucket.send((client, sdk) => client.send(new sdk.DeleteObjectCommand(bucket.at(key)))).catch(() => {});
    throw error;
  }
}

export async function abortUpload(bucket: S3Bucket, key: ObjectKey, uploadId: string): Promise<void> {
  const input = { ...bucket.at(key), UploadId: uploadId };
  if (uploadId === "") return;
  await bucket.send((client, sdk) => client.send(new sdk.AbortMultipartUploadCommand(input))).catch((error: unknown) => {
    if (!isNoUpload(error)) throw error;
  });
}

export async function* listUploads(bucket: S3Bucket, prefix: ObjectKey): AsyncGenerator<{ key: ObjectKey; uploadId: string; begunAt: Date }, void> {
  let after: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } | undefined = {};
  while (after !== undefined) {
    const markers: object = after;
    const page = await bucket.send((client, sdk) => client.send(new sdk.ListMultipartUploadsCommand({ ...bucket.below(prefix), ...markers })));
    for (const { Key: name, UploadId: uploadId, Initiated: begunAt } of page.Uploads ?? []) {
      if (name !== undefined && uploadId !== undefined) yield { key: bucket.keyOf(name), uploadId, begunAt: begunAt ?? new Date() };
    }
    const { NextKeyMarker, NextUploadIdMarker } = page;
    after = page.IsTruncated === true && NextKeyMarker !== undefined ? { KeyMarker: NextKeyMarker, ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }) } : undefined;
  }
}

/** Without one, the request would be another (of the object itself). */
export function uploadIdOf(id: string): string {
  if (id === "") throw noUpload();
  return id;
}
