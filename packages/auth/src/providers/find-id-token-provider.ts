import { AuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { isCustomProviderName } from "./custom-provider.ts";
import { findProvider } from "./find-provider.ts";
import { createOidcProvider } from "./oidc-provider.ts";
import type { IdTokenSource, Provider } from "./provider.ts";
import { KNOWN_PROVIDERS } from "./provider-table.ts";

export type IdTokenProvider = Provider & { readonly idTokens: IdTokenSource };

/** Whose an id_token is said to be: a provider by name; or an issuer, with the client that it is meant for. */
export interface IdTokenOrigin {
  readonly provider: string | undefined;
  readonly issuer: string | undefined;
  readonly clientId: string | undefined;
}

/** Providers by what their tokens have as `iss`. */
const BY_ISSUER: readonly (readonly [RegExp, string])[] = [
  [/^https:\/\/(appleid|account)\.apple\.com$/, "apple"],
  [/^https:\/\/accounts\.google\.com$/, "google"],
  [/^https:\/\/login\.microsoftonline\.com\/[^/]+\/v2\.0\/?$/, "azure"],
  [/^https:\/\/www\.facebook\.com$/, "facebook"],
  [/^https:\/\/kauth\.kakao\.com$/, "kakao"],
];

/** @throws BackendError validation_failed, provider_disabled */
export async function findIdTokenProvider(call: AuthCall, origin: IdTokenOrigin): Promise<IdTokenProvider> {
  const name = nameOf(call, origin);
  if (name === undefined) return issuerProvider(call, origin);
  if (!isEnabled(call, name)) throw new AuthError(AUTH_ERRORS.providerDisabled, { message: `Provider (issuer ${JSON.stringify(origin.issuer ?? name)}) is not enabled` });
  return withIdTokens(await findProvider(call, name));
}

function nameOf({ config: { external } }: AuthCall, { provider, issuer }: IdTokenOrigin): string | undefined {
  const name = provider?.toLowerCase();
  if (name !== undefined && (KNOWN_PROVIDERS.has(name) || Object.hasOwn(external.oidc, name) || isCustomProviderName(name))) return name;
  if (issuer === undefined) return undefined;
  if (external.keycloak.enabled && external.keycloak.url === issuer) return "keycloak";
  return BY_ISSUER.find(([pattern]) => pattern.test(issuer))?.[1];
}

function isEnabled({ config: { external } }: AuthCall, name: string): boolean {
  const known = KNOWN_PROVIDERS.get(name);
  return known !== undefined ? external[known].enabled : (external.oidc[name]?.enabled ?? true);
}

/** Issuers that the project lists, for any client that a request names. */
function issuerProvider({ config: { external } }: AuthCall, { provider = "", issuer, clientId }: IdTokenOrigin): IdTokenProvider {
  if (issuer === undefined || clientId === undefined || !external.allowedIdTokenIssuers.includes(issuer)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: `Custom OIDC provider ${JSON.stringify(provider)} not allowed` });
  return withIdTokens(createOidcProvider({ name: issuer, issuer, clientIds: [clientId], secret: async () => "", scopes: [], pkce: true, emailOptional: false, skipNonceCheck: false }));
}

function withIdTokens(provider: Provider): IdTokenProvider {
  if (provider.idTokens === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: `Provider ${JSON.stringify(provider.name)} is not an OIDC provider` });
  return { ...provider, idTokens: provider.idTokens };
}
