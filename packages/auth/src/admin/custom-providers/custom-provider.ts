import type { Insertable, Updateable } from "kysely";
import { AuthError } from "../../auth-error.ts";
import type { AuthConfig } from "../../config/auth-options.ts";
import type { AuthTransaction } from "../../database/auth-database.ts";
import type { CustomOAuthProvidersTable } from "../../database/auth-tables.ts";
import { now, timestamp } from "../../database/now.ts";
import type { AuthCall } from "../../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { type CustomProviderRow, sealCustomProviderSecret } from "../../providers/custom-provider.ts";
import type { DiscoveryDocument } from "./discover-provider.ts";
import { checkIdentifier, type ProviderAttributes, type ProviderType } from "./provider-attributes.ts";

export function requireCustomProviders({ customOauth }: AuthConfig): void {
  if (!customOauth.enabled) throw new AuthError(AUTH_ERRORS.featureDisabled, { message: "Custom OAuth providers are disabled" });
}

/** By the identifier in the path. @throws BackendError validation_failed, custom_provider_not_found */
export async function loadProvider({ params }: AuthCall, db: AuthTransaction): Promise<CustomProviderRow> {
  const identifier = checkIdentifier(params["identifier"]);
  const row = await db.selectFrom("auth.custom_oauth_providers").selectAll().where("identifier", "=", identifier).executeTakeFirst();
  if (row === undefined) throw new AuthError(AUTH_ERRORS.customProviderNotFound);
  return row;
}

/** The columns that say what the attributes say. Which kind it is and what it is called never changes. */
export async function columnsOf(call: AuthCall, type: ProviderType, attributes: ProviderAttributes): Promise<Updateable<CustomOAuthProvidersTable>> {
  const { client_secret: secret, scopes, attribute_mapping: mapping, authorization_params: parameters, provider_type: _type, identifier: _identifier, issuer, discovery_url, skip_nonce_check, authorization_url, token_url, userinfo_url, jwks_uri, ...rest } = attributes;
  const ofKind = type === "oidc" ? { issuer, discovery_url, skip_nonce_check } : { authorization_url, token_url, userinfo_url, jwks_uri };
  const columns = {
    ...rest, ...ofKind,
    scopes: scopes === undefined || type === "oauth2" || scopes.includes("openid") ? scopes : ["openid", ...scopes],
    attribute_mapping: mapping && JSON.stringify(mapping),
    authorization_params: parameters && JSON.stringify(parameters),
    client_secret: secret === undefined ? undefined : await sealCustomProviderSecret(call, secret),
    updated_at: now(),
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
}

export const discoveryColumns = (document: DiscoveryDocument): Pick<Insertable<CustomOAuthProvidersTable>, "cached_discovery" | "discovery_cached_at"> => ({ cached_discovery: JSON.stringify(document), discovery_cached_at: now() });

/** `CustomOAuthProvider` of @supabase/auth-js: without its secret. */
export function toCustomProvider({ client_secret: _secret, cached_discovery: discovered, discovery_cached_at: _at, created_at: created, updated_at: updated, ...row }: CustomProviderRow): object {
  const { issuer, discovery_url, authorization_url, token_url, userinfo_url, jwks_uri, ...fields } = row;
  const optional = { issuer, discovery_url, discovery_document: discovered, authorization_url, token_url, userinfo_url, jwks_uri };
  return { ...fields, ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null)), created_at: timestamp(created), updated_at: timestamp(updated) };
}
