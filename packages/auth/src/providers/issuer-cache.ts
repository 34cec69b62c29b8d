import type { OutboundFetch } from "@plinth/core";
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from "jose";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { isLoopback, isPrivateAddress, providerAddress } from "./addresses.ts";
import { sendRequest } from "./send-request.ts";

/** An issuer's own description (OpenID Connect Discovery 1.0, 3). */
const metadataSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  jwks_uri: z.string(),
  userinfo_endpoint: z.string().optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
});
export type IssuerMetadata = Readonly<z.infer<typeof metadataSchema>>;

/** Milliseconds. */
const METADATA_AGE = 3_600_000;
const JWKS_AGE = 600_000;
const JWKS_COOLDOWN = 10_000;
const MOST = 50;
const JSON_ONLY = { accept: "application/json" };

export interface DiscoverOptions {
  /** Where the description is, if not below the issuer. */
  readonly url?: string | undefined;
  /** The description may be that of many tenants, whose issuer has `{tenantid}` in it. */
  readonly isTemplate?: boolean;
}

/** What a project's issuers say of themselves, and their keys: asked when needed, once for all who wait, and kept for a while. */
export class IssuerCache {
  readonly #metadata = new LRUCache<string, Promise<IssuerMetadata>>({ max: MOST, ttl: METADATA_AGE });
  readonly #keys = new LRUCache<string, JWTVerifyGetKey>({ max: MOST });

  readonly #fetch: OutboundFetch;

  constructor(fetch: OutboundFetch) {
    this.#fetch = fetch;
  }

  /** @throws BackendError unexpected_failure where the issuer can't be asked, or says that it is another */
  discover(issuer: string, options: DiscoverOptions = {}): Promise<IssuerMetadata> {
    const key = JSON.stringify([issuer, options]);
    let found = this.#metadata.get(key);
    if (found === undefined) {
      found = discover(this.#fetch, issuer, options);
      this.#metadata.set(key, found);
      // Whoever asks next tries again.
      found.catch(() => this.#metadata.delete(key));
    }
    return found;
  }

  /** Public keys of an issuer; fetched again where a token's is not among them. */
  keysOf(jwksUri: string): JWTVerifyGetKey {
    let keys = this.#keys.get(jwksUri);
    if (keys === undefined) {
      keys = createRemoteJWKSet(new URL(jwksUri), { cacheMaxAge: JWKS_AGE, cooldownDuration: JWKS_COOLDOWN, [customFetch]: (url) => sendRequest(this.#fetch, url, { headers: JSON_ONLY }) });
      this.#keys.set(jwksUri, keys);
    }
    return keys;
  }
}

async function discover(fetch: OutboundFetch, issuer: string, { url, isTemplate = false }: DiscoverOptions): Promise<IssuerMetadata> {
  const oauth = await import("oauth4webapi");
  const expected = new URL(issuer);
  const response = await oauth.discoveryRequest(expected, { [oauth.customFetch]: (address: string) => sendRequest(fetch, url ?? address, { headers: JSON_ONLY }), [oauth.allowInsecureRequests]: isLoopback(expected) });
  const described: unknown = isTemplate ? await response.json() : await oauth.processDiscoveryResponse(expected, response).catch((cause: unknown) => Promise.reject(misdescribed(issuer, cause)));
  const parsed = metadataSchema.safeParse(described);
  if (!parsed.success) throw misdescribed(issuer, parsed.error);
  checkEndpoints(parsed.data, expected);
  return parsed.data;
}

/** Only an issuer in a network of its own may name addresses there: no other leads the backend to them. */
function checkEndpoints({ authorization_endpoint: authorization, token_endpoint: token, jwks_uri: jwks, userinfo_endpoint: userinfo = token }: IssuerMetadata, issuer: URL): void {
  for (const endpoint of [authorization, token, jwks, userinfo]) {
    const url = providerAddress(endpoint);
    if (url === undefined || (isPrivateAddress(url) && !isPrivateAddress(issuer))) throw misdescribed(issuer.href, new Error(`It names the endpoint ${endpoint}`));
  }
}

const misdescribed = (issuer: string, cause: unknown): AuthError =>
  new AuthError(AUTH_ERRORS.unexpectedFailure, { message: "The provider's description of itself can't be used", cause: new Error(`${issuer}: ${(cause as Error).message}`, { cause }) });
