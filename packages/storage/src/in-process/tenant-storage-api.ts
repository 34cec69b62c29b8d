import type { Readable } from "node:stream";
import type { Claims } from "@plinth/core";
import type { CreatedS3AccessKey, NewS3AccessKey, S3AccessKey } from "../s3/credentials/access-keys.ts";
import type { SweepOptions } from "../sweep/sweep-storage.ts";
import type { SweepReport } from "../sweep/sweep-report.ts";

/** What host code gives to be stored. Streams are stored as they come. */
export type UploadBody = string | Uint8Array | ArrayBuffer | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>;

export interface UploadOptions {
  /** Default: a Blob's type; `text/plain;charset=UTF-8` for a string; else `application/octet-stream`. */
  readonly contentType?: string | undefined;
  /** Seconds, or a Cache-Control header. Default: "no-cache". */
  readonly cacheControl?: number | string | undefined;
  /** Whether an object of that name may be replaced. Default: false. */
  readonly upsert?: boolean | undefined;
  /** Anything of one's own; JSON. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Whom it is said to belong to. Default: the `sub` of whom it is done as, if any. */
  readonly owner?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface UploadedObject {
  readonly id: string;
  /** As it is kept: in Unicode's form NFC. */
  readonly name: string;
  readonly version: string;
  /** Whether there was none of that name. */
  readonly isNew: boolean;
}

/** What is known of an object. Times are ISO 8601. */
export interface ObjectInfo {
  readonly id: string;
  readonly name: string;
  readonly bucket: string;
  readonly version: string | null;
  readonly owner: string | null;
  /** Bytes. */
  readonly size: number | null;
  readonly contentType: string | null;
  readonly cacheControl: string | null;
  /** Quoted. */
  readonly etag: string | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly createdAt: string;
  readonly lastModified: string;
}

export interface DownloadOptions {
  /** `end` is the last byte's place. Default: to the object's end. */
  readonly range?: { readonly start: number; readonly end?: number | undefined } | undefined;
  /** An earlier version. Default: the object as it is. */
  readonly version?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DownloadedObject {
  readonly info: ObjectInfo;
  /** Bytes that come: those of the range. */
  readonly size: number;
  /** To be read or destroyed. */
  readonly stream: Readable;
}

/** An earlier version of an object. */
export interface VersionInfo extends Omit<ObjectInfo, "version" | "lastModified"> {
  readonly version: string;
  /** When something else took its place. */
  readonly archivedAt: string;
  /** Whether the object was deleted then, rather than written anew. */
  readonly deleted: boolean;
}

export interface ListOptions {
  /** Names that have it after the prefix are one folder, the part up to it. Default: none, so that all names are objects. */
  readonly delimiter?: string | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  /** 1 to 1,000. Default: 1,000. */
  readonly limit?: number | undefined;
}

/** An object in a list. Rows that others have written may lack some of it. */
export type ListedInfo = Pick<ObjectInfo, "id" | "name" | "size" | "contentType" | "etag"> & { readonly createdAt: string | null; readonly lastModified: string | null };

export interface ObjectPage {
  /** By the bytes of their names. */
  readonly objects: readonly ListedInfo[];
  /** With the delimiter at their ends. */
  readonly folders: readonly string[];
  /** `after` of the next page; undefined where there is none. */
  readonly next: string | undefined;
}

/** Leave to upload an object. */
export interface SignedUpload {
  /** The object's, as it will be kept: in Unicode's form NFC. */
  readonly name: string;
  readonly token: string;
  /** The path to PUT the bytes to, token included, to be put behind an origin. */
  readonly url: string;
}

/** One bucket's objects. Every method throws StorageError, as the HTTP API answers. */
export interface BucketObjects {
  /** @throws StorageError NoSuchBucket, InvalidKey, AccessDenied, KeyAlreadyExists, EntityTooLarge, InvalidMimeType; what the body throws */
  upload(name: string, body: UploadBody, options?: UploadOptions): Promise<UploadedObject>;
  /** @throws StorageError NoSuchKey, InvalidRange, NoSuchVersion */
  download(name: string, options?: DownloadOptions): Promise<DownloadedObject>;
  /** @throws StorageError NoSuchKey */
  info(name: string): Promise<ObjectInfo>;
  exists(name: string): Promise<boolean>;
  /** Objects whose names begin so. */
  list(prefix?: string, options?: ListOptions): Promise<ObjectPage>;
  /** Bytes stay where they are. @throws StorageError NoSuchKey, KeyAlreadyExists, AccessDenied */
  move(from: string, to: string, options?: { readonly destinationBucket?: string }): Promise<void>;
  /** @throws StorageError NoSuchKey, KeyAlreadyExists, AccessDenied */
  copy(from: string, to: string, options?: { readonly destinationBucket?: string; readonly upsert?: boolean }): Promise<UploadedObject>;
  /** Any number of them. @returns the names of those that were there and could be deleted */
  remove(names: readonly string[]): Promise<string[]>;
  /**
   * An address that whoever has it may read the object by for some seconds: its path, to be put behind an origin.
   * @param download as a file of that name; "" for the name it has
   * @throws StorageError NoSuchKey
   */
  signedUrl(name: string, seconds: number, options?: { readonly download?: string }): Promise<string>;
  /**
   * Lets whoever has it upload one object of that name, within a minute unless `uploadSignedUrlExpirationTime` says otherwise.
   * The bucket's limits hold; the object is said to belong to whom this is done as.
   * @param upsert whether an object that is there then may be replaced. Default: false, so that it is good for one upload
   * @throws StorageError NoSuchBucket, InvalidKey, AccessDenied, KeyAlreadyExists
   * @example
   * const { name, token } = await tenant.storage.as({ claims }).from("avatars").signedUpload(`${claims.sub}/me.png`);
   * await supabase.storage.from("avatars").uploadToSignedUrl(name, token, file); // in the browser
   */
  signedUpload(name: string, options?: { readonly upsert?: boolean }): Promise<SignedUpload>;
  /** The path of an object of a public bucket. Whether it is there isn't looked at. @throws StorageError InvalidKey */
  publicUrl(name: string, options?: { readonly download?: string }): string;
  /** What the object was before, newest first. @throws StorageError NoSuchKey */
  versions(name: string): Promise<VersionInfo[]>;
  /** Makes an earlier version the object again, as a new one. @throws StorageError NoSuchVersion, AccessDenied */
  restore(name: string, version: string): Promise<UploadedObject>;
  /** @throws StorageError NoSuchVersion, AccessDenied */
  deleteVersion(name: string, version: string): Promise<void>;
}

/** Null: no limit of its own. */
export interface BucketOptions {
  /** Whether every object is readable without a key. Default: false. */
  readonly public?: boolean | undefined;
  /** Bytes, or a text such as "20MB". */
  readonly fileSizeLimit?: number | string | null | undefined;
  /** `image/png`, `image/*`. */
  readonly allowedMimeTypes?: readonly string[] | null | undefined;
  /** How many earlier versions of each object are kept. Null: none. */
  readonly keptVersions?: number | null | undefined;
  /** For how many seconds. Null: for ever. */
  readonly versionTtl?: number | null | undefined;
}

/** Times are ISO 8601. */
export interface BucketInfo {
  readonly id: string;
  readonly name: string;
  readonly public: boolean;
  readonly owner: string;
  readonly fileSizeLimit: number | null;
  readonly allowedMimeTypes: readonly string[] | null;
  readonly keptVersions: number | null;
  readonly versionTtl: number | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A project's files, for host code in the same process, as one role with its claims. */
export interface StorageApi {
  from(bucket: string): BucketObjects;
  /** @throws StorageError BucketAlreadyExists, InvalidBucketName, AccessDenied */
  createBucket(name: string, options?: BucketOptions): Promise<void>;
  /** @throws StorageError NoSuchBucket */
  getBucket(name: string): Promise<BucketInfo>;
  listBuckets(): Promise<BucketInfo[]>;
  /** Changes what is given. @throws StorageError NoSuchBucket */
  updateBucket(name: string, options: BucketOptions): Promise<void>;
  /** Deletes its objects: those that may be. @throws StorageError NoSuchBucket */
  emptyBucket(name: string): Promise<void>;
  /** @throws StorageError NoSuchBucket, ResourceNotEmpty */
  deleteBucket(name: string): Promise<void>;
}

/** As the service role, which passes over row level security. */
export interface TenantStorageApi extends StorageApi {
  /**
   * The same under a user's policies.
   * @param role default: "authenticated"
   * @example
   * const files = tenant.storage.as({ claims: { sub: userId } });
   * const { stream } = await files.from("private").download(`${userId}/cv.pdf`);
   */
  as(caller: { readonly role?: string | undefined; readonly claims?: Claims | undefined }): StorageApi;
  /** Brings rows and bytes together again: see docs/storage.md. */
  sweep(options?: SweepOptions): Promise<SweepReport>;
  /**
   * Makes an access key for the S3 protocol. Its secret is told here alone.
   * @example
   * const { access_key, secret_key } = await tenant.storage.createS3AccessKey({ description: "backups", claims: { role: "authenticated", sub: userId } });
   */
  createS3AccessKey(options?: NewS3AccessKey): Promise<CreatedS3AccessKey>;
  listS3AccessKeys(): Promise<readonly S3AccessKey[]>;
  /** @returns whether there was one */
  revokeS3AccessKey(accessKey: string): Promise<boolean>;
}
