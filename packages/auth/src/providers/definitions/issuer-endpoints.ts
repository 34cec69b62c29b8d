import type { ProviderEndpoints } from "../provider.ts";
import type { ProviderClient } from "../provider-client.ts";
import type { DiscoverOptions, IssuerMetadata } from "../issuer-cache.ts";
import type { Issuer } from "../verify-id-token.ts";

/** Endpoints as an issuer names them itself. */
export async function issuerEndpoints(client: ProviderClient, issuer: string, options?: DiscoverOptions): Promise<ProviderEndpoints> {
  const metadata = await client.issuers.discover(issuer, options);
  return { authorization: metadata.authorization_endpoint, token: metadata.token_endpoint, clientAuthentication: authenticationOf(metadata) };
}

/** What an issuer doesn't name is Basic (OpenID Connect Discovery, 3). */
function authenticationOf({ token_endpoint_auth_methods_supported: methods = ["client_secret_basic"] }: IssuerMetadata): ProviderEndpoints["clientAuthentication"] {
  return methods.includes("client_secret_post") && !methods.includes("client_secret_basic") ? "post" : "basic";
}

export async function issuerKeys(client: ProviderClient, issuer: string, options?: DiscoverOptions): Promise<Issuer> {
  const metadata = await client.issuers.discover(issuer, options);
  return { issuer: metadata.issuer, jwksUri: metadata.jwks_uri };
}

