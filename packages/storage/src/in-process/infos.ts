import type { Bucket } from "../buckets/bucket.ts";
import type { ListedObject } from "../objects/list/listed-object.ts";
import type { ObjectMetadata, ObjectRow } from "../objects/stored-object-row.ts";
import type { VersionRow } from "../versions/object-version.ts";
import type { BucketInfo, BucketOptions, ListedInfo, ObjectInfo, VersionInfo } from "./tenant-storage-api.ts";

const described = (metadata: Partial<ObjectMetadata> | null) => ({
  size: metadata?.size ?? null,
  contentType: metadata?.mimetype ?? null,
  cacheControl: metadata?.cacheControl ?? null,
  etag: metadata?.eTag ?? null,
});

export const objectInfo = ({ id, name, bucket_id, version, owner_id, metadata, user_metadata, created_at, updated_at }: ObjectRow): ObjectInfo => ({
  id,
  name,
  bucket: bucket_id,
  version,
  owner: owner_id,
  ...described(metadata),
  metadata: user_metadata,
  createdAt: created_at,
  lastModified: updated_at,
});

export const versionInfo = ({ object_id, name, bucket_id, version, owner_id, metadata, user_metadata, created_at, archived_at, deleted }: VersionRow): VersionInfo => ({
  id: object_id,
  name,
  bucket: bucket_id,
  version,
  owner: owner_id,
  ...described(metadata),
  metadata: user_metadata,
  createdAt: created_at,
  archivedAt: archived_at,
  deleted,
});

export function listedInfo({ id, name, metadata, created_at, updated_at }: ListedObject): ListedInfo {
  const { size, contentType, etag } = described(metadata);
  return { id, name, size, contentType, etag, createdAt: created_at, lastModified: updated_at };
}

export const bucketInfo = (bucket: Bucket): BucketInfo => ({
  id: bucket.id,
  name: bucket.name,
  public: bucket.public,
  owner: bucket.owner,
  fileSizeLimit: bucket.file_size_limit,
  allowedMimeTypes: bucket.allowed_mime_types,
  keptVersions: bucket.kept_versions,
  versionTtl: bucket.version_ttl,
  createdAt: bucket.created_at,
  updatedAt: bucket.updated_at,
});

/** Under the names that the API has them by. */
export const bucketBody = (options: BucketOptions): Readonly<Record<string, unknown>> => ({
  public: options.public,
  file_size_limit: options.fileSizeLimit,
  allowed_mime_types: options.allowedMimeTypes,
  kept_versions: options.keptVersions,
  version_ttl: options.versionTtl,
});
