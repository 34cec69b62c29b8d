import type { RawResult, Statement } from "@plinth/core";
import { NEWEST_FIRST } from "./object-version.ts";

/** A version that was trimmed, and whether some object has its bytes all the same. */
export interface TrimmedVersion {
  readonly version: string;
  readonly isUsed: boolean;
}

/**
 * Deletes, of the names that `names` gives as (bucket_id, name), the versions that their bucket keeps no longer: beyond
 * `kept_versions`, or older than `version_ttl`. A bucket that is told to keep none keeps none.
 */
const trim = (names: string): string => `
  delete from storage.object_versions d using (
    select v.version, coalesce(b.kept_versions, 0) < row_number() over (partition by v.bucket_id, v.name order by ${NEWEST_FIRST})
        or v.archived_at <= now() - make_interval(secs => b.version_ttl) as is_over
      from storage.object_versions v join storage.buckets b on b.id = v.bucket_id
     where (v.bucket_id, v.name) in (${names})
  ) r
  where d.version = r.version and r.is_over
  returning d.version, exists (select from storage.objects o where o.version = d.version) as is_used`;

/** Trims the names that the given versions were of. @param versions a JSON list */
export const trimNamesOf = (versions: string): Statement => ({
  sql: trim("select w.bucket_id, w.name from storage.object_versions w where w.version in (select json_array_elements_text($1::json))"),
  parameters: [versions],
});

export const toTrimmed = ({ rows }: RawResult): TrimmedVersion[] => rows.map(([version, isUsed]) => ({ version: version!, isUsed: isUsed === "t" }));

/** Where a page of names ended. */
export type NamesCursor = readonly [bucket: string, name: string];

/** Trims the next so many names after a cursor. One row: a JSON list of those that were trimmed, and the page's last name. */
export const trimNamesAfter = ([bucket, name]: NamesCursor, limit: number): Statement => ({
  sql: `with page as (
      select bucket_id, name from storage.object_versions where (bucket_id, name) > ($1, $2) group by bucket_id, name order by bucket_id, name limit $3::int
    ), trimmed as (${trim("select bucket_id, name from page")})
    select coalesce((select json_agg(json_build_object('version', version, 'isUsed', is_used)) from trimmed), '[]'), last.bucket_id, last.name
      from (select 1) as one left join (select bucket_id, name from page order by bucket_id desc, name desc limit 1) as last on true`,
  parameters: [bucket, name, String(limit)],
});

export interface TrimmedPage {
  readonly trimmed: readonly TrimmedVersion[];
  /** Undefined where there are no more names. */
  readonly next: NamesCursor | undefined;
}

export function toTrimmedPage({ rows }: RawResult): TrimmedPage {
  const [list, bucket, name] = rows[0]!;
  return { trimmed: JSON.parse(list!) as TrimmedVersion[], next: bucket === null || bucket === undefined || name === null || name === undefined ? undefined : [bucket, name] };
}
