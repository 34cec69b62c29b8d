import type { RawResult, Statement } from "@plinth/core";

/** Bytes that are too few for a part of the store's, below a version of their own. */
export interface Segment {
  readonly version: string;
  /** Bytes. */
  readonly size: number;
}

/** How far an upload has come. */
export interface Progress {
  /** The store's id of the upload in parts, once there is a part. */
  readonly store_upload: string | null;
  /** Bytes; null until the client says it. */
  readonly length: number | null;
  /** Bytes that outlive the process: parts of `part_size`, then the segments. */
  readonly received: number;
  readonly segments: readonly Segment[];
}

/** An upload by the TUS protocol, as its row in `storage.resumable_uploads` has it. */
export interface ResumableUpload extends Progress {
  /** Not to be guessed. */
  readonly id: string;
  readonly bucket_id: string;
  readonly name: string;
  /** What the object's bytes will be below. */
  readonly version: string;
  /** Bytes of each part but the last. */
  readonly part_size: number;
  /** Who is receiving bytes. */
  readonly holder: string | null;
  readonly owner_id: string | null;
  readonly upsert: boolean;
  /** Begun, and to be continued, with a signed upload's token. */
  readonly signed: boolean;
  /** The header Upload-Metadata, as sent. */
  readonly metadata: string;
  /** Its object has been written. */
  readonly finished: boolean;
  /** ISO 8601. */
  readonly created_at: string;
  readonly expires_at: string;
}

/** What is known when an upload is created. */
export type NewUpload = Pick<ResumableUpload, "id" | "bucket_id" | "name" | "version" | "part_size" | "length" | "owner_id" | "upsert" | "signed" | "metadata" | "holder">;

const COLUMNS = ["id", "bucket_id", "name", "version", "part_size", "store_upload", "length", "received", "segments", "holder", "owner_id", "upsert", "signed", "metadata", "created_at", "expires_at"];

/** A process may have written the object and ended before it said so here. */
const FINISHED = "u.finished or exists (select from storage.objects o where o.version = u.version)";

const AS_JSON = `json_build_object(${COLUMNS.map((column) => `'${column}', u.${column}`).join(", ")}, 'finished', ${FINISHED})`;

export const toUploads = ({ rows }: RawResult): ResumableUpload[] => rows.map(([text]) => JSON.parse(text!) as ResumableUpload);

export const selectUpload = (id: string): Statement => ({ sql: `select ${AS_JSON} from storage.resumable_uploads u where u.id = $1`, parameters: [id] });

/** @param seconds until it expires */
export function insertUpload(upload: NewUpload, seconds: number): Statement {
  const columns = Object.entries(upload);
  return {
    sql: `insert into storage.resumable_uploads as u (${columns.map(([column]) => column).join(", ")}, expires_at) values (${columns.map((_, index) => `$${index + 1}`).join(", ")}, now() + make_interval(secs => $${columns.length + 1})) returning ${AS_JSON}`,
    parameters: [...columns.map(([, value]) => (value === null ? null : String(value))), String(seconds)],
  };
}

/** From now on nobody else can move the upload on. @param holder null: it can be moved on by nobody until somebody takes it */
export const takeUpload = (id: string, holder: string | null): Statement => ({
  sql: `update storage.resumable_uploads as u set holder = $2, touched_at = now() where u.id = $1 returning ${AS_JSON}`,
  parameters: [id, holder],
});

/** Returns no row where somebody else holds the upload by now, or it is gone. */
export const recordProgress = (id: string, holder: string, { store_upload, length, received, segments }: Progress): Statement => ({
  sql: "update storage.resumable_uploads set store_upload = $3, length = $4, received = $5, segments = $6, touched_at = now() where id = $1 and holder = $2 returning id",
  parameters: [id, holder, store_upload, length === null ? null : String(length), String(received), JSON.stringify(segments)],
});

export const releaseUpload = (id: string, holder: string): Statement => ({ sql: "update storage.resumable_uploads set holder = null where id = $1 and holder = $2", parameters: [id, holder] });

/** Kept until it expires: a client may ask that had no answer. */
export const finishUpload = (id: string, length: number): Statement => ({
  sql: "update storage.resumable_uploads set finished = true, received = $2, length = $2, segments = '[]', store_upload = null, holder = null, touched_at = now() where id = $1",
  parameters: [id, String(length)],
});

export const removeUpload = (id: string): Statement => ({ sql: `delete from storage.resumable_uploads as u where u.id = $1 returning ${AS_JSON}`, parameters: [id] });

/** Those that expired so long ago, in seconds, and that nobody has touched since. At most so many. */
export const removeExpired = (seconds: number, limit: number): Statement => ({
  sql: `delete from storage.resumable_uploads as u where u.id in
    (select id from storage.resumable_uploads where expires_at < now() - make_interval(secs => $1) and touched_at < now() - make_interval(secs => $1) limit $2::int for update skip locked)
    returning ${AS_JSON}`,
  parameters: [String(seconds), String(limit)],
});
