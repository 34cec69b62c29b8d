import { VECTOR_SETUP } from "../vectors/vector-setup.ts";

/** Upstream's names and types, so that SQL written for Supabase Storage (policies, foreign keys, dumps) runs as it is. */
const TABLES = `
create schema if not exists storage;

do $$ begin
  if to_regtype('storage.buckettype') is null then create type storage.buckettype as enum ('STANDARD', 'ANALYTICS', 'VECTOR'); end if;
end $$;

create table if not exists storage.buckets (
  id text primary key,
  name text not null constraint bname unique,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  public boolean default false,
  avif_autodetection boolean default false,
  file_size_limit bigint,
  allowed_mime_types text[],
  owner_id text,
  type storage.buckettype not null default 'STANDARD',
  -- Of our own: how many earlier versions of an object are kept, and for how many seconds. Null: none, for ever.
  kept_versions integer check (kept_versions > 0),
  version_ttl integer check (version_ttl > 0)
);
comment on column storage.buckets.owner is 'Deprecated: use owner_id.';

create table if not exists storage.objects (
  id uuid primary key default gen_random_uuid(),
  bucket_id text constraint "objects_bucketId_fkey" references storage.buckets (id),
  -- Names are ordered by their bytes wherever they are listed.
  name text collate "C",
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  last_accessed_at timestamptz default now(),
  metadata jsonb,
  path_tokens text[] generated always as (string_to_array(name, '/')) stored,
  version text,
  owner_id text,
  user_metadata jsonb
);
comment on column storage.objects.owner is 'Deprecated: use owner_id.';
create unique index if not exists bucketid_objname on storage.objects (bucket_id, name);
-- Whose bytes some are.
create index if not exists objects_version on storage.objects (version);
-- Of our own: lists of the API's first version know no case. A column, since policies keep an index on lower(name) from use.
alter table storage.objects add column if not exists folded_name text collate "C" generated always as (lower(name)) stored;
create index if not exists objects_folded_name on storage.objects (bucket_id, folded_name, name);

-- Bytes that an object had before, of buckets that keep them.
create table if not exists storage.object_versions (
  version text primary key,
  object_id uuid not null,
  bucket_id text not null references storage.buckets (id) on delete cascade,
  name text collate "C" not null,
  owner_id text,
  metadata jsonb,
  user_metadata jsonb,
  created_at timestamptz not null,
  archived_at timestamptz not null default now(),
  -- Whether the object was deleted then, rather than written anew.
  deleted boolean not null default false
);
create index if not exists object_versions_name on storage.object_versions (bucket_id, name, archived_at desc);
create index if not exists object_versions_archived_at on storage.object_versions (archived_at);

create table if not exists storage.s3_multipart_uploads (
  id text primary key,
  in_progress_size bigint not null default 0,
  upload_signature text not null,
  bucket_id text not null references storage.buckets (id),
  key text collate "C" not null,
  version text not null,
  owner_id text,
  created_at timestamptz not null default now(),
  user_metadata jsonb,
  metadata jsonb
);
create index if not exists idx_multipart_uploads_list on storage.s3_multipart_uploads (bucket_id, key collate "C", created_at);
create table if not exists storage.s3_multipart_uploads_parts (
  id uuid primary key default gen_random_uuid(),
  upload_id text not null references storage.s3_multipart_uploads (id) on delete cascade,
  size bigint not null default 0,
  part_number integer not null,
  bucket_id text not null references storage.buckets (id),
  key text collate "C" not null,
  etag text not null,
  owner_id text,
  version text not null,
  created_at timestamptz not null default now()
);
create index if not exists s3_multipart_uploads_parts_upload on storage.s3_multipart_uploads_parts (upload_id, part_number);

-- Uploads by the TUS protocol. What has come: parts of part_size bytes that the store has, then segments.
create table if not exists storage.resumable_uploads (
  id text primary key,
  bucket_id text not null,
  name text collate "C" not null,
  version text not null,
  part_size bigint not null,
  store_upload text,
  length bigint,
  received bigint not null default 0,
  -- [{version, size}]: bytes that are too few for a part yet, in order.
  segments jsonb not null default '[]',
  -- Whoever is receiving bytes: nobody else can move the upload on.
  holder text,
  owner_id text,
  upsert boolean not null,
  signed boolean not null,
  -- As in the header Upload-Metadata.
  metadata text not null,
  finished boolean not null default false,
  created_at timestamptz not null default now(),
  touched_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index if not exists resumable_uploads_expires_at on storage.resumable_uploads (expires_at);

-- Credentials of the S3 protocol. The secret is sealed with the project's data key.
create table if not exists storage.s3_access_keys (
  access_key_id text primary key,
  secret text not null,
  description text not null default '',
  -- As whom requests are made: the service role where null.
  claims jsonb,
  created_at timestamptz not null default now(),
  expires_at timestamptz
);
`;

/** In SQL rather than PL/pgSQL where they can be, so that PostgreSQL puts them into the policies that call them. */
const FUNCTIONS = `
create or replace function storage.foldername(name text) returns text[] language sql immutable as
  $$ select (string_to_array(name, '/'))[1 : array_length(string_to_array(name, '/'), 1) - 1] $$;
create or replace function storage.filename(name text) returns text language sql immutable as
  $$ select (string_to_array(name, '/'))[array_length(string_to_array(name, '/'), 1)] $$;
create or replace function storage.extension(name text) returns text language sql immutable as
  $$ select reverse(split_part(reverse((string_to_array(name, '/'))[array_length(string_to_array(name, '/'), 1)]), '.', 1)) $$;

create or replace function storage.operation() returns text language sql stable as
  $$ select current_setting('storage.operation', true) $$;
create or replace function storage.allow_only_operation(expected_operation text) returns boolean language sql stable as
  $$ select coalesce(nullif(regexp_replace(expected_operation, '^storage\\.', ''), '') = regexp_replace(storage.operation(), '^storage\\.', ''), false) $$;
create or replace function storage.allow_any_operation(expected_operations text[]) returns boolean language sql stable as
  $$ select coalesce((select bool_or(storage.allow_only_operation(expected)) from unnest(expected_operations) as expected), false) $$;

create or replace function storage.get_size_by_bucket() returns table (size bigint, bucket_id text) language sql stable as
  $$ select sum((o.metadata ->> 'size')::bigint)::bigint, o.bucket_id from storage.objects as o group by o.bucket_id $$;

create or replace function storage.update_updated_at_column() returns trigger language plpgsql as
  $$ begin new.updated_at = now(); return new; end $$;
create or replace trigger update_objects_updated_at before update on storage.objects
  for each row execute function storage.update_updated_at_column();

-- Whatever writes or deletes an object: what it was before is kept where its bucket says so.
create or replace function storage.archive_version() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  -- Whoever writes an object learns what it was before without having to look, and without having to be allowed to.
  if tg_op = 'UPDATE' and coalesce(pg_catalog.length(pg_catalog.current_setting('storage.replaced', true)), 0) < 4000 then
    perform pg_catalog.set_config('storage.replaced', pg_catalog.concat(pg_catalog.current_setting('storage.replaced', true), E'\\n', old.id, ' ', coalesce(old.version, '-'), ' ', old.bucket_id, '/', old.name), true);
  end if;
  if old.version is not null and exists (select from storage.buckets b where b.id = old.bucket_id and b.kept_versions is not null) then
    insert into storage.object_versions (version, object_id, bucket_id, name, owner_id, metadata, user_metadata, created_at, deleted)
    values (old.version, old.id, old.bucket_id, old.name, old.owner_id, old.metadata, old.user_metadata, coalesce(old.updated_at, now()), tg_op = 'DELETE')
    on conflict (version) do nothing;
  end if;
  return null;
end $$;
create or replace trigger plinth_archive_update after update of version on storage.objects
  for each row when (old.version is distinct from new.version) execute function storage.archive_version();
create or replace trigger plinth_archive_delete after delete on storage.objects
  for each row execute function storage.archive_version();

-- Whoever keeps buckets in memory hears of changes.
create or replace function storage.notify_buckets() returns trigger language plpgsql as
  $$ begin notify plinth_storage; return null; end $$;
create or replace trigger plinth_notify_buckets after insert or update or delete or truncate on storage.buckets
  for each statement execute function storage.notify_buckets();
`;

/**
 * To the project's three roles, whatever they are called: those that the set-up before has let into the schema
 * `extensions`. What is Storage's alone is for the one that passes over row level security.
 */
const ACCESS = `
do $$
declare
  role record;
begin
  for role in
    select r.rolname, r.rolbypassrls
      from pg_catalog.pg_namespace n, aclexplode(n.nspacl) a join pg_catalog.pg_roles r on r.oid = a.grantee
     where n.nspname = 'extensions' and a.privilege_type = 'USAGE' and a.grantee <> n.nspowner
  loop
    execute format('grant usage on schema storage to %I', role.rolname);
    execute format('grant all on storage.buckets, storage.objects to %I', role.rolname);
    execute format('grant select on storage.s3_multipart_uploads, storage.s3_multipart_uploads_parts to %I', role.rolname);
    if role.rolbypassrls then
      execute format('grant all on storage.object_versions, storage.s3_multipart_uploads, storage.s3_multipart_uploads_parts, storage.resumable_uploads, storage.s3_access_keys to %I', role.rolname);
    end if;
  end loop;
end $$;

alter table storage.buckets enable row level security;
alter table storage.objects enable row level security;
alter table storage.object_versions enable row level security;
alter table storage.s3_multipart_uploads enable row level security;
alter table storage.s3_multipart_uploads_parts enable row level security;
alter table storage.resumable_uploads enable row level security;
alter table storage.s3_access_keys enable row level security;
`;

/**
 * The schema `storage`, with the tables, columns and functions that applications' SQL for Supabase Storage relies on (its
 * migrations up to 63). Idempotent; run as the database's owner.
 */
export const STORAGE_SETUP: string = [TABLES, FUNCTIONS, ACCESS, VECTOR_SETUP].join("\n");
