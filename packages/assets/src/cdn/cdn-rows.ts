import type { Statement } from "@plinth/core";
import { toSiteFile } from "../delivery/site-file.ts";
import type { Manifest, SiteFile } from "../delivery/manifest.ts";
import type { TenantSite } from "../tenant-site.ts";

export interface CdnState {
  readonly target: string | null;
  /** Of the site that the bucket was last brought to. */
  readonly revision: string | null;
}

export async function readCdnState(site: TenantSite): Promise<CdnState> {
  const [result] = await site.query([{ sql: "select target, revision from assets.cdn", parameters: [] }]);
  const [target = null, revision = null] = result!.rows[0] ?? [];
  return { target, revision };
}

/** What lies in the bucket, by name: its form, or null while that isn't known. */
export async function readCdnFiles(site: TenantSite): Promise<ReadonlyMap<string, string | null>> {
  const [result] = await site.query([{ sql: "select name, form from assets.cdn_files", parameters: [] }]);
  return new Map(result!.rows.map(([name, form]) => [name!, form ?? null]));
}

const KEPT = `select distinct on (f.path) f.path, f.hash, b.size, b.brotli_size, b.gzip_size, f.cache_control, extract(epoch from f.updated_at), b.stored_by
  from assets.releases r join assets.files f on f.release_id = r.id join assets.blobs b on b.hash = f.hash
 where r.state = 'ready' and r.id is distinct from (select release_id from assets.site) order by f.path, r.published_at desc, r.id desc`;

/** Files of the earlier releases that are kept. */
export async function readKeptFiles(site: TenantSite, { settings, headerRules }: Manifest): Promise<readonly SiteFile[]> {
  const [result] = await site.query([{ sql: KEPT, parameters: [] }]);
  return result!.rows.map((row) => toSiteFile(row, settings, headerRules));
}

/** By whoever holds the lease alone: `returning` has a row for each that was written. */
export const noteCdnFiles = (worker: string, files: ReadonlyArray<{ readonly name: string; readonly form: string | null }>): Statement => ({
  sql: `insert into assets.cdn_files as c (name, form) select g.name, g.form from json_to_recordset($2::json) as g (name text, form text), assets.cdn l where l.worker = $1
    on conflict (name) do update set form = excluded.form returning true`,
  parameters: [worker, JSON.stringify(files)],
});

export const forgetCdnFiles = (worker: string, names: readonly string[]): Statement => ({
  sql: "delete from assets.cdn_files where name in (select json_array_elements_text($2::json)) and exists (select from assets.cdn where worker = $1)",
  parameters: [worker, JSON.stringify(names)],
});

export const beginTarget = (worker: string, target: string): readonly Statement[] => [
  { sql: "delete from assets.cdn_files where exists (select from assets.cdn where worker = $1)", parameters: [worker] },
  { sql: "update assets.cdn set target = $2, revision = null where worker = $1", parameters: [worker, target] },
];

/** A row, unless the site has been changed since. */
export const finishCdn = (worker: string, revision: string): Statement => ({
  sql: "update assets.cdn set revision = $2::bigint where worker = $1 and (select revision from assets.site) = $2::bigint returning true",
  parameters: [worker, revision],
});
