import { createBucket } from "./buckets/create-bucket.ts";
import { deleteBucket } from "./buckets/delete-bucket.ts";
import { emptyBucket } from "./buckets/empty-bucket.ts";
import { getBucket } from "./buckets/get-bucket.ts";
import { listBuckets } from "./buckets/list-buckets.ts";
import { updateBucket } from "./buckets/update-bucket.ts";
import { purgeBucket, purgeObject, purgeProject } from "./cache/purge-endpoints.ts";
import type { Endpoint } from "./endpoint/endpoint.ts";
import { deleteManyObjects, deleteObject } from "./objects/delete/delete-endpoints.ts";
import { getAnyObject, getAuthenticatedObject, getPublicObject, getSignedObject } from "./objects/download/get-object.ts";
import { authenticatedInfo, objectInfo, publicInfo } from "./objects/info/object-info.ts";
import { listObjects } from "./objects/list/list-objects.ts";
import { listObjectsV2 } from "./objects/list/list-objects-v2.ts";
import { copyObject } from "./objects/move/copy-object.ts";
import { moveObject } from "./objects/move/move-object.ts";
import { signManyObjects, signObject, signUpload, uploadToSignedUrl } from "./objects/sign/sign-endpoints.ts";
import { renderAuthenticatedImage, renderPublicImage, renderSignedImage } from "./render/render-endpoints.ts";
import { updateObject, uploadObject } from "./objects/upload/upload-object.ts";
import { RESUMABLE_ENDPOINTS } from "./resumable/resumable-endpoints.ts";
import { deleteObjectVersion, getVersion, listVersions, restoreObjectVersion } from "./versions/version-endpoints.ts";
import { createAccessKey, listAccessKeys, revokeAccessKey } from "./s3/credentials/access-key-endpoints.ts";
import { VECTOR_ENDPOINTS } from "./vectors/vector-endpoints.ts";

/** Every endpoint of Storage. The first that a path fits is taken: fixed words before names. */
export const ENDPOINTS: readonly Endpoint[] = [
  listBuckets, createBucket, getBucket, updateBucket, deleteBucket, emptyBucket,
  moveObject, copyObject,
  listObjects, listObjectsV2,
  signUpload, uploadToSignedUrl, signObject, getSignedObject, signManyObjects,
  authenticatedInfo, publicInfo, objectInfo,
  getAuthenticatedObject, getPublicObject,
  getAnyObject, uploadObject, updateObject, deleteObject, deleteManyObjects,
  renderAuthenticatedImage, renderPublicImage, renderSignedImage,
  ...RESUMABLE_ENDPOINTS,
  listVersions, getVersion, restoreObjectVersion, deleteObjectVersion,
  createAccessKey, listAccessKeys, revokeAccessKey,
  ...VECTOR_ENDPOINTS,
  purgeObject, purgeBucket, purgeProject,
];
