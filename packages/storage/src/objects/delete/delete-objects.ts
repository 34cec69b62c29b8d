import type { Statement } from "@plinth/core";
import type { StorageWork } from "../../endpoint/storage-call.ts";
import { LAST_SQL, nameAfter } from "../list/name-key.ts";
import { BY_INDEX } from "../list/scan-statement.ts";
import { OBJECT_JSON, type ObjectRow, toObjects } from "../stored-object-row.ts";

/** Which of a bucket's objects. */
export type DeleteSelection = { readonly names: readonly string[] } | { readonly before: string; readonly limit: number };

const RETURNING = `returning ${OBJECT_JSON}`;

/** Supabase's own databases refuse what doesn't come from Storage. */
export const ALLOW_DELETE: Statement = { sql: "select set_config('storage.allow_delete_query', 'true', true)", parameters: [] };

/** Deletes those that the caller may delete and see, with their bytes. @returns them */
export async function deleteObjects(call: StorageWork, bucket: string, selection: DeleteSelection): Promise<ObjectRow[]> {
  const [, result] = await call.query("caller", [ALLOW_DELETE, "names" in selection ? byNames(bucket, selection.names) : olderThan(bucket, selection)]);
  const deleted = toObjects(result!);
  call.storage.trash.add(deleted.flatMap(({ version }) => version ?? []));
  return deleted;
}

const byNames = (bucket: string, names: readonly string[]): Statement => ({
  sql: `delete from storage.objects o where o.bucket_id = $1 and o.name = any (select json_array_elements_text($2::json)) ${RETURNING}`,
  parameters: [bucket, JSON.stringify(names)],
});

const olderThan = (bucket: string, { before, limit }: { readonly before: string; readonly limit: number }): Statement => ({
  sql: `delete from storage.objects o where o.id in (select id from storage.objects where bucket_id = $1 and created_at <= $2::timestamptz order by name limit $3::int) ${RETURNING}`,
  parameters: [bucket, before, String(limit)],
});

/** Names with a prefix, from one on. */
export interface DeleteRange {
  readonly prefix: string;
  readonly from: string;
  /** Objects that are looked at. */
  readonly limit: number;
}

/** Of the next objects that the caller may see, deletes those that it may delete. @returns how many, and from which name to go on */
export async function deleteFrom(call: StorageWork, bucket: string, { prefix, from, limit }: DeleteRange): Promise<{ readonly deleted: number; readonly next: string | undefined }> {
  const [, , result] = await call.query("caller", [ALLOW_DELETE, BY_INDEX, { sql: FROM, parameters: [bucket, prefix, from, String(limit)] }]);
  const { seen, last, deleted } = JSON.parse(result!.rows[0]![0]!) as { seen: number; last: string | null; deleted: (string | null)[] };
  call.storage.trash.add(deleted.flatMap((version) => version ?? []));
  return { deleted: deleted.length, next: seen < limit || last === null ? undefined : nameAfter(last) };
}

/** By their names again: what was renamed meanwhile is left. */
const FROM = `
  with seen as materialized (
    select o.name collate "C" as name from storage.objects o
     where o.bucket_id = $1 and o.name collate "C" >= $3 and o.name collate "C" < $2 || ${LAST_SQL}
     order by o.name collate "C" limit $4::int
  ), deleted as (
    delete from storage.objects o using seen s where o.bucket_id = $1 and o.name = s.name returning o.version
  )
  select json_build_object('seen', (select count(*) from seen), 'last', (select max(name) from seen), 'deleted', (select coalesce(json_agg(version), '[]') from deleted))`;
