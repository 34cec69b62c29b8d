import type { MetadataMigration } from "./metadata-migration.ts";

export const projectsMigration: MetadataMigration = {
  id: 1,
  name: "projects",
  sql: `
    create table plinth.projects (
      ref text primary key check (ref ~ '^[a-z][a-z0-9-]{0,39}$'),
      uid uuid not null unique default gen_random_uuid(),
      name text not null,
      status text not null check (status in ('provisioning', 'active', 'paused', 'deleting')),
      host text not null check (host in ('native', 'embedded', 'adopted')),
      cluster text not null,
      database_name text not null,
      login_role text,
      adopted boolean not null,
      credentials text not null,
      jwt_secret text not null,
      jwks jsonb,
      jwt_audience text,
      roles jsonb not null,
      settings jsonb not null,
      provisioning_step text,
      setup_checksum text,
      created_at timestamptz not null,
      updated_at timestamptz not null
    );
    -- Two projects never share a database that is ours to drop.
    create unique index projects_database on plinth.projects (cluster, database_name) where not adopted;
    create table plinth.master_keys (
      key_id text primary key,
      proof text not null,
      created_at timestamptz not null default now()
    );
  `,
};
