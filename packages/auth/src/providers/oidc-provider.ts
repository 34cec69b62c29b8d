import type { ExternalProfile } from "../identities/external-profile.ts";
import { issuerEndpoints, issuerKeys } from "./definitions/issuer-endpoints.ts";
import { toOidcProfile } from "./definitions/oidc.ts";
import type { DiscoverOptions } from "./issuer-cache.ts";
import type { ProfileSource, Provider } from "./provider.ts";
import { verifyReturnedIdToken } from "./read-id-token-profile.ts";

/** Any OpenID Connect provider: by its issuer, which describes itself. */
export interface OidcProviderOptions {
  readonly name: string;
  readonly issuer: string;
  readonly discovery?: DiscoverOptions;
  readonly clientIds: readonly [string, ...string[]];
  readonly secret: () => Promise<string>;
  readonly redirectUri?: string | undefined;
  readonly scopes: readonly string[];
  readonly pkce: boolean;
  readonly emailOptional: boolean;
  readonly skipNonceCheck: boolean;
  readonly authorizationParams?: Readonly<Record<string, string>>;
  /** Claims to a profile. Default: the standard claims. */
  readonly toProfile?: (claims: Readonly<Record<string, unknown>>) => ExternalProfile;
}

export function createOidcProvider({ name, issuer, discovery, clientIds, secret, redirectUri, scopes, pkce, emailOptional, skipNonceCheck, authorizationParams = {}, toProfile = toOidcProfile }: OidcProviderOptions): Provider {
  return {
    name, issuer, clientIds, secret, redirectUri, pkce, emailOptional, skipNonceCheck, authorizationParams,
    scopes: scopes.includes("openid") ? scopes : ["openid", ...scopes],
    scopeSeparator: " ",
    nonce: !skipNonceCheck,
    fragment: "",
    endpoints: (client) => issuerEndpoints(client, issuer, discovery),
    exchangeCode: undefined,
    readProfile: async (source, provider) => toProfile(await allClaims(source, provider, issuer, discovery)),
    idTokens: { issuerOf: (client) => issuerKeys(client, issuer, discovery), toProfile },
  };
}

/**
 * What the id_token says; and where it says no address, what the issuer tells of the same user (OpenID Connect Core, 5.3.2):
 * many keep claims of scopes to that.
 */
async function allClaims(source: ProfileSource, provider: Provider, issuer: string, discovery: DiscoverOptions | undefined): Promise<Readonly<Record<string, unknown>>> {
  const token = await verifyReturnedIdToken(source, provider);
  const { userinfo_endpoint: userinfo } = await source.client.issuers.discover(issuer, discovery);
  if (token["email"] !== undefined || userinfo === undefined) return token;
  const told = (await source.client.get(userinfo, source.tokens.accessToken)) as Readonly<Record<string, unknown>> | null;
  return told?.["sub"] === token.sub ? { ...told, ...token } : token;
}
