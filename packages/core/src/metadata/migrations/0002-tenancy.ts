import type { MetadataMigration } from "./metadata-migration.ts";

export const tenancyMigration: MetadataMigration = {
  id: 2,
  name: "tenancy",
  sql: `
    alter table plinth.projects
      drop constraint projects_status_check,
      add constraint projects_status_check check (status in ('provisioning', 'active', 'paused', 'moving', 'deleted', 'deleting')),
      add column deleted_at timestamptz,
      add column delete_after timestamptz,
      add column former_status text check (former_status in ('active', 'paused')),
      add column shut_due boolean not null default false,
      add column move jsonb,
      add column quarantine jsonb,
      -- Which master key each secret was sealed with (the second part of its text). So there is no secret whose key is
      -- not in master_keys, and no key leaves it that a secret still needs, whatever processes do at the same time.
      add column credentials_key text not null generated always as (split_part(credentials, '.', 2)) stored references plinth.master_keys,
      add column jwt_secret_key text not null generated always as (split_part(jwt_secret, '.', 2)) stored references plinth.master_keys,
      add column migrations_checksum text;
    create index projects_delete_after on plinth.projects (delete_after) where delete_after is not null;
    create index projects_created on plinth.projects (created_at, ref);
    -- Work that a crash may have broken off is found without reading every project.
    create index projects_unfinished on plinth.projects (ref) where status in ('provisioning', 'deleting') or shut_due or move is not null;
    create index projects_moving on plinth.projects (ref) where move is not null;

    -- Refs that a project had before it was renamed: keys that name them go on holding.
    create table plinth.project_aliases (
      ref text primary key,
      project_uid uuid not null references plinth.projects (uid) on delete cascade,
      created_at timestamptz not null default now()
    );
    create index project_aliases_project on plinth.project_aliases (project_uid);

    create table plinth.api_keys (
      id uuid primary key default gen_random_uuid(),
      project_uid uuid not null references plinth.projects (uid) on delete cascade,
      name text not null,
      kind text not null check (kind in ('publishable', 'secret')),
      role text not null,
      hash text not null unique,
      hint text not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz,
      revoked_at timestamptz
    );
    create index api_keys_project on plinth.api_keys (project_uid);

    create table plinth.signing_keys (
      kid text not null,
      project_uid uuid not null references plinth.projects (uid) on delete cascade,
      algorithm text not null check (algorithm in ('HS256', 'ES256', 'RS256', 'EdDSA')),
      status text not null check (status in ('standby', 'current', 'previous', 'revoked')),
      secret text not null,
      secret_key text not null generated always as (split_part(secret, '.', 2)) stored references plinth.master_keys,
      public_jwk jsonb,
      created_at timestamptz not null default now(),
      verify_until timestamptz,
      primary key (project_uid, kid)
    );
    create unique index signing_keys_current on plinth.signing_keys (project_uid) where status = 'current';

    create table plinth.domains (
      domain text primary key,
      project_uid uuid not null references plinth.projects (uid) on delete cascade,
      created_at timestamptz not null default now()
    );
    create index domains_project on plinth.domains (project_uid);

    create table plinth.audit_log (
      id bigint generated always as identity primary key,
      at timestamptz not null default now(),
      actor text not null,
      action text not null,
      ref text,
      project_uid uuid,
      before jsonb,
      after jsonb
    );
    create index audit_log_ref on plinth.audit_log (ref, id);
    create index audit_log_project on plinth.audit_log (project_uid, id);
    create index audit_log_at on plinth.audit_log (at);

    create table plinth.migration_runs (
      id uuid primary key default gen_random_uuid(),
      checksum text not null,
      files jsonb not null,
      started_at timestamptz not null default now(),
      finished_at timestamptz
    );
    create index migration_runs_started on plinth.migration_runs (started_at);
    create table plinth.migration_results (
      run_id uuid not null references plinth.migration_runs (id) on delete cascade,
      project_uid uuid not null references plinth.projects (uid) on delete cascade,
      outcome text not null check (outcome in ('migrated', 'current', 'failed', 'changed')),
      applied jsonb not null,
      error text,
      milliseconds int not null,
      at timestamptz not null default now(),
      primary key (run_id, project_uid)
    );
    create index migration_results_project on plinth.migration_results (project_uid);
  `,
};
