import { integerParameter } from "../integer-parameter.ts";
import { xml } from "../respond.ts";
import type { S3Operation } from "../s3-operation.ts";
import { findUpload } from "./multipart-upload.ts";

const MOST_PARTS = 1_000;

export const listParts: S3Operation = {
  id: "storage.s3.upload.list_parts",
  method: "GET",
  level: "object",
  query: ["uploadId"],
  handle: async (s3) => {
    const after = integerParameter(s3.query, "part-number-marker") ?? 0;
    const limit = Math.min(integerParameter(s3.query, "max-parts") ?? MOST_PARTS, MOST_PARTS);
    const { id, bucket, parts } = await findUpload(s3);
    const left = parts.filter(({ number }) => number > after);
    const shown = left.slice(0, limit);
    return xml("ListPartsResult", {
      Bucket: bucket,
      Key: s3.key,
      UploadId: id,
      StorageClass: "STANDARD",
      PartNumberMarker: after,
      NextPartNumberMarker: shown.at(-1)?.number,
      MaxParts: limit,
      IsTruncated: shown.length < left.length,
      Part: shown.map(({ number, size, etag, created_at }) => ({ PartNumber: number, LastModified: new Date(created_at).toISOString(), ETag: etag, Size: size })),
    });
  },
};
