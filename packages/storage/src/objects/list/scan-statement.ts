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

/**
 * Goes before statements that read names in order. Of a folder of which nothing is known yet, or under a policy that seems to
 * let few rows through, PostgreSQL might sort all that is left of it at each step rather than take the index.
 */
export const BY_INDEX: Statement = { sql: "select set_config('enable_sort', 'off', true)", parameters: [] };

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
  const sql = `${scanSql(key, order)} select ${ENTRY} from entry e where e.nth > $5::bigint order by e.nth`;
  return { sql, parameters: [bucket, prefix, seek, delimiter, String(offset), String(offset + limit)] };
}

/**
 * Folders by their names, then objects by their time. There is no index of times: all entries of the folder are gone through,
 * but not what lies in folders below it.
 */
export function latestStatement({ bucket, prefix, delimiter, key, order, offset, limit }: Omit<Scan, "seek">, column: "updated_at" | "created_at" | "last_accessed_at"): Statement {
  const folderKey = "case when e.is_folder then e.name end";
  const sql = `${scanSql(key, "asc")} select ${ENTRY} from entry e where e.nth > 0 order by e.is_folder desc, ${folderKey} ${order}, e.${column} ${order}, e.name ${order} limit $7::bigint offset $5::bigint`;
  return { sql, parameters: [bucket, prefix, prefix, delimiter, String(offset), String(2n ** 62n), String(limit)] };
}

/** Columns as `toEntries` reads them. */
const ENTRY = `case when e.is_folder then 'folder' else 'object' end, case when e.is_folder then to_json(e.name) else ${objectJson("e")} end`;

const scanSql = (key: NameKey, order: Order): string => `
  with recursive entry as (
    select 0::bigint as nth, ${nameKey(key).of("$3")} as seek, ''::text collate "C" as seek_name, 1 as batch, true as is_last, false as is_folder, ${NO_OBJECT}
    union all
    select next.* from entry e cross join lateral (${stepSql(key, order)}) next where e.is_last and e.nth < $6::bigint
  )`;

const NO_OBJECT = `null::text collate "C" as name, null::uuid as id, null::timestamptz as updated_at, null::timestamptz as created_at, null::timestamptz as last_accessed_at, null::jsonb as metadata`;

/** From the last entry `e` on: files, or one folder. */
const stepSql = (key: NameKey, order: Order): string => `
  select e.nth + f.row, ${order === "asc" ? `case when f.folder is null then f.key${key === "name" ? " || chr(1)" : ""} else f.folder || ${LAST_SQL} end` : "coalesce(f.folder, f.key)"},
         case when f.folder is not null then '' else f.name${order === "asc" ? " || chr(1)" : ""} end,
         case when f.folder is not null then 1 else least(e.batch * 8, ${LARGEST_BATCH}) end,
         f.folder is not null or f.row = f.rows, f.folder is not null,
         f.name, f.id, f.updated_at, f.created_at, f.last_accessed_at, f.metadata
    from (
      select c.*, row_number() over in_order as row, count(*) over () as rows,
             count(c.folder) over (in_order rows between unbounded preceding and 1 preceding) as folders_before
        from (${batchSql(key, order)}) c
      window in_order as (order by ${key === "name" ? "" : `c.key ${order}, `}c.name ${order})
    ) f
   where f.folders_before = 0`;

function batchSql(key: NameKey, order: Order): string {
  const { column, of } = nameKey(key);
  const name = 'o.name collate "C"';
  // Names that differ in case alone have a key in common: the name itself tells them apart.
  const [place, seek] = key === "name" ? [name, "e.seek"] : [`(${column}, ${name})`, "(e.seek, e.seek_name)"];
  const isWithin = order === "asc" ? `${place} >= ${seek} and ${column} < ${of("$2")} || ${LAST_SQL}` : `${place} < ${seek} and ${column} >= ${of("$2")}`;
  return `
    select ${column} as key, ${name} as name, o.id, o.updated_at, o.created_at, o.last_accessed_at, o.metadata,
           left(${column}, length($2) + nullif(strpos(substr(${column}, length($2) + 1), $4), 0) + length($4) - 1) as folder
      from storage.objects o
     where o.bucket_id = $1 and ${isWithin}
     order by ${key === "name" ? "" : `${column} ${order}, `}${name} ${order}
     limit least(e.batch, $6::bigint - e.nth)`;
}
