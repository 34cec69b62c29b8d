import type { RawResult, Statement } from "@plinth/core";
import { isoTime } from "../database/iso-time.ts";

/** A bucket, as Storage's API shows it. Times are ISO 8601. */
export interface Bucket {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly public: boolean;
  readonly type: "STANDARD";
  /** Bytes. */
  readonly file_size_limit: number | null;
  /** `image/png`, or `image/*`. */
  readonly allowed_mime_types: readonly string[] | null;
  readonly created_at: string;
  readonly updated_at: string;
  /** How many earlier versions of each object are kept; null: none. */
  readonly kept_versions: number | null;
  /** For how many seconds; null: for ever. */
  readonly version_ttl: number | null;
}

/** Those that a database may not have which others have made: `to_jsonb` has what there is. */
const OPTIONAL = ["type", "kept_versions", "version_ttl"];

/** One column of JSON. `owner` is no null to clients. */
const AS_JSON = `json_build_object(${[
  "'id', b.id, 'name', b.name, 'owner', coalesce(b.owner::text, b.owner_id, ''), 'public', b.public",
  "'file_size_limit', b.file_size_limit, 'allowed_mime_types', b.allowed_mime_types",
  ...["created_at", "updated_at"].map((column) => `'${column}', ${isoTime(`b.${column}`)}`),
  ...OPTIONAL.map((column) => `'${column}', to_jsonb(b) -> '${column}'`),
].join(", ")})`;

export const selectBuckets = (rest: string, parameters: readonly (string | null)[]): Statement => ({ sql: `select ${AS_JSON} from storage.buckets b ${rest}`, parameters });

export const toBuckets = ({ rows }: RawResult): Bucket[] => rows.map(([text]) => JSON.parse(text!) as Bucket);

/** A bucket as clients are told of it: without `type` where upstream leaves it out, and without what isn't set of our own. */
export function showBucket({ type, kept_versions, version_ttl, ...bucket }: Bucket, { withType }: { readonly withType: boolean }): object {
  return { ...bucket, ...(withType ? { type } : {}), ...(kept_versions === null ? {} : { kept_versions }), ...(version_ttl === null ? {} : { version_ttl }) };
}
