import { AUTH_ADMIN_ROLE } from "@plinth/core";
import { AUTH_TABLES_SQL } from "./auth-tables-sql.ts";


function types(): string {
  const enums: Readonly<Record<string, readonly string[]>> = {
    aal_level: ["aal1", "aal2", "aal3"],
    code_challenge_method: ["s256", "plain"],
    factor_status: ["unverified", "verified"],
    factor_type: ["totp", "webauthn", "phone"],
    oauth_authorization_status: ["pending", "approved", "denied", "expired"],
    oauth_client_type: ["public", "confidential"],
    oauth_registration_type: ["dynamic", "manual"],
    oauth_response_type: ["code"],
    one_time_token_type: ["confirmation_token", "reauthentication_token", "recovery_token", "email_change_token_new", "email_change_token_current", "phone_change_token"],
  };
  return Object.entries(enums)
    .map(([name, labels]) => `
do $$ begin
  if to_regtype('auth.${name}') is null then create type auth.${name} as enum (${labels.map((label) => `'${label}'`).join(", ")}); end if;
end $$;`)
    .join("");
}

const INDEXES = `
create unique index if not exists users_email_partial_key on auth.users (email) where is_sso_user = false;
create index if not exists users_instance_id_email_idx on auth.users (instance_id, lower(email));
create index if not exists users_is_anonymous_idx on auth.users (is_anonymous);
create index if not exists users_created_at_idx on auth.users (created_at desc, id);
create index if not exists identities_user_id_idx on auth.identities (user_id);
create index if not exists identities_email_idx on auth.identities (email text_pattern_ops);
create index if not exists sessions_user_id_idx on auth.sessions (user_id, created_at);
create index if not exists sessions_not_after_idx on auth.sessions (not_after desc);
create index if not exists sessions_oauth_client_id_idx on auth.sessions (oauth_client_id);
create index if not exists refresh_tokens_session_id_revoked_idx on auth.refresh_tokens (session_id, revoked);
create unique index if not exists mfa_factors_user_friendly_name_unique on auth.mfa_factors (friendly_name, user_id) where trim(friendly_name) <> '';
create unique index if not exists unique_phone_factor_per_user on auth.mfa_factors (user_id, phone);
create index if not exists mfa_factors_user_id_idx on auth.mfa_factors (user_id);
create index if not exists mfa_challenges_factor_id_idx on auth.mfa_challenges (factor_id);
create unique index if not exists one_time_tokens_user_id_token_type_key on auth.one_time_tokens (user_id, token_type);
create index if not exists one_time_tokens_token_hash_hash_idx on auth.one_time_tokens using hash (token_hash);
create index if not exists one_time_tokens_relates_to_hash_idx on auth.one_time_tokens using hash (relates_to);
create index if not exists idx_auth_code on auth.flow_state (auth_code);
create index if not exists idx_user_id_auth_method on auth.flow_state (user_id, authentication_method);
create index if not exists flow_state_created_at_idx on auth.flow_state (created_at desc);
create unique index if not exists sso_domains_domain_idx on auth.sso_domains (lower(domain));
create index if not exists sso_domains_sso_provider_id_idx on auth.sso_domains (sso_provider_id);
create unique index if not exists sso_providers_resource_id_idx on auth.sso_providers (lower(resource_id));
create index if not exists saml_providers_sso_provider_id_idx on auth.saml_providers (sso_provider_id);
create index if not exists saml_relay_states_created_at_idx on auth.saml_relay_states (created_at desc);
create index if not exists oauth_auth_pending_exp_idx on auth.oauth_authorizations (expires_at) where status = 'pending';
create index if not exists oauth_consents_active_client_idx on auth.oauth_consents (client_id) where revoked_at is null;
create index if not exists oauth_consents_user_order_idx on auth.oauth_consents (user_id, granted_at desc);
create unique index if not exists webauthn_credentials_credential_id_key on auth.webauthn_credentials (credential_id);
create index if not exists webauthn_credentials_user_id_idx on auth.webauthn_credentials (user_id);
create index if not exists webauthn_challenges_expires_at_idx on auth.webauthn_challenges (expires_at);
create index if not exists audit_log_entries_created_at_idx on auth.audit_log_entries (created_at desc);
`;

const ACCESS = `
grant select, insert, update, delete on all tables in schema auth to ${AUTH_ADMIN_ROLE};
grant usage, select on all sequences in schema auth to ${AUTH_ADMIN_ROLE};
`;

/**
 * The tables of the schema `auth`, with the names, columns and constraints that GoTrue has (its migrations up to
 * 20260625000000), so that SQL which refers to them runs as it is: foreign keys to `auth.users`, triggers on it, dumps of
 * it. What GoTrue keeps in the clear is kept here as a hash or sealed: the texts of those columns are no other system's.
 * Idempotent; run as the database's owner. Only the auth admin's role may touch the rows.
 */
export const AUTH_SETUP: string = [types(), AUTH_TABLES_SQL, INDEXES, ACCESS].join("\n");
