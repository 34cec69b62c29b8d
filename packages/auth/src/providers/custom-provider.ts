import type { Selectable } from "kysely";
import { checkOutsideAddress } from "../admin/custom-providers/outside-address.ts";
import { AuthError } from "../auth-error.ts";
import type { CustomOAuthProvidersTable } from "../database/auth-tables.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { ExternalProfile } from "../identities/external-profile.ts";
import { mapClaims } from "./map-claims.ts";
import { createOidcProvider } from "./oidc-provider.ts";
import type { Provider } from "./provider.ts";

export type CustomProviderRow = Readonly<Selectable<CustomOAuthProvidersTable>>;

const PURPOSE = "auth.custom-provider";
/** What `custom_oauth_providers.client_secret` keeps of a secret. */
export const sealCustomProviderSecret = ({ tenant }: Pick<AuthCall, "tenant">, secret: string): Promise<string> => tenant.secrets.seal(secret, PURPOSE);
const openSecret = ({ tenant }: Pick<AuthCall, "tenant">, sealed: string): Promise<string> => (sealed === "" ? Promise.resolve("") : tenant.secrets.open(sealed, PURPOSE));

export const isCustomProviderName = (name: string): boolean => name.startsWith("custom:");

/** @param name `custom:…`, in lower case @throws BackendError validation_failed, provider_disabled */
export async function findCustomProvider(call: AuthCall, name: string): Promise<Provider> {
  const unsupported = (why: string): AuthError => new AuthError(AUTH_ERRORS.validationFailed, { message: `Unsupported provider: ${why}` });
  if (!call.config.customOauth.enabled) throw unsupported("custom OAuth providers are disabled");
  const row = await call.db((db) => db.selectFrom("auth.custom_oauth_providers").selectAll().where("identifier", "=", name).executeTakeFirst());
  if (row === undefined) throw unsupported(`custom provider ${name} not found`);
  if (!row.enabled) throw new AuthError(AUTH_ERRORS.providerDisabled, { message: `Unsupported provider: custom provider ${name} is disabled` });
  await checkAddresses(call, row);
  return row.provider_type === "oidc" ? oidcProvider(call, row) : oauth2Provider(call, row);
}

const common = (call: AuthCall, row: CustomProviderRow) => ({
  name: row.identifier,
  clientIds: [row.client_id, ...row.acceptable_client_ids] as const,
  secret: () => openSecret(call, row.client_secret),
  redirectUri: undefined,
  scopes: row.scopes,
  pkce: row.pkce_enabled,
  emailOptional: row.email_optional,
  skipNonceCheck: row.skip_nonce_check,
  authorizationParams: Object.fromEntries(Object.entries(row.authorization_params).filter((parameter): parameter is [string, string] => typeof parameter[1] === "string")),
});

const toProfileOf = (row: CustomProviderRow) => (claims: Readonly<Record<string, unknown>>): ExternalProfile => mapClaims(claims, row.attribute_mapping, row.custom_claims_allowlist);

function oidcProvider(call: AuthCall, row: CustomProviderRow): Provider {
  return createOidcProvider({ ...common(call, row), issuer: row.issuer ?? "", discovery: row.discovery_url ? { url: row.discovery_url } : {}, toProfile: toProfileOf(row) });
}

function oauth2Provider(call: AuthCall, row: CustomProviderRow): Provider {
  const { authorization_url: authorization, token_url: token, userinfo_url: userinfo } = row;
  if (!authorization || !token || !userinfo) throw new AuthError(AUTH_ERRORS.validationFailed, { message: `Unsupported provider: OAuth2 provider ${row.identifier} missing required endpoints` });
  return {
    ...common(call, row),
    scopeSeparator: " ",
    nonce: false,
    fragment: "",
    endpoints: async () => ({ authorization, token, clientAuthentication: "either" }),
    exchangeCode: undefined,
    readProfile: async ({ client, tokens }) => toProfileOf(row)((await client.get(userinfo, tokens.accessToken)) as Readonly<Record<string, unknown>>),
    idTokens: undefined,
  };
}

/** A project's administrator is not the machine's: rows lead to the public network alone, whoever wrote them. */
async function checkAddresses({ auth: { outbound } }: AuthCall, { issuer, discovery_url, authorization_url, token_url, userinfo_url, jwks_uri }: CustomProviderRow): Promise<void> {
  for (const address of [issuer, discovery_url, authorization_url, token_url, userinfo_url, jwks_uri]) if (address) await checkOutsideAddress(address, outbound.reach);
}
