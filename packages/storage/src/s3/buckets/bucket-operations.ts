import { selectBuckets, toBuckets } from "../../buckets/bucket.ts";
import { makeBucket } from "../../buckets/create-bucket.ts";
import { removeBucket } from "../../buckets/delete-bucket.ts";
import { findVisibleBucket } from "../../buckets/find-bucket.ts";
import { empty, xml } from "../respond.ts";
import type { S3Operation } from "../s3-operation.ts";

export const listBuckets: S3Operation = {
  id: "storage.s3.bucket.list",
  method: "GET",
  level: "service",
  handle: async ({ call }) => {
    const [result] = await call.query("caller", [selectBuckets(`order by b.name collate "C"`, [])], { readOnly: true });
    const buckets = toBuckets(result!).map(({ name, created_at }) => ({ Name: name, CreationDate: new Date(created_at).toISOString() }));
    return xml("ListAllMyBucketsResult", { Owner: { ID: call.tenant.ref }, Buckets: { Bucket: buckets } });
  },
};

/** What location it is to be in is read past: there is one. */
export const createBucket: S3Operation = {
  id: "storage.s3.bucket.create",
  method: "PUT",
  level: "bucket",
  handle: async ({ call, bucket, header }) => {
    await makeBucket(call, { name: bucket, public: header("x-amz-acl") === "public-read" });
    return empty(200, { location: `/${encodeURIComponent(bucket)}` });
  },
};

export const headBucket: S3Operation = {
  id: "storage.s3.bucket.head",
  method: "HEAD",
  level: "bucket",
  handle: async ({ call, auth, bucket }) => {
    await findVisibleBucket(call, bucket);
    return empty(200, { "x-amz-bucket-region": auth.signature.region });
  },
};

export const deleteBucket: S3Operation = {
  id: "storage.s3.bucket.delete",
  method: "DELETE",
  level: "bucket",
  handle: async ({ call, bucket }) => {
    await removeBucket(call, bucket);
    return empty(204);
  },
};

/** Nowhere in particular, which S3 says of us-east-1: any region that a client signs for is the right one. */
export const getBucketLocation: S3Operation = {
  id: "storage.s3.bucket.get_location",
  method: "GET",
  level: "bucket",
  query: ["location"],
  handle: async ({ call, bucket }) => {
    await findVisibleBucket(call, bucket);
    return xml("LocationConstraint", "");
  },
};

/** The versions that a bucket keeps are not S3's. */
export const getBucketVersioning: S3Operation = {
  id: "storage.s3.bucket.get_versioning",
  method: "GET",
  level: "bucket",
  query: ["versioning"],
  handle: async ({ call, bucket }) => {
    await findVisibleBucket(call, bucket);
    return xml("VersioningConfiguration", { Status: "Suspended", MfaDelete: "Disabled" });
  },
};
