import { findBucket } from "../../buckets/find-bucket.ts";
import type { ListedObject } from "../../objects/list/listed-object.ts";
import { listNames, type NamesPage } from "../../objects/list/list-names.ts";
import { StorageError } from "../../storage-error.ts";
import { integerParameter } from "../integer-parameter.ts";
import { encodePath } from "../percent-encoding.ts";
import { xml } from "../respond.ts";
import type { S3Call } from "../s3-call.ts";
import { S3_ERRORS } from "../s3-errors.ts";
import type { S3Operation } from "../s3-operation.ts";

const MOST_KEYS = 1_000;

export const listObjectsV2: S3Operation = {
  id: "storage.s3.object.list",
  method: "GET",
  level: "bucket",
  query: ["list-type"],
  handle: async (s3) => {
    const { query } = s3;
    if (query.get("list-type") !== "2") throw new StorageError(S3_ERRORS.invalidArgument, { message: "list-type must be 2." });
    const token = query.get("continuation-token");
    const page = await listPage(s3, token ? fromToken(token) : query.get("start-after"));
    return xml("ListBucketResult", {
      ...shown(s3, page),
      StartAfter: encoded(s3, query.get("start-after")),
      ContinuationToken: token,
      NextContinuationToken: page.next && toToken(page.next),
      KeyCount: page.objects.length + page.commonPrefixes.length,
    });
  },
};

export const listObjects: S3Operation = {
  id: "storage.s3.object.list",
  method: "GET",
  level: "bucket",
  handle: async (s3) => {
    const page = await listPage(s3, s3.query.get("marker"));
    // S3 says where to go on only where there is a delimiter: otherwise it is the last key, so that nobody is misled.
    return xml("ListBucketResult", { ...shown(s3, page), Marker: encoded(s3, s3.query.get("marker") ?? ""), NextMarker: encoded(s3, page.next) });
  },
};

async function listPage(s3: S3Call, startAfter: string | undefined): Promise<NamesPage> {
  const { call, bucket, query } = s3;
  const { id } = await findBucket(call, bucket);
  return listNames(call, { bucket: id, prefix: query.get("prefix")?.normalize("NFC"), delimiter: query.get("delimiter"), startAfter: startAfter?.normalize("NFC"), limit: maxKeysOf(s3) });
}

const maxKeysOf = ({ query }: S3Call): number => Math.min(integerParameter(query, "max-keys") ?? MOST_KEYS, MOST_KEYS);

/** What both forms of the list have. */
function shown(s3: S3Call, { objects, commonPrefixes, next }: NamesPage) {
  return {
    Name: s3.bucket,
    Prefix: encoded(s3, s3.query.get("prefix") ?? ""),
    Delimiter: encoded(s3, s3.query.get("delimiter")),
    MaxKeys: maxKeysOf(s3),
    EncodingType: s3.query.get("encoding-type"),
    IsTruncated: next !== undefined,
    Contents: objects.map((object) => contentOf(s3, object)),
    CommonPrefixes: commonPrefixes.map((prefix) => ({ Prefix: encoded(s3, prefix) })),
  };
}

const contentOf = (s3: S3Call, { name, updated_at, metadata }: ListedObject) => ({
  Key: encoded(s3, name),
  LastModified: updated_at === null ? undefined : new Date(updated_at).toISOString(),
  ETag: metadata?.eTag,
  Size: metadata?.size ?? 0,
  StorageClass: "STANDARD",
});

/** XML can't say every character: clients may ask for percent-encoding. */
const encoded = <T extends string | undefined>({ query }: S3Call, text: T): T => (text !== undefined && query.get("encoding-type") === "url" ? (encodePath(text) as T) : text);

const toToken = (name: string): string => Buffer.from(name).toString("base64url");

function fromToken(token: string): string {
  const name = Buffer.from(token, "base64url").toString("utf8");
  if (toToken(name) !== token) throw new StorageError(S3_ERRORS.invalidArgument, { message: "The continuation token provided is incorrect." });
  return name;
}
