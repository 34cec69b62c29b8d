import { type SiteSettings, siteSettingsPatch } from "../config/assets-options.ts";
import { effectiveSettings } from "../delivery/load-manifest.ts";
import { defineEndpoint } from "../endpoint/assets-call.ts";
import { json } from "../endpoint/respond.ts";
import type { TenantSite } from "../tenant-site.ts";

export const getSettings = defineEndpoint({
  id: "assets.settings.get",
  method: "GET",
  path: "/settings",
  handle: async ({ site }) => json(await settingsOf(site)),
});

/** What is null is the backend's again. */
export const patchSettings = defineEndpoint({
  id: "assets.settings.update",
  method: "PATCH",
  path: "/settings",
  body: siteSettingsPatch,
  handle: async ({ site }, patch) => {
    await site.query([{ sql: "update assets.site set settings = jsonb_strip_nulls(settings || $1::jsonb), revision = revision + 1", parameters: [JSON.stringify(patch)] }]);
    site.manifests.forget();
    await site.cdn?.bringUpToDate();
    return json(await settingsOf(site));
  },
});

async function settingsOf(site: TenantSite): Promise<SiteSettings> {
  const [result] = await site.query([{ sql: "select settings from assets.site", parameters: [] }]);
  return effectiveSettings(site.config, result!.rows[0]?.[0] ?? "{}");
}
