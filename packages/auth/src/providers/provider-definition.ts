import type { AuthConfig } from "../config/auth-options.ts";
import type { ExternalProfile } from "../identities/external-profile.ts";
import type { CodeExchange, IdTokenSource, ProfileSource, Provider, ProviderEndpoints, ProviderTokens } from "./provider.ts";
import type { ProviderClient } from "./provider-client.ts";
import { readIdTokenProfile } from "./read-id-token-profile.ts";

/** `external.<provider>` of the settings. */
export type ProviderSettings = AuthConfig["external"]["google"];

/** Where a provider is, without a slash at the end; `url` and `apiUrl` of the settings go before. */
export interface ProviderBases {
  /** Where browsers are sent to; of OpenID Connect the issuer. */
  readonly auth: string;
  readonly api: string;
}

/** To read a profile from a provider's API. */
export interface ProfileRequest extends ProfileSource {
  readonly bases: ProviderBases;
  readonly clientId: string;
  readonly secret: string;
  /** JSON of a path below the API's base, with the access token. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<unknown>;
}

/** A provider, as data: what GoTrue's internal/api/provider has a file for. */
export interface ProviderDefinition {
  readonly bases: ProviderBases;
  /** Asked for besides those that a request names. */
  readonly scopes: readonly string[];
  /** Default: a blank. */
  readonly scopeSeparator?: string;
  readonly pkce?: boolean;
  /** A nonce is sent. */
  readonly nonce?: boolean;
  /** The provider has no addresses. */
  readonly emailOptional?: boolean;
  readonly authorizationParams?: (settings: { readonly clientId: string }) => Readonly<Record<string, string>>;
  readonly fragment?: string;
  readonly endpoints: (bases: ProviderBases, client: ProviderClient) => ProviderEndpoints | Promise<ProviderEndpoints>;
  readonly exchangeCode?: (client: ProviderClient, provider: Provider, exchange: CodeExchange, bases: ProviderBases) => Promise<ProviderTokens>;
  /** What `secret` of the settings stands for. */
  readonly clientSecret?: (secret: string, clientId: string, bases: ProviderBases) => Promise<string>;
  /** Default: from the id_token. */
  readonly readProfile?: (request: ProfileRequest, provider: Provider) => Promise<ExternalProfile>;
  readonly idTokens?: (bases: ProviderBases, settings: ProviderSettings, external: AuthConfig["external"]) => IdTokenSource;
}

/** The provider by a project's settings. @param clientIds of the settings, which has at least one */
export function createProvider(name: string, definition: ProviderDefinition, settings: ProviderSettings, external: AuthConfig["external"], clientIds: readonly [string, ...string[]]): Provider {
  const bases = basesOf(definition.bases, settings);
  const [clientId] = clientIds;
  const secret = async (): Promise<string> => definition.clientSecret?.(settings.secret, clientId, bases) ?? settings.secret;
  const { exchangeCode, readProfile } = definition;
  return {
    name, clientIds, secret,
    redirectUri: settings.redirectUri,
    scopes: definition.scopes,
    scopeSeparator: definition.scopeSeparator ?? " ",
    pkce: definition.pkce ?? false,
    nonce: definition.nonce ?? false,
    emailOptional: settings.emailOptional || (definition.emailOptional ?? false),
    skipNonceCheck: settings.skipNonceCheck,
    authorizationParams: definition.authorizationParams?.({ clientId }) ?? {},
    fragment: definition.fragment ?? "",
    endpoints: async (client) => definition.endpoints(bases, client),
    exchangeCode: exchangeCode ? (client, provider, exchange) => exchangeCode(client, provider, exchange, bases) : undefined,
    readProfile: readProfile
      ? async (source, provider) => readProfile({ ...source, bases, clientId, secret: settings.secret, get: (path, headers) => source.client.get(bases.api + path, source.tokens.accessToken, headers) }, provider)
      : readIdTokenProfile,
    idTokens: definition.idTokens?.(bases, settings, external),
  };
}

function basesOf({ auth, api }: ProviderBases, { url, apiUrl }: Pick<ProviderSettings, "url" | "apiUrl">): ProviderBases {
  return { auth: (url || auth).replace(/\/+$/, ""), api: (apiUrl || url || api).replace(/\/+$/, "") };
}
