import { EXPORT_UNDER_WAY_SQL, type Statement } from "@plinth/core";
import type { TenantSite } from "../tenant-site.ts";
import { DELETING } from "./locks.ts";

/** Names that are deleted at once. */
const BATCH = 200;

/** Bytes that no release names are nobody's from then on: should they come again, they are stored again, below another name. */
const DISCARD: Statement = {
  sql: `with gone as (delete from assets.blobs b where not exists (select from assets.files f where f.hash = b.hash) returning hash, stored_by, stored)
    insert into assets.trash (name) select hash || coalesce('-' || stored_by, '') from gone where stored on conflict do nothing`,
  parameters: [],
};

const SOME: Statement = {
  sql: "select exists (select from assets.blobs b where not exists (select from assets.files f where f.hash = b.hash)), exists (select from assets.trash)",
  parameters: [],
};

/** Deletes bytes that no release names. Whatever fails is left for the next time: there is a row for all that there is. */
export async function collectGarbage(site: TenantSite): Promise<void> {
  try {
    const [some] = await site.query([SOME]);
    const [isUnnamed, isTrash] = some!.rows[0]!;
    if (isUnnamed === "t") await site.query([DELETING, DISCARD]);
    if (isUnnamed === "t" || isTrash === "t") while ((await emptyTrash(site)) === BATCH);
  } catch {
    // Nobody waits for it.
  }
}

/** While the site is exported, the trash waits. */
const IN_TRASH: Statement = { sql: `select name from assets.trash where not ${EXPORT_UNDER_WAY_SQL} limit ${BATCH}`, parameters: [] };

/** Outside of any transaction: a store may be slow. @returns how many there were */
async function emptyTrash(site: TenantSite): Promise<number> {
  const [found] = await site.query([IN_TRASH]);
  const names = found!.rows.map(([name]) => name!);
  if (names.length === 0) return 0;
  const keys = names.flatMap((name) => [site.keyOf(name), site.keyOf(name, "br"), site.keyOf(name, "gzip")]);
  await site.store.delete(keys);
  site.bytes.forget(keys);
  await site.query([{ sql: "delete from assets.trash where name in (select json_array_elements_text($1::json))", parameters: [JSON.stringify(names)] }]);
  return names.length;
}
