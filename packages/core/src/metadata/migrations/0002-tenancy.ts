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
      add column move jsonb,
      add column quarantine jsonb,
      add column migrations_checksum text;
    create index projects_delete_after on plinth.projects (delete_after) where delete_after is not null;
    create index projects_created on plinth.projects (created_at, ref);

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
      kid text primary key,
      project_uid uuid not null references plinth.projects (uid) on delete cascade,
      algorithm text not null check (algorithm in ('HS256', 'ES256', 'RS256', 'EdDSA')),
      status text not null check (status in ('standby', 'current', 'previous', 'revoked')),
      secret text not null,
      public_jwk jsonb,
      created_at timestamptz not null default now(),
      verify_until timestamptz
    );
    create index signing_keys_project on plinth.signing_keys (project_uid);

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
