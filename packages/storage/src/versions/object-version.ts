import type { RawResult, Statement } from "@plinth/core";
import { isoTime } from "../database/iso-time.ts";
import type { ObjectMetadata, UserMetadata } from "../objects/stored-object-row.ts";

/** What an object was before, as its row has it. Times are ISO 8601. */
export interface VersionRow {
  readonly version: string;
  /** The object's that it was of: another one of the same name may be there now. */
  readonly object_id: string;
  readonly bucket_id: string;
  readonly name: string;
  readonly owner_id: string | null;
  readonly metadata: Partial<ObjectMetadata> | null;
  readonly user_metadata: UserMetadata | null;
  readonly created_at: string;
  readonly archived_at: string;
  /** Whether the object was deleted then, rather than written anew. */
  readonly deleted: boolean;
}

/** More of one name are never listed: no bucket keeps more. */
const MOST = 1_000;

const COLUMNS = ["version", "object_id", "bucket_id", "name", "owner_id", "metadata", "user_metadata", "deleted"];
const AS_JSON = `json_build_object(${[...COLUMNS.map((column) => `'${column}', v.${column}`), ...["created_at", "archived_at"].map((column) => `'${column}', ${isoTime(`v.${column}`)}`)].join(", ")})`;

/** Which versions count: what its bucket keeps no longer is as good as gone, whether or not it was deleted by now. */
const KEPT = "b.kept_versions is not null and (b.version_ttl is null or v.archived_at > now() - make_interval(secs => b.version_ttl))";

/** Newest first: the last of those that a transaction archived was written last. */
export const NEWEST_FIRST = "v.archived_at desc, v.created_at desc, v.version";

export interface VersionQuery {
  readonly bucket: string;
  readonly name: string;
  /** Only of the object with that id. Default: of whatever had the name. */
  readonly objectId?: string | undefined;
  /** Only that one. Default: all. */
  readonly version?: string | undefined;
}

/** @returns one column of JSON, to be read by `toVersions` */
export const selectVersions = ({ bucket, name, objectId, version }: VersionQuery): Statement => ({
  sql: `select ${AS_JSON} from storage.object_versions v join storage.buckets b on b.id = v.bucket_id
    where v.bucket_id = $1 and v.name = $2 and ($3::uuid is null or v.object_id = $3::uuid) and ($4::text is null or v.version = $4) and ${KEPT}
    order by ${NEWEST_FIRST} limit ${MOST}`,
  parameters: [bucket, name, objectId ?? null, version ?? null],
});

export const toVersions = ({ rows }: RawResult): VersionRow[] => rows.map(([text]) => JSON.parse(text!) as VersionRow);

/** An earlier version, as Storage's API shows it: under the names of an object's info. */
export interface ObjectVersion {
  /** What it is read, restored and deleted by. */
  readonly version: string;
  readonly bucket_id: string;
  readonly name: string;
  readonly owner_id: string | null;
  /** Bytes. */
  readonly size: number | null;
  readonly content_type: string | null;
  readonly cache_control: string | null;
  /** Quoted. */
  readonly etag: string | null;
  readonly metadata: UserMetadata | null;
  /** When it was written. ISO 8601. */
  readonly created_at: string;
  /** When something else took its place. */
  readonly archived_at: string;
  /** Whether the object was deleted then, rather than written anew. */
  readonly deleted: boolean;
}

export const showVersion = ({ version, bucket_id, name, owner_id, metadata, user_metadata, created_at, archived_at, deleted }: VersionRow): ObjectVersion => ({
  version,
  bucket_id,
  name,
  owner_id,
  size: metadata?.size ?? null,
  content_type: metadata?.mimetype ?? null,
  cache_control: metadata?.cacheControl ?? null,
  etag: metadata?.eTag ?? null,
  metadata: user_metadata,
  created_at,
  archived_at,
  deleted,
});
