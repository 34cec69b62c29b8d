import type { OutboundFetch } from "@plinth/core";
import type { IssuerCache } from "./issuer-cache.ts";
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
