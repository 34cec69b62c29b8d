import type { Statement } from "@plinth/core";
import type { StorageWork } from "../../endpoint/storage-call.ts";
import { LAST_SQL, nameAfter } from "../list/name-key.ts";
import { BY_INDEX } from "../list/scan-statement.ts";
import { OBJECT_JSON, type ObjectRow, toObjects } from "../stored-object-row.ts";

const RETURNING = `returning ${OBJECT_JSON}`;

/** Supabase's own databases refuse what doesn't come from Storage. */
export const ALLOW_DELETE: Statement = { sql: "select set_config('storage.allow_delete_query', 'true', true)", parameters: [] };

/** Deletes those of the names that the caller may delete and see, with their bytes. @returns them */
export async function deleteObjects(call: StorageWork, bucket: string, { names }: { readonly names: readonly string[] }): Promise<ObjectRow[]> {
  const [, result] = await call.query("caller", [ALLOW_DELETE, byNames(bucket, names)]);
  const deleted = toObjects(result!);
  call.storage.trash.add(deleted.flatMap(({ version }) => version ?? []));
  return deleted;
}

const byNames = (bucket: string, names: readonly string[]): Statement => ({
  sql: `delete from storage.objects o where o.bucket_id = $1 and o.name = any (select json_array_elements_text($2::json)) ${RETURNING}`,
  parameters: [bucket, JSON.stringify(names)],
});

/** Names with a prefix, from one on. */
export interface DeleteRange {
  readonly prefix: string;
  readonly from: string;
  /** Objects that are looked at. */
  readonly limit: number;
  /** Leaves those that were made later: the database's time, as text. */
  readonly before?: string | undefined;
}

/** Of the next objects that the caller may see, deletes those that it may delete. @returns how many, and from which name to go on */
export async function deleteFrom(call: StorageWork, bucket: string, { prefix, from, limit, before }: DeleteRange): Promise<{ readonly deleted: number; readonly next: string | undefined }> {
  const [, , result] = await call.query("caller", [ALLOW_DELETE, BY_INDEX, { sql: FROM, parameters: [bucket, prefix, from, String(limit), before ?? null] }]);
  const { seen, last, deleted } = JSON.parse(result!.rows[0]![0]!) as { seen: number; last: string | null; deleted: (string | null)[] };
  call.storage.trash.add(deleted.flatMap((version) => version ?? []));
  return { deleted: deleted.length, next: seen < limit || last === null ? undefined : nameAfter(last) };
}

/** By their names again: what was renamed meanwhile is left. */
const FROM = `
  with seen as materialized (
    select o.name collate "C" as name from storage.objects o
     where o.bucket_id = $1 and o.name collate "C" >= $3 and o.name collate "C" < $2 || ${LAST_SQL}
       and ($5::timestamptz is null or o.created_at is null or o.created_at <= $5::timestamptz)
     order by o.name collate "C" limit $4::int
  ), deleted as (
    delete from storage.objects o using seen s where o.bucket_id = $1 and o.name = s.name returning o.version
  )
  select json_build_object('seen', (select count(*) from seen), 'last', (select max(name) from seen), 'deleted', (select coalesce(json_agg(version), '[]') from deleted))`;
