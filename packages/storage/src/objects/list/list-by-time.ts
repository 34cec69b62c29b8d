import type { StorageWork } from "../../endpoint/storage-call.ts";
import type { Cursor } from "./cursor.ts";
import { commonPrefix } from "./list-names.ts";
import type { ListedFolder } from "./list-objects.ts";
import { type ListedObject, objectJson, toTime, withTimes } from "./listed-object.ts";
import { LAST_SQL, nameKey } from "./name-key.ts";
import type { Order } from "./scan-statement.ts";

/** Entries by their time, and by their names where that is the same. */
export interface TimesQuery {
  readonly bucket: string;
  readonly prefix: string;
  /** "": none. */
  readonly delimiter: string;
  readonly column: "updated_at" | "created_at";
  readonly order: Order;
  readonly after: Cursor | undefined;
  readonly limit: number;
}

export interface TimesPage {
  readonly objects: readonly ListedObject[];
  readonly folders: readonly ListedFolder[];
  readonly next: Cursor | undefined;
}

/**
 * As upstream has it: a folder is as old as the oldest object in it, by either time. There is no index of times: every name
 * with the prefix is read, whatever the limit.
 */
export async function listByTime(work: StorageWork, query: TimesQuery): Promise<TimesPage> {
  const { bucket, prefix, delimiter, column, order, after, limit } = query;
  const parameters = [bucket, prefix, delimiter, after?.time ?? null, after?.after ?? null, String(limit + 1)];
  const [result] = await work.query("caller", [{ sql: statementSql(column, order), parameters }], { readOnly: true });
  const found = result!.rows.map(([kind, json, time]) => ({ kind, value: JSON.parse(json!) as ListedObject, time: time! }));
  const entries = found.slice(0, limit);
  const last = found.length > limit ? entries.at(-1) : undefined;
  const folderName = (name: string): string => commonPrefix(name, prefix, delimiter);
  return {
    objects: entries.filter(({ kind }) => kind === "object").map(({ value }) => withTimes(value)),
    folders: entries.filter(({ kind }) => kind === "folder").map(({ value, time }) => ({ name: folderName(value.name), id: null, updated_at: toTime(time), created_at: toTime(time), last_accessed_at: null, metadata: null })),
    next: last && { after: last.kind === "folder" ? folderName(last.value.name) : last.value.name, column, order, time: last.time },
  };
}

/** Names and times are read once and kept meanwhile, the rest of those alone that are shown. */
function statementSql(column: "updated_at" | "created_at", order: Order): string {
  const { column: name, of } = nameKey("name");
  return `
    with level as materialized (
      select o.id, ${name} as name, o.created_at, o.updated_at,
             left(${name}, length($2) + nullif(strpos(substr(${name}, length($2) + 1), nullif($3, '')), 0) + length($3) - 1) as folder
        from storage.objects o
       where o.bucket_id = $1 and ${name} >= ${of("$2")} and ${name} < ${of("$2")} || ${LAST_SQL}
    ), entry as (
      select 'folder' as kind, null::uuid as id, min(l.name) as name, l.folder as key, coalesce(min(l.created_at), 'epoch') as time from level l where l.folder is not null group by l.folder
      union all
      select 'object', l.id, l.name, l.name, coalesce(l.${column}, 'epoch') from level l where l.folder is null
    ), page as (
      select * from entry e
       where $4::timestamptz is null or (e.time, e.key) ${order === "asc" ? ">" : "<"} ($4::timestamptz, $5::text collate "C")
       order by e.time ${order}, e.key ${order} limit $6::bigint
    )
    select p.kind, case when p.kind = 'folder' then json_build_object('name', p.name) else ${objectJson("o")} end, to_json(p.time) #>> '{}'
      from page p left join storage.objects o on o.id = p.id
     order by p.time ${order}, p.key ${order}`;
}
