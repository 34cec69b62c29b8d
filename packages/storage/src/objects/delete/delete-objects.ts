import type { Statement } from "@plinth/core";
import type { StorageWork } from "../../endpoint/storage-call.ts";
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
