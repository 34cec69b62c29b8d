/** GoTrue's tables as its migrations leave them, as far as users are kept there, in any schema. */
export const gotrueTables = (schema: string): string => `
create schema if not exists ${schema};
create type ${schema}.factor_type as enum ('totp', 'webauthn', 'phone');
create type ${schema}.factor_status as enum ('unverified', 'verified');
create table ${schema}.users (
  instance_id uuid, id uuid primary key, aud varchar(255), role varchar(255), email varchar(255), encrypted_password varchar(255), email_confirmed_at timestamptz, invited_at timestamptz,
  confirmation_token varchar(255), confirmation_sent_at timestamptz, recovery_token varchar(255), recovery_sent_at timestamptz, email_change_token_new varchar(255), email_change varchar(255), email_change_sent_at timestamptz,
  last_sign_in_at timestamptz, raw_app_meta_data jsonb, raw_user_meta_data jsonb, is_super_admin boolean, created_at timestamptz, updated_at timestamptz, phone text unique, phone_confirmed_at timestamptz,
  phone_change text default '', phone_change_token varchar(255) default '', phone_change_sent_at timestamptz, confirmed_at timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
  email_change_token_current varchar(255) default '', email_change_confirm_status smallint default 0, banned_until timestamptz, reauthentication_token varchar(255) default '', reauthentication_sent_at timestamptz,
  is_sso_user boolean not null default false, deleted_at timestamptz, is_anonymous boolean not null default false
);
create table ${schema}.identities (
  provider_id text not null, user_id uuid not null references ${schema}.users on delete cascade, identity_data jsonb not null, provider text not null, last_sign_in_at timestamptz, created_at timestamptz, updated_at timestamptz,
  email text generated always as (lower(identity_data ->> 'email')) stored, id uuid primary key default gen_random_uuid(), unique (provider_id, provider)
);
create table ${schema}.mfa_factors (
  id uuid primary key, user_id uuid not null references ${schema}.users on delete cascade, friendly_name text, factor_type ${schema}.factor_type not null, status ${schema}.factor_status not null,
  created_at timestamptz not null, updated_at timestamptz not null, secret text, phone text, last_challenged_at timestamptz unique, web_authn_credential jsonb, web_authn_aaguid uuid, last_webauthn_challenge_data jsonb
);
create table ${schema}.sessions (id uuid primary key, user_id uuid not null references ${schema}.users on delete cascade, created_at timestamptz, updated_at timestamptz);
create table ${schema}.refresh_tokens (instance_id uuid, id bigserial primary key, token varchar(255) unique, user_id varchar(255), revoked boolean, created_at timestamptz, updated_at timestamptz, parent varchar(255), session_id uuid references ${schema}.sessions on delete cascade);
`;

export interface GotrueUser {
  readonly id: string;
  readonly email?: string;
  readonly phone?: string;
  readonly hash?: string;
  readonly metadata?: object;
  /** Of a TOTP factor that is verified, in base32. */
  readonly totp?: string;
  /** Another provider than "email" or "phone", with its id. */
  readonly identity?: readonly [provider: string, id: string];
}

const quoted = (value: string | undefined): string => (value === undefined ? "null" : `'${value.replaceAll("'", "''")}'`);

/** Rows as GoTrue writes them for a user who has confirmed its address, is signed in and has asked for a new password. */
export function gotrueUser(schema: string, { id, email, phone, hash, metadata = {}, totp, identity }: GotrueUser): string {
  const [provider, providerId] = identity ?? [email === undefined ? "phone" : "email", id];
  const data = JSON.stringify({ sub: providerId, email, phone });
  return `
insert into ${schema}.users (instance_id, id, aud, role, email, phone, encrypted_password, email_confirmed_at, recovery_token, recovery_sent_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
  values ('00000000-0000-0000-0000-000000000000', '${id}', 'authenticated', 'authenticated', ${quoted(email)}, ${quoted(phone)}, ${quoted(hash)}, '2024-05-06 07:08:09.123456Z', '${"ab".repeat(28)}', now(), '{"provider": "${provider}", "providers": ["${provider}"]}', ${quoted(JSON.stringify(metadata))}, '2023-01-02 03:04:05.678901Z', now());
insert into ${schema}.identities (provider_id, user_id, identity_data, provider, created_at, updated_at) values (${quoted(providerId)}, '${id}', ${quoted(data)}, '${provider}', now(), now());
${totp === undefined ? "" : `insert into ${schema}.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at, secret) values
  (gen_random_uuid(), '${id}', 'app', 'totp', 'verified', now(), now(), '${totp}'), (gen_random_uuid(), '${id}', 'unfinished', 'totp', 'unverified', now(), now(), 'JBSWY3DPEHPK3PXP');`}
with session as (insert into ${schema}.sessions (id, user_id, created_at, updated_at) values (gen_random_uuid(), '${id}', now(), now()) returning id)
  insert into ${schema}.refresh_tokens (token, user_id, revoked, session_id) select substr(md5('${id}'), 1, 12), '${id}', false, id from session;
`;
}
