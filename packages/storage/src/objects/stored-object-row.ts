import type { RawResult, Statement, StoredObject } from "@plinth/core";
import { isoTime } from "../database/iso-time.ts";

/** What is known of an object's bytes, under the names that upstream keeps them by (`storage.objects.metadata`). */
export interface ObjectMetadata {
  /** Quoted. */
  readonly eTag: string;
  /** Bytes. */
  readonly size: number;
  readonly mimetype: string;
  readonly cacheControl: string;
  /** ISO 8601. */
  readonly lastModified: string;
  readonly contentLength: number;
  readonly httpStatusCode: number;
  readonly xRobotsTag?: string;
}

export type UserMetadata = Readonly<Record<string, unknown>>;

/** An object, as its row has it. Rows that others have written may lack what Storage writes. */
export interface ObjectRow {
  readonly id: string;
  readonly bucket_id: string;
  readonly name: string;
  readonly version: string | null;
  readonly owner_id: string | null;
  readonly metadata: Partial<ObjectMetadata> | null;
  readonly user_metadata: UserMetadata | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly last_accessed_at: string;
}

const COLUMNS = ["id", "bucket_id", "name", "version", "owner_id", "metadata", "user_metadata"];
const TIMES = ["created_at", "updated_at", "last_accessed_at"];

/** A row of `storage.objects`, the table `o`, as one column of JSON. */
export const OBJECT_JSON = `json_build_object(${[...COLUMNS.map((column) => `'${column}', o.${column}`), ...TIMES.map((column) => `'${column}', ${isoTime(`o.${column}`)}`)].join(", ")})`;

/** Objects as one column of JSON, to be read by `toObjects`. @param rest from `where` on; the table is `o` */
export const selectObjects = (rest: string, parameters: readonly (string | null)[]): Statement => ({ sql: `select ${OBJECT_JSON} from storage.objects o ${rest}`, parameters });

export const selectObject = (bucket: string, name: string): Statement => selectObjects("where o.bucket_id = $1 and o.name = $2", [bucket, name]);

export const toObjects = ({ rows }: RawResult): ObjectRow[] => rows.map(([text]) => JSON.parse(text!) as ObjectRow);

/** What is kept of bytes that have just been stored. */
export const metadataOf = (stored: StoredObject, { mimeType, cacheControl, xRobotsTag }: { readonly mimeType: string; readonly cacheControl: string; readonly xRobotsTag?: string | undefined }): ObjectMetadata => ({
  eTag: stored.etag,
  size: stored.size,
  mimetype: mimeType,
  cacheControl,
  lastModified: stored.lastModified.toISOString(),
  contentLength: stored.size,
  httpStatusCode: 200,
  ...(xRobotsTag === undefined ? {} : { xRobotsTag }),
});
