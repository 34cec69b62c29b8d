import type { ErrorDefinition } from "@plinth/core";

/** How an error of Storage is answered: with `status` in the body, where clients look for it, and mostly 400 as the answer's own. */
export interface StorageErrorDefinition extends ErrorDefinition {
  /** What stands in the body's `error`. Default: the code. */
  readonly error?: string;
  /** The answer's own status. Default: 500 where `status` is, else 400. */
  readonly httpStatus?: number;
}

/** Codes, statuses and messages of supabase/storage 1.11 (`src/internal/errors/codes.ts`), and some of our own below. */
export const STORAGE_ERRORS = {
  noSuchBucket: { code: "NoSuchBucket", status: 404, error: "Bucket not found", message: "Bucket not found" },
  noSuchKey: { code: "NoSuchKey", status: 404, error: "not_found", message: "Object not found" },
  noSuchUpload: { code: "NoSuchUpload", status: 404, message: "Upload not found" },
  uploadOffset: { code: "UploadOffsetConflict", status: 409, message: "Upload-Offset conflict" },
  uploadExpired: { code: "UploadExpired", status: 410, message: "The upload has expired" },
  tusVersion: { code: "TusVersionUnsupported", status: 412, message: "Tus-Resumable header required, with version 1.0.0" },
  bucketExists: { code: "BucketAlreadyExists", status: 409, error: "Duplicate", message: "The resource already exists" },
  keyExists: { code: "KeyAlreadyExists", status: 409, error: "Duplicate", message: "The resource already exists" },
  bucketNotEmpty: { code: "ResourceNotEmpty", status: 409, message: "The bucket you tried to delete is not empty" },
  accessDenied: { code: "AccessDenied", status: 403, error: "Unauthorized", message: "Access denied" },
  adminOnly: { code: "AccessDenied", status: 403, httpStatus: 403, error: "Unauthorized", message: "Access denied", hint: "Only the project's service role may do this." },
  unauthorized: { code: "AccessDenied", status: 403, error: "Unauthorized", message: "Invalid Compact JWS" },
  tooLarge: { code: "EntityTooLarge", status: 413, error: "Payload too large", message: "The object exceeded the maximum allowed size" },
  invalidMimeType: { code: "InvalidMimeType", status: 415, error: "invalid_mime_type", message: "Invalid Content-Type header" },
  invalidKey: { code: "InvalidKey", status: 400, message: "Invalid key" },
  invalidBucketName: { code: "InvalidBucketName", status: 400, error: "Invalid Input", message: "Bucket name invalid" },
  invalidJwt: { code: "InvalidJWT", status: 400, message: "Invalid JWT" },
  invalidSignature: { code: "InvalidSignature", status: 400, message: "Invalid signature" },
  expiredSignature: { code: "ExpiredToken", status: 400, message: "The provided token has expired." },
  invalidRange: { code: "InvalidRange", status: 416, httpStatus: 416, error: "invalid_range", message: "invalid range provided" },
  invalidRequest: { code: "InvalidRequest", status: 400, message: "Invalid Request" },
  missingParameter: { code: "MissingParameter", status: 400, message: "Missing Required Parameter" },
  invalidParameter: { code: "InvalidParameter", status: 400, message: "Invalid Parameter" },
  noContent: { code: "InvalidRequest", status: 400, message: "No content provided" },
  resourceLocked: { code: "ResourceLocked", status: 423, message: "The resource is locked" },
  lockTimeout: { code: "LockTimeout", status: 503, error: "acquiring_lock_timeout", message: "acquiring lock timeout" },
  slowDown: { code: "SlowDown", status: 429, httpStatus: 429, error: "too_many_connections", message: "Too many connections issued to the database" },
  featureNotEnabled: { code: "FeatureNotEnabled", status: 409, message: "The feature is not enabled for this resource" },
  referenced: { code: "ResourceReferenced", status: 409, message: "The resource could not be updated or removed due to a foreign key constraint" },
  relatedNotFound: { code: "InvalidRequest", status: 404, message: "The related resource does not exist" },
  resourceExists: { code: "ResourceAlreadyExists", status: 409, error: "Duplicate", message: "The resource already exists" },
  aborted: { code: "AbortedTerminate", status: 499, message: "The client went away before the answer" },
  databaseTimeout: { code: "DatabaseTimeout", status: 544, httpStatus: 544, message: "The connection to the database timed out" },
  databaseReadOnly: { code: "DatabaseReadOnly", status: 503, message: "The database is currently in read-only mode. Please try again later." },
  databaseError: { code: "DatabaseError", status: 500, message: "The database could not do this" },
  internal: { code: "InternalError", status: 500, message: "Internal server error" },

  invalidImage: { code: "InvalidRequest", status: 400, message: "The source image is invalid or unsupported for rendering" },
  imageResolution: { code: "InvalidRequest", status: 400, message: "The source image resolution is too large to process" },
  imageFileSize: { code: "InvalidRequest", status: 400, message: "The source image file is too large to process" },
  imageTimeout: { code: "InvalidRequest", status: 408, message: "Image request timed out" },
  imagesDisabled: { code: "FeatureNotEnabled", status: 403, httpStatus: 403, message: "feature not enabled for this tenant", hint: "settings.storage.imageTransformation.enabled" },

  vectorConflict: { code: "ConflictException", status: 409, httpStatus: 409, message: "The resource already exists" },
  vectorNotFound: { code: "NotFoundException", status: 404, httpStatus: 404, message: "The resource was not found" },
  vectorBucketNotEmpty: { code: "VectorBucketNotEmpty", status: 400, message: "The bucket of vectors is not empty" },
  maxVectorBuckets: { code: "S3VectorMaxBucketsExceeded", status: 400, message: "Maximum number of buckets exceeded" },
  maxVectorIndexes: { code: "S3VectorMaxIndexesExceeded", status: 400, message: "Maximum number of indexes exceeded" },
  vectorsDisabled: { code: "FeatureNotEnabled", status: 403, httpStatus: 403, message: "feature not enabled for this tenant", hint: "settings.storage.vectorBuckets.enabled" },
  noVectorExtension: { code: "FeatureNotEnabled", status: 409, httpStatus: 409, message: "The project's database has no extension vector", hint: "Install pgvector on the database's server, then: create extension vector with schema extensions;" },

  tooManyImages: { code: "SlowDown", status: 429, httpStatus: 429, error: "Too Many Requests", message: "Too many images are being transformed", hint: "Try again shortly." },
  noImageLibrary: { code: "ImageLibraryMissing", status: 501, httpStatus: 501, message: "Images can't be transformed here: the package sharp is not installed", hint: "npm install sharp" },
  routeNotFound: { code: "RouteNotFound", status: 404, httpStatus: 404, error: "Not Found", message: "Route not found" },
  noSuchVersion: { code: "NoSuchVersion", status: 404, error: "not_found", message: "The object has no such version" },
  wrongSize: { code: "IncompleteBody", status: 400, message: "There are more or fewer bytes than the request announced" },
  // Whoever runs the server has to hear of these, and proxies to know.
  storeUnavailable: { code: "StoreUnavailable", status: 503, httpStatus: 503, message: "The store of files can't be reached right now", hint: "Try again shortly." },
  storeFull: { code: "StoreFull", status: 507, httpStatus: 507, message: "The store of files is full" },
} as const satisfies Record<string, StorageErrorDefinition>;
