import type { Statement } from "@plinth/core";
import { objectJson } from "./listed-object.ts";
import { LAST_SQL, type NameKey, nameKey } from "./name-key.ts";

export type Order = "asc" | "desc";

/** Entries of a folder in the order of their names: objects, and folders in it. */
export interface Scan {
  readonly bucket: string;
  readonly prefix: string;
  /** Names with it after the prefix are one entry, up to it. */
  readonly delimiter: string;
  /** The least name that may come; for "desc", the least of those that are too late. */
  readonly seek: string;
  readonly key: NameKey;
  readonly order: Order;
  /** Entries that are passed over. */
  readonly offset: number;
  readonly limit: number;
}

/** So many rows at most are read before it is looked at whether a folder can be skipped. */
const LARGEST_BATCH = 500;

/**
 * One statement that jumps from entry to entry on the index of a bucket's names. Each step reads on from the last one: a
 * single row after a folder, whose other names are skipped, and ever more while files come. So what lies in folders costs
 * nothing, and files cost little more than reading them.
 *
 * Answers rows as `toEntries` reads them. The policies of `storage.objects` hold for every row that is looked at.
 */
export function scanStatement({ bucket, prefix, delimiter, seek, key, order, offset, limit }: Scan): Statement {
  const { of } = nameKey(key);
  const sql = `
    with recursive entry as (
      select 0::bigint as nth, ${of("$3")} as seek, ''::text collate "C" as seek_name, 1 as batch, true as is_last, false as is_folder, ${NO_OBJECT}
      union all
      select next.* from entry e cross join lateral (${stepSql(key, order)}) next where e.is_last and e.nth < $6::bigint
    )
    select case when e.is_folder then 'folder' else 'object' end, case when e.is_folder then to_json(e.name) else ${objectJson("e")} end
      from entry e where e.nth > $5::bigint order by e.nth`;
  return { sql, parameters: [bucket, prefix, seek, delimiter, String(offset), String(offset + limit)] };
}

const NO_OBJECT = `null::text collate "C" as name, null::uuid as id, null::timestamptz as updated_at, null::timestamptz as created_at, null::timestamptz as last_accessed_at, null::jsonb as metadata`;

/** From the last entry `e` on: files, or one folder. */
const stepSql = (key: NameKey, order: Order): string => `
  select e.nth + f.row, ${order === "asc" ? `case when f.folder is null then f.key else f.folder || ${LAST_SQL} end` : "coalesce(f.folder, f.key)"},
         case when f.folder is not null then '' else f.name${order === "asc" ? " || chr(1)" : ""} end,
         case when f.folder is not null then 1 else least(e.batch * 8, ${LARGEST_BATCH}) end,
         f.folder is not null or f.row = f.rows, f.folder is not null,
         f.name, f.id, f.updated_at, f.created_at, f.last_accessed_at, f.metadata
    from (
      select c.*, row_number() over in_order as row, count(*) over () as rows,
             count(c.folder) over (in_order rows between unbounded preceding and 1 preceding) as folders_before
        from (${batchSql(key, order)}) c
      window in_order as (order by c.key ${order}, c.name ${order})
    ) f
   where f.folders_before = 0`;

function batchSql(key: NameKey, order: Order): string {
  const { column, of } = nameKey(key);
  const name = 'o.name collate "C"';
  // Names that differ in case alone have a key in common: the name itself tells them apart.
  const isWithin = order === "asc" ? `(${column}, ${name}) >= (e.seek, e.seek_name) and ${column} < ${of("$2")} || ${LAST_SQL}` : `(${column}, ${name}) < (e.seek, e.seek_name) and ${column} >= ${of("$2")}`;
  return `
    select ${column} as key, ${name} as name, o.id, o.updated_at, o.created_at, o.last_accessed_at, o.metadata,
           left(${column}, length($2) + nullif(strpos(substr(${column}, length($2) + 1), $4), 0) + length($4) - 1) as folder
      from storage.objects o
     where o.bucket_id = $1 and ${isWithin}
     order by ${column} ${order}, ${name} ${order}
     limit least(e.batch, $6::bigint - e.nth)`;
}
