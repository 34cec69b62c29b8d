import { z } from "zod";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { checkQuery } from "../endpoint/check-query.ts";
import { json } from "../endpoint/respond.ts";
import type { StorageWork } from "../endpoint/storage-call.ts";
import { type Bucket, selectBuckets, showBucket, toBuckets } from "./bucket.ts";

const query = z.object({
  limit: z.coerce.number().int().min(1).optional(),
  offset: z.coerce.number().int().min(0).optional(),
  sortColumn: z.enum(["id", "name", "created_at", "updated_at"]).optional(),
  sortOrder: z.enum(["asc", "desc"]).optional(),
  search: z.string().optional(),
});

export const listBuckets = defineEndpoint({
  id: "storage.bucket.list",
  method: "GET",
  path: "/bucket",
  access: "key",
  handle: async (call) => json((await findBuckets(call, checkQuery(call.search, query))).map((bucket) => showBucket(bucket, { withType: true }))),
});

/** Those that the caller may see. */
export async function findBuckets(work: StorageWork, options: z.output<typeof query>): Promise<Bucket[]> {
  const { limit, offset, sortColumn, sortOrder = "asc", search } = options;
  const order = sortColumn === undefined ? "" : `order by b.${sortColumn} ${sortOrder}`;
  const statement = selectBuckets(`where $1::text is null or b.name ilike '%' || $1 || '%' escape '\\' ${order} limit $2::bigint offset $3::bigint`, [search === undefined ? null : search.replace(/[\\%_]/g, "\\$&"), limit === undefined ? null : String(limit), String(offset ?? 0)]);
  const [result] = await work.query("caller", [statement], { readOnly: true });
  return toBuckets(result!);
}
