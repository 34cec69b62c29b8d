import type { OutboundReach } from "@plinth/core";
import type { ProjectOutbound, SettingPath } from "../outbound/project-outbound.ts";
import { isCustomProviderName } from "./custom-provider.ts";
import { KNOWN_PROVIDERS } from "./provider-table.ts";

/** How far requests to a provider go: as far as whoever has named its addresses may. */
export const providerReach = (outbound: ProjectOutbound, name: string): OutboundReach => (isCustomProviderName(name) ? outbound.reach : outbound.reachOf(...settingsOf(name)));

/** Where the settings name them. What has no name of its own is an issuer that they list. */
function settingsOf(name: string): readonly SettingPath[] {
  const known = KNOWN_PROVIDERS.get(name);
  if (known !== undefined) return [["external", known, "url"], ["external", known, "apiUrl"]];
  return [["external", "oidc", name, "url"], ["external", "allowedIdTokenIssuers"]];
}
