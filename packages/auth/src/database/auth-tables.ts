import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from "kysely";
import type { RateLimitsTable, SealedKeysTable } from "./own-tables.ts";

/** A JSON object as it is read; written as an object too, which pg turns into text. */
type JsonObject = Readonly<Record<string, unknown>>;
/** jsonb: read as an object, written as JSON text, so that an array is not taken for PostgreSQL's own. */
type Json<T = JsonObject> = ColumnType<T, string, string>;
type NullableJson<T = JsonObject> = ColumnType<T | null, string | null | undefined, string | null>;
type Optional<T> = ColumnType<T | null, T | null | undefined, T | null>;

/** Rows of `auth.users`. E-mail addresses are in lower case, phone numbers in digits without "+". */
export interface UsersTable {
  instance_id: Optional<string>;
  id: string;
  aud: Optional<string>;
  role: Optional<string>;
  email: Optional<string>;
  /** bcrypt, argon2 or Firebase's scrypt; null or "" where there is none. */
  encrypted_password: Optional<string>;
  email_confirmed_at: Optional<Date>;
  invited_at: Optional<Date>;
  confirmation_token: Optional<string>;
  confirmation_sent_at: Optional<Date>;
  recovery_token: Optional<string>;
  recovery_sent_at: Optional<Date>;
  email_change_token_new: Optional<string>;
  email_change: Optional<string>;
  email_change_sent_at: Optional<Date>;
  last_sign_in_at: Optional<Date>;
  raw_app_meta_data: NullableJson;
  raw_user_meta_data: NullableJson;
  is_super_admin: Optional<boolean>;
  created_at: Optional<Date>;
  updated_at: Optional<Date>;
  phone: Optional<string>;
  phone_confirmed_at: Optional<Date>;
  phone_change: Optional<string>;
  phone_change_token: Optional<string>;
  phone_change_sent_at: Optional<Date>;
  confirmed_at: GeneratedAlways<Date | null>;
  email_change_token_current: Optional<string>;
  /** How many halves of a change of address were confirmed. */
  email_change_confirm_status: Optional<number>;
  banned_until: Optional<Date>;
  reauthentication_token: Optional<string>;
  reauthentication_sent_at: Optional<Date>;
  is_sso_user: Generated<boolean>;
  deleted_at: Optional<Date>;
  is_anonymous: Generated<boolean>;
}

export interface IdentitiesTable {
  /** The user's id at the provider. */
  provider_id: string;
  user_id: string;
  identity_data: Json;
  provider: string;
  last_sign_in_at: Optional<Date>;
  created_at: Optional<Date>;
  updated_at: Optional<Date>;
  email: GeneratedAlways<string | null>;
  id: Generated<string>;
}

export type Aal = "aal1" | "aal2" | "aal3";

export interface SessionsTable {
  id: string;
  user_id: string;
  created_at: Optional<Date>;
  updated_at: Optional<Date>;
  factor_id: Optional<string>;
  aal: Optional<Aal>;
  not_after: Optional<Date>;
  /** In UTC, without a time zone. */
  refreshed_at: Optional<Date>;
  user_agent: Optional<string>;
  ip: Optional<string>;
  tag: Optional<string>;
  oauth_client_id: Optional<string>;
  refresh_token_hmac_key: Optional<string>;
  /** Number of the refresh token that is the present one. bigint: text. */
  refresh_token_counter: ColumnType<string | null, number | null | undefined, number | null>;
  scopes: Optional<string>;
}

export interface AmrClaimsTable {
  session_id: string;
  created_at: Date;
  updated_at: Date;
  authentication_method: string;
  id: string;
}

export type FactorType = "totp" | "webauthn" | "phone";
export type FactorStatus = "unverified" | "verified";

export interface FactorsTable {
  id: string;
  user_id: string;
  friendly_name: Optional<string>;
  factor_type: FactorType;
  status: FactorStatus;
  created_at: Date;
  updated_at: Date;
  /** Sealed (`TenantSecrets.seal`, "auth.totp"). */
  secret: Optional<string>;
  phone: Optional<string>;
  last_challenged_at: Optional<Date>;
  web_authn_credential: NullableJson;
  web_authn_aaguid: Optional<string>;
  last_webauthn_challenge_data: NullableJson;
}

export interface ChallengesTable {
  id: string;
  factor_id: string;
  created_at: Date;
  verified_at: Optional<Date>;
  ip_address: string;
  /** A digest. */
  otp_code: Optional<string>;
  web_authn_session_data: NullableJson;
}

export type OneTimeTokenType = "confirmation_token" | "reauthentication_token" | "recovery_token" | "email_change_token_new" | "email_change_token_current" | "phone_change_token";

export interface OneTimeTokensTable {
  id: string;
  user_id: string;
  token_type: OneTimeTokenType;
  token_hash: string;
  /** The address that it was sent to. */
  relates_to: string;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
}

export interface FlowStateTable {
  id: string;
  user_id: Optional<string>;
  /** A digest: whoever reads the table can't redeem it. */
  auth_code: Optional<string>;
  code_challenge_method: Optional<"s256" | "plain">;
  code_challenge: Optional<string>;
  provider_type: string;
  /** Sealed. */
  provider_access_token: Optional<string>;
  /** Sealed. */
  provider_refresh_token: Optional<string>;
  created_at: Optional<Date>;
  updated_at: Optional<Date>;
  authentication_method: string;
  auth_code_issued_at: Optional<Date>;
  invite_token: Optional<string>;
  referrer: Optional<string>;
  oauth_client_state_id: Optional<string>;
  linking_target_id: Optional<string>;
  email_optional: Generated<boolean>;
  /** Of the session that the code becomes. Ours. */
  session_not_after: Optional<Date>;
}

export interface OAuthClientStatesTable {
  id: string;
  provider_type: string;
  /** Sealed. */
  code_verifier: Optional<string>;
  created_at: Date;
}

export interface CustomOAuthProvidersTable {
  id: Generated<string>;
  provider_type: "oauth2" | "oidc";
  identifier: string;
  name: string;
  client_id: string;
  /** Sealed. */
  client_secret: string;
  acceptable_client_ids: Generated<string[]>;
  scopes: Generated<string[]>;
  pkce_enabled: Generated<boolean>;
  attribute_mapping: ColumnType<JsonObject, string | undefined, string>;
  authorization_params: ColumnType<JsonObject, string | undefined, string>;
  enabled: Generated<boolean>;
  email_optional: Generated<boolean>;
  issuer: Optional<string>;
  discovery_url: Optional<string>;
  skip_nonce_check: Generated<boolean>;
  cached_discovery: NullableJson;
  discovery_cached_at: Optional<Date>;
  authorization_url: Optional<string>;
  token_url: Optional<string>;
  userinfo_url: Optional<string>;
  jwks_uri: Optional<string>;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
  custom_claims_allowlist: Generated<string[]>;
}

export interface SsoProvidersTable {
  id: string;
  resource_id: Optional<string>;
  created_at: Optional<Date>;
  updated_at: Optional<Date>;
  disabled: Optional<boolean>;
}

export interface SsoDomainsTable {
  id: string;
  sso_provider_id: string;
  domain: string;
  created_at: Optional<Date>;
  updated_at: Optional<Date>;
}

export interface SamlProvidersTable {
  id: string;
  sso_provider_id: string;
  entity_id: string;
  metadata_xml: string;
  metadata_url: Optional<string>;
  attribute_mapping: NullableJson;
  created_at: Optional<Date>;
  updated_at: Optional<Date>;
  name_id_format: Optional<string>;
}

export interface SamlRelayStatesTable {
  id: string;
  sso_provider_id: string;
  request_id: string;
  for_email: Optional<string>;
  redirect_to: Optional<string>;
  created_at: Optional<Date>;
  updated_at: Optional<Date>;
  flow_state_id: Optional<string>;
}

export interface OAuthClientsTable {
  id: string;
  client_secret_hash: Optional<string>;
  registration_type: "dynamic" | "manual";
  /** Separated by commas. */
  redirect_uris: string;
  /** Separated by commas. */
  grant_types: string;
  client_name: Optional<string>;
  client_uri: Optional<string>;
  logo_uri: Optional<string>;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
  deleted_at: Optional<Date>;
  client_type: Generated<"public" | "confidential">;
  token_endpoint_auth_method: "client_secret_basic" | "client_secret_post" | "none";
}

export interface OAuthAuthorizationsTable {
  id: string;
  authorization_id: string;
  client_id: string;
  user_id: Optional<string>;
  redirect_uri: string;
  scope: string;
  state: Optional<string>;
  resource: Optional<string>;
  code_challenge: Optional<string>;
  code_challenge_method: Optional<"s256" | "plain">;
  response_type: Generated<"code">;
  status: Generated<"pending" | "approved" | "denied" | "expired">;
  /** A digest. */
  authorization_code: Optional<string>;
  created_at: Generated<Date>;
  expires_at: Generated<Date>;
  approved_at: Optional<Date>;
  nonce: Optional<string>;
}

export interface OAuthConsentsTable {
  id: string;
  user_id: string;
  client_id: string;
  /** Separated by spaces. */
  scopes: string;
  granted_at: Generated<Date>;
  revoked_at: Optional<Date>;
}

export interface WebAuthnChallengesTable {
  id: Generated<string>;
  user_id: Optional<string>;
  challenge_type: "signup" | "registration" | "authentication";
  session_data: Json;
  created_at: Generated<Date>;
  expires_at: Date;
}

export interface WebAuthnCredentialsTable {
  id: Generated<string>;
  user_id: string;
  credential_id: Buffer;
  public_key: Buffer;
  attestation_type: Generated<string>;
  aaguid: Optional<string>;
  /** bigint: text. */
  sign_count: ColumnType<string, number | undefined, number>;
  transports: JSONColumnType<string[], string | undefined, string>;
  backup_eligible: Generated<boolean>;
  backed_up: Generated<boolean>;
  friendly_name: Generated<string>;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
  last_used_at: Optional<Date>;
}

export interface AuditLogEntriesTable {
  instance_id: Optional<string>;
  id: string;
  payload: NullableJson;
  created_at: Optional<Date>;
  ip_address: Generated<string>;
}

/** The schema `auth`, as Kysely has it. */
export interface AuthTables {
  "auth.users": UsersTable;
  "auth.identities": IdentitiesTable;
  "auth.sessions": SessionsTable;
  "auth.mfa_amr_claims": AmrClaimsTable;
  "auth.mfa_factors": FactorsTable;
  "auth.mfa_challenges": ChallengesTable;
  "auth.one_time_tokens": OneTimeTokensTable;
  "auth.flow_state": FlowStateTable;
  "auth.oauth_client_states": OAuthClientStatesTable;
  "auth.custom_oauth_providers": CustomOAuthProvidersTable;
  "auth.sso_providers": SsoProvidersTable;
  "auth.sso_domains": SsoDomainsTable;
  "auth.saml_providers": SamlProvidersTable;
  "auth.saml_relay_states": SamlRelayStatesTable;
  "auth.oauth_clients": OAuthClientsTable;
  "auth.oauth_authorizations": OAuthAuthorizationsTable;
  "auth.oauth_consents": OAuthConsentsTable;
  "auth.webauthn_challenges": WebAuthnChallengesTable;
  "auth.webauthn_credentials": WebAuthnCredentialsTable;
  "auth.audit_log_entries": AuditLogEntriesTable;
  "auth.rate_limits": RateLimitsTable;
  "auth.sealed_keys": SealedKeysTable;
}
