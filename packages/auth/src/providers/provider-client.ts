import type { OutboundFetch, OutboundReach, TenantStateKey } from "@plinth/core";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { IssuerCache } from "./issuer-cache.ts";
import type { Provider } from "./provider.ts";
import { providerReach } from "./provider-reach.ts";
import { type ProviderRequest, sendRequest, unreachable } from "./send-request.ts";

/** Asks providers on behalf of one request. */
export class ProviderClient {
  readonly issuers: IssuerCache;
  readonly #fetch: OutboundFetch;
  readonly #signal: AbortSignal;

  constructor(issuers: IssuerCache, fetch: OutboundFetch, signal: AbortSignal) {
    this.issuers = issuers;
    this.#fetch = fetch;
    this.#signal = signal;
  }

  /** @throws BackendError as `sendRequest` */
  fetch(address: string, request: ProviderRequest = {}): Promise<Response> {
    return sendRequest(this.#fetch, address, request, this.#signal);
  }

  /** A JSON answer. @throws BackendError unexpected_failure */
  async json(address: string, request: ProviderRequest = {}): Promise<unknown> {
    const response = await this.fetch(address, request);
    const answer: unknown = await response.json().catch(() => undefined);
    if (!response.ok || answer === undefined) throw unreachable(new URL(address), new Error(`It answered with status ${response.status}`));
    return answer;
  }

  /** What an access token lets see (RFC 6750, 2.1). */
  get(address: string, accessToken: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
    return this.json(address, { headers: { accept: "application/json", "user-agent": "plinth", ...headers, authorization: `Bearer ${accessToken}` } });
  }
}

/** What is known of issuers is not lent to those who couldn't have asked. */
const ISSUERS: TenantStateKey<Map<OutboundReach, IssuerCache>> = { name: "auth.issuers", create: () => new Map() };

/** Reaches as far as who has named the provider's addresses may. */
export function providerClient({ tenant, signal, auth: { outbound } }: Pick<AuthCall, "tenant" | "signal" | "auth">, { name }: Pick<Provider, "name">): ProviderClient {
  const reach = providerReach(outbound, name);
  const fetch = outbound.within(reach);
  const caches = tenant.state(ISSUERS);
  let issuers = caches.get(reach);
  if (issuers === undefined) caches.set(reach, (issuers = new IssuerCache(fetch)));
  return new ProviderClient(issuers, fetch, signal);
}
