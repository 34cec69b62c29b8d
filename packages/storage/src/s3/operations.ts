import { createBucket, deleteBucket, getBucketLocation, getBucketVersioning, headBucket, listBuckets } from "./buckets/bucket-operations.ts";
import { listObjects, listObjectsV2 } from "./buckets/list-objects.ts";
import { copyObject } from "./objects/copy-object.ts";
import { deleteObject, deleteObjects } from "./objects/delete-objects.ts";
import { getObject, getObjectTagging, headObject } from "./objects/get-object.ts";
import { putObject } from "./objects/put-object.ts";
import type { S3Operation } from "./s3-operation.ts";
import { abortMultipartUpload } from "./uploads/abort-multipart-upload.ts";
import { completeMultipartUpload } from "./uploads/complete-multipart-upload.ts";
import { createMultipartUpload } from "./uploads/create-multipart-upload.ts";
import { listMultipartUploads } from "./uploads/list-multipart-uploads.ts";
import { listParts } from "./uploads/list-parts.ts";
import { uploadPart, uploadPartCopy } from "./uploads/upload-part.ts";

/** Every operation. The first that fits is taken: those that ask for more before the others. */
export const S3_OPERATIONS: readonly S3Operation[] = [
  listBuckets,
  getBucketLocation, getBucketVersioning, listMultipartUploads, listObjectsV2, listObjects, headBucket, createBucket, deleteBucket, deleteObjects,
  listParts, getObjectTagging, getObject, headObject,
  uploadPartCopy, uploadPart, copyObject, putObject,
  createMultipartUpload, completeMultipartUpload,
  abortMultipartUpload, deleteObject,
];
