import { AuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { findCustomProvider, isCustomProviderName } from "./custom-provider.ts";
import { createOidcProvider } from "./oidc-provider.ts";
import type { Provider } from "./provider.ts";
import { createProvider } from "./provider-definition.ts";
import { KNOWN_PROVIDERS, PROVIDERS } from "./provider-table.ts";

/**
 * The provider that a request names: one that is known, one of `external.oidc`, or a row of the project's own.
 * @throws BackendError validation_failed where there is none, or the project has not switched it on
 */
export async function findProvider(call: AuthCall, given: string): Promise<Provider> {
  const name = given.toLowerCase();
  if (isCustomProviderName(name)) return findCustomProvider(call, name);
  return knownProvider(call, name) ?? oidcProvider(call, name) ?? Promise.reject(unsupported(`Provider ${name} could not be found`));
}

function knownProvider({ config: { external } }: AuthCall, name: string): Provider | undefined {
  const known = KNOWN_PROVIDERS.get(name);
  if (known === undefined) return undefined;
  const settings = external[known];
  const clientIds = usable(settings);
  if (known === "keycloak" && !settings.url) throw unsupported("unable to find URL for the Keycloak provider");
  return createProvider(name, PROVIDERS[known], settings, external, clientIds);
}

function oidcProvider({ config: { external } }: AuthCall, name: string): Provider | undefined {
  const settings = Object.hasOwn(external.oidc, name) ? external.oidc[name] : undefined;
  if (settings === undefined) return undefined;
  const { url: issuer, secret, redirectUri, scopes, pkce, emailOptional, skipNonceCheck } = settings;
  return createOidcProvider({ name, issuer, clientIds: usable(settings), secret: async () => secret, redirectUri, scopes, pkce, emailOptional, skipNonceCheck });
}

/** @returns its client ids @throws BackendError validation_failed */
function usable({ enabled, clientId: [first, ...further] }: { readonly enabled: boolean; readonly clientId: readonly string[] }): readonly [string, ...string[]] {
  if (!enabled) throw unsupported("provider is not enabled");
  if (!first) throw unsupported("missing OAuth client ID");
  return [first, ...further];
}

const unsupported = (why: string): AuthError => new AuthError(AUTH_ERRORS.validationFailed, { message: `Unsupported provider: ${why}` });
