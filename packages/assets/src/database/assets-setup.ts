const TABLES = `
create schema if not exists assets;

-- A whole site. Staged: being uploaded, seen by nobody.
create table if not exists assets.releases (
  id bigint generated always as identity primary key,
  state text not null default 'staged' check (state in ('staged', 'ready')),
  label text,
  files integer not null default 0,
  bytes bigint not null default 0,
  created_at timestamptz not null default now(),
  published_at timestamptz
);

-- Bytes in the store of files, by their SHA-256. There is a row before there are bytes, so that none are unknown.
create table if not exists assets.blobs (
  hash text primary key,
  size bigint not null,
  -- Of the compressed variants, where there are such.
  brotli_size bigint,
  gzip_size bigint,
  stored boolean not null default false
);
-- The release that has stored them: each stores below names of its own, so that one that fails takes nothing from another.
alter table assets.blobs add column if not exists stored_by bigint;

create table if not exists assets.files (
  release_id bigint not null references assets.releases (id) on delete cascade,
  path text collate "C" not null,
  hash text not null references assets.blobs (hash),
  cache_control text,
  -- Since when this path has these bytes.
  updated_at timestamptz not null default now(),
  primary key (release_id, path)
);
create index if not exists files_hash on assets.files (hash);

-- One row: which release is served. Every change of what is served goes through it.
create table if not exists assets.site (
  one boolean primary key default true check (one),
  release_id bigint references assets.releases (id),
  settings jsonb not null default '{}',
  revision bigint not null default 0
);
insert into assets.site default values on conflict do nothing;

-- Names in the store that nobody reads any more: forgotten once they are deleted. No name is ever written again.
create table if not exists assets.trash (name text primary key);

-- What lies in the public bucket, by its name there, and in which form; without one, it is being put or deleted.
create table if not exists assets.cdn_files (
  name text collate "C" primary key,
  form text
);

-- One row: how far the public bucket is.
create table if not exists assets.cdn (
  one boolean primary key default true check (one),
  -- Which bucket, and where in it.
  target text,
  revision bigint,
  -- Who brings it up to date at the moment, and until when nobody else does.
  worker text,
  worked_until timestamptz
);
insert into assets.cdn default values on conflict do nothing;

create or replace function assets.notify_site() returns trigger language plpgsql as
  $$ begin notify plinth_assets; return null; end $$;
create or replace trigger plinth_notify_site after update on assets.site
  for each statement execute function assets.notify_site();
`;

/** To the role alone that passes over row level security, as Storage's set-up finds it. */
const ACCESS = `
do $$
declare
  role record;
begin
  for role in
    select r.rolname
      from pg_catalog.pg_namespace n, aclexplode(n.nspacl) a join pg_catalog.pg_roles r on r.oid = a.grantee
     where n.nspname = 'extensions' and a.privilege_type = 'USAGE' and a.grantee <> n.nspowner and r.rolbypassrls
  loop
    execute format('grant usage on schema assets to %I', role.rolname);
    execute format('grant all on all tables in schema assets to %I', role.rolname);
    execute format('grant usage on all sequences in schema assets to %I', role.rolname);
  end loop;
end $$;

alter table assets.releases enable row level security;
alter table assets.blobs enable row level security;
alter table assets.files enable row level security;
alter table assets.site enable row level security;
alter table assets.cdn enable row level security;
alter table assets.cdn_files enable row level security;
alter table assets.trash enable row level security;
`;

/** The schema `assets`. Idempotent; run as the database's owner. */
export const ASSETS_SETUP: string = [TABLES, ACCESS].join("\n");
