import type { Statement } from "@plinth/core";
import { findBucket } from "../../buckets/find-bucket.ts";
import { bucketName } from "../../names/bucket-name.ts";
import { integerParameter } from "../integer-parameter.ts";
import { encodePath } from "../percent-encoding.ts";
import { xml } from "../respond.ts";
import type { S3Operation } from "../s3-operation.ts";

const MOST_UPLOADS = 1_000;

/** An upload, or with a delimiter all that are below a common prefix. */
interface Entry {
  readonly name: string;
  /** "" of a common prefix. */
  readonly id: string;
  readonly created_at: string;
}

/** Shows what the policies on `storage.s3_multipart_uploads` show, as upstream: nothing but to the service role where there are none. */
export const listMultipartUploads: S3Operation = {
  id: "storage.s3.upload.list_multipart",
  method: "GET",
  level: "bucket",
  query: ["uploads"],
  handle: async ({ call, bucket, query }) => {
    const limit = Math.min(integerParameter(query, "max-uploads") ?? MOST_UPLOADS, MOST_UPLOADS);
    const { id } = await findBucket(call, bucketName(bucket));
    const asked = { bucket: id, prefix: query.get("prefix") ?? "", delimiter: query.get("delimiter") ?? "", keyMarker: query.get("key-marker") ?? "", uploadIdMarker: query.get("upload-id-marker") };
    const [result] = await call.query("caller", [select(asked, limit + 1)], { readOnly: true });
    const found = result!.rows.map(([text]) => JSON.parse(text!) as Entry);
    const entries = found.slice(0, limit);
    const last = found.length > limit ? entries.at(-1) : undefined;
    const encoded = (text: string): string => (query.get("encoding-type") === "url" ? encodePath(text) : text);
    return xml("ListMultipartUploadsResult", {
      Bucket: id,
      Prefix: encoded(asked.prefix),
      Delimiter: query.get("delimiter"),
      KeyMarker: encoded(asked.keyMarker),
      UploadIdMarker: asked.uploadIdMarker ?? "",
      NextKeyMarker: last && encoded(last.name),
      NextUploadIdMarker: last?.id,
      MaxUploads: limit,
      EncodingType: query.get("encoding-type"),
      IsTruncated: last !== undefined,
      Upload: entries.filter((entry) => entry.id !== "").map((entry) => ({ Key: encoded(entry.name), UploadId: entry.id, StorageClass: "STANDARD", Initiated: new Date(entry.created_at).toISOString() })),
      CommonPrefixes: entries.filter((entry) => entry.id === "").map((entry) => ({ Prefix: encoded(entry.name) })),
    });
  },
};

interface Asked {
  readonly bucket: string;
  readonly prefix: string;
  readonly delimiter: string;
  readonly keyMarker: string;
  readonly uploadIdMarker: string | undefined;
}

/** Uploads under way are few: they are read, and put together, in one go. */
const select = ({ bucket, prefix, delimiter, keyMarker, uploadIdMarker }: Asked, limit: number): Statement => ({
  sql: `
    with uploads as (
      select id, key, created_at, strpos(substr(key, length($2) + 1), $3) as at from storage.s3_multipart_uploads
       where bucket_id = $1 and starts_with(key, $2)
    ), entries as (
      select distinct case when $3 <> '' and at > 0 then left(key, length($2) + at + length($3) - 1) else key end collate "C" as name,
             case when $3 <> '' and at > 0 then '' else id end as id,
             case when $3 <> '' and at > 0 then null else created_at end as created_at
        from uploads
    )
    select json_build_object('name', name, 'id', id, 'created_at', created_at) from entries
     where name > $4 or (name = $4 and id > $5)
     order by name, id limit $6::int`,
  parameters: [bucket, prefix, delimiter, keyMarker, uploadIdMarker ?? null, String(limit)],
});
