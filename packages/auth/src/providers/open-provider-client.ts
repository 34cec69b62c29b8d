import type { OutboundReach, TenantStateKey } from "@plinth/core";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { IssuerCache } from "./issuer-cache.ts";
import type { Provider } from "./provider.ts";
import { ProviderClient } from "./provider-client.ts";
import { providerReach } from "./provider-reach.ts";

/** What is known of issuers is not lent to those who couldn't have asked. */
const ISSUERS: TenantStateKey<Map<OutboundReach, IssuerCache>> = { name: "auth.issuers", create: () => new Map() };

/** Reaches as far as who has named the provider's addresses may. */
export function openProviderClient({ tenant, signal, auth: { outbound } }: Pick<AuthCall, "tenant" | "signal" | "auth">, { name }: Pick<Provider, "name">): ProviderClient {
  const reach = providerReach(outbound, name);
  const fetch = outbound.within(reach);
  const caches = tenant.state(ISSUERS);
  let issuers = caches.get(reach);
  if (issuers === undefined) caches.set(reach, (issuers = new IssuerCache(fetch)));
  return new ProviderClient(issuers, fetch, signal);
}
