import type { RawResult, Statement } from "@plinth/core";
import { type AssetsConfig, type SiteSettings, siteSettingsPatch } from "../config/assets-options.ts";
import { parseHeaderRules } from "../rules/header-rules.ts";
import { parseRedirects } from "../rules/redirects.ts";
import { blobName, type TenantSite } from "../tenant-site.ts";
import { HEADERS_FILE, type Manifest, REDIRECTS_FILE } from "./manifest.ts";
import { toSiteFile } from "./site-file.ts";

const SITE: Statement = { sql: "select revision, release_id, settings from assets.site", parameters: [] };

const FILES: Statement = {
  sql: `select f.path, f.hash, b.size, b.brotli_size, b.gzip_size, f.cache_control, extract(epoch from f.updated_at), b.stored_by
          from assets.site s join assets.files f on f.release_id = s.release_id join assets.blobs b on b.hash = f.hash`,
  parameters: [],
};

/** Rules that are larger than this are left out: read on every change, they must stay small. */
const MAX_RULES_BYTES = 256 * 1_024;

/** What is served now. @param before what was: it is kept where nothing has changed */
export async function loadManifest(site: TenantSite, before: Manifest | undefined): Promise<Manifest> {
  if (before !== undefined) {
    const [result] = await site.query([SITE]);
    if (result!.rows[0]?.[0] === before.revision) return before;
  }
  const [siteResult, fileResult] = await site.query([SITE, FILES]);
  const [revision = "0", releaseId, settingsJson] = siteResult!.rows[0] ?? [];
  const settings = effectiveSettings(site.config, settingsJson ?? "{}");
  const rows = fileResult!.rows;
  const [redirects, headerRules] = await Promise.all([rulesOf(site, rows, REDIRECTS_FILE, parseRedirects), rulesOf(site, rows, HEADERS_FILE, parseHeaderRules)]);
  const files = new Map(rows.map((row) => [row[0]!, toSiteFile(row, settings, headerRules)]));
  return { revision: revision ?? "0", releaseId: releaseId ?? undefined, files, redirects, headerRules, settings };
}

/** What the project's own administration has said goes before the host's. */
export function effectiveSettings({ cacheControl, htmlCacheControl, spaFallbackPath, keptReleases }: AssetsConfig, own: string): SiteSettings {
  const parsed = siteSettingsPatch.safeParse(JSON.parse(own));
  const said = Object.fromEntries(Object.entries(parsed.success ? parsed.data : {}).filter(([, value]) => value !== null && value !== undefined));
  return { cacheControl, htmlCacheControl, spaFallbackPath, keptReleases, ...said };
}

async function rulesOf<T extends { readonly problems: readonly string[] }>(site: TenantSite, rows: RawResult["rows"], path: string, parse: (text: string) => T): Promise<T> {
  const row = rows.find(([name]) => name === path);
  if (row === undefined) return parse("");
  if (Number(row[2]) > MAX_RULES_BYTES) return { ...parse(""), problems: [`${path}: it is larger than ${MAX_RULES_BYTES} bytes`] };
  const bytes = await site.bytes.read(site.store, site.keyOf(blobName(row[1]!, row[7])));
  return parse(bytes === undefined ? "" : new TextDecoder().decode(bytes));
}
