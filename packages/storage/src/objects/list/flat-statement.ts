import type { Statement } from "@plinth/core";
import { objectJson } from "./listed-object.ts";
import { LAST_SQL, nameKey } from "./name-key.ts";
import type { Order } from "./scan-statement.ts";

/** Objects in the order of their names, whatever folders they are in. */
export interface FlatRange {
  readonly bucket: string;
  readonly prefix: string;
  /** As of a scan. */
  readonly seek: string;
  readonly order: Order;
  readonly limit: number;
}

/** Answers rows as `toEntries` reads them. */
export function flatStatement({ bucket, prefix, seek, order, limit }: FlatRange): Statement {
  const { column, of } = nameKey("name");
  const within = order === "asc" ? `${column} >= ${of("$3")} and ${column} < ${of("$2")} || ${LAST_SQL}` : `${column} < ${of("$3")} and ${column} >= ${of("$2")}`;
  return {
    sql: `select 'object', ${objectJson("o")} from storage.objects o where o.bucket_id = $1 and ${within} order by ${column} ${order} limit $4::bigint`,
    parameters: [bucket, prefix, seek, String(limit)],
  };
}
