import { sql } from "kysely";
import type { TenantSite } from "../tenant-site.ts";
import { DELETING_SQL } from "./locks.ts";

/** Blobs that are deleted in one transaction, during which no upload goes on. */
const BATCH = 200;

const UNNAMED = sql<{ hash: string }>`select b.hash from assets.blobs b where not exists (select from assets.files f where f.hash = b.hash) limit ${sql.lit(BATCH)}`;

/** Deletes bytes that no release names. Whatever fails is left for the next time: there is a row for all bytes that there are. */
export async function collectGarbage(site: TenantSite): Promise<void> {
  try {
    while ((await collectBatch(site)) === BATCH);
  } catch {
    // Nobody waits for it.
  }
}

/** @returns how many there were */
async function collectBatch(site: TenantSite): Promise<number> {
  const [some] = await site.query([{ sql: "select exists (select from assets.blobs b where not exists (select from assets.files f where f.hash = b.hash))", parameters: [] }]);
  if (some!.rows[0]?.[0] !== "t") return 0;
  return site.tenant.transaction(site.scope, async (db) => {
    await sql.raw(DELETING_SQL).execute(db);
    const hashes = (await UNNAMED.execute(db)).rows.map(({ hash }) => hash);
    const keys = hashes.flatMap((hash) => [site.keyOf(hash), site.keyOf(hash, "br"), site.keyOf(hash, "gzip")]);
    if (keys.length > 0) await site.store.delete(keys);
    site.bytes.forget(keys);
    await sql`delete from assets.blobs where hash in (select json_array_elements_text(${JSON.stringify(hashes)}::json))`.execute(db);
    return hashes.length;
  });
}
