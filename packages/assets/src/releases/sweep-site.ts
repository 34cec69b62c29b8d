import type { ObjectKey, Statement } from "@plinth/core";
import { prefixOf, type TenantSite } from "../tenant-site.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { dropAbandoned } from "./drop-release.ts";

/** What is younger may be on its way to a row: a release takes an hour at most. */
const AGE_MS = 24 * 60 * 60 * 1_000;
const BATCH = 1_000;

/** Of the names, those that no row knows of. */
const unknownOf = (names: readonly string[]): Statement => ({
  sql: `select g.name from json_array_elements_text($1::json) as g (name)
    where not exists (select from assets.blobs b where b.hash = split_part(g.name, '-', 1) and g.name = b.hash || coalesce('-' || b.stored_by, ''))
      and not exists (select from assets.files f where f.hash = split_part(g.name, '-', 1) and g.name = f.hash || '-' || f.release_id)
      and not exists (select from assets.trash t where t.name = g.name)`,
  parameters: [JSON.stringify(names)],
});

/** Removes what publications have left that were killed, and bytes that no row knows of. May run while all goes on. @returns how many of those there were */
export async function sweepSite(site: TenantSite): Promise<number> {
  await site.query(dropAbandoned());
  await collectGarbage(site);
  const prefix = prefixOf(site.tenant.project);
  let count = 0;
  let batch: ObjectKey[] = [];
  const settle = async (): Promise<void> => {
    count += await removeUnknown(site, batch);
    batch = [];
  };
  for await (const { key, lastModified } of site.store.list(prefix)) {
    if (lastModified.getTime() < Date.now() - AGE_MS) batch.push(key);
    if (batch.length === BATCH) await settle();
  }
  if (batch.length > 0) await settle();
  await site.cdn?.bringUpToDate();
  return count;
}

async function removeUnknown(site: TenantSite, keys: readonly ObjectKey[]): Promise<number> {
  const prefix = `${prefixOf(site.tenant.project)}/`;
  const nameOf = (key: ObjectKey): string => key.slice(prefix.length).replace(/-(?:br|gzip)$/, "");
  const [result] = await site.query([unknownOf([...new Set(keys.map(nameOf))])]);
  const unknown = new Set(result!.rows.map(([name]) => name));
  const gone = keys.filter((key) => unknown.has(nameOf(key)));
  if (gone.length > 0) await site.store.delete(gone);
  return gone.length;
}
