/** Upstream's tables, and below them one for each index, in the schema `storage_vectors`. */
const TABLES = `
create table if not exists storage.buckets_vectors (
  id text primary key,
  type storage.buckettype not null default 'VECTOR',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create table if not exists storage.vector_indexes (
  id text primary key default gen_random_uuid(),
  name text collate "C" not null,
  bucket_id text not null references storage.buckets_vectors (id),
  data_type text not null,
  dimension integer not null,
  distance_metric text not null,
  metadata_configuration jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index if not exists vector_indexes_name_bucket_id_idx on storage.vector_indexes (name, bucket_id);
alter table storage.buckets_vectors enable row level security;
alter table storage.vector_indexes enable row level security;
create schema if not exists storage_vectors;
`;

/**
 * The service role makes no tables and no extensions: these do it for the owner, and nobody else may call them. An index's
 * table is named after its row's id, so that nothing a user names is in it.
 */
const FUNCTIONS = `
create or replace function storage.create_vector_index(bucket text, index_name text, dimension integer, metric text, configuration jsonb, max_indexes integer)
returns void language plpgsql security definer set search_path = '' as $$
declare
  index_id text;
  vectors text;
  role record;
begin
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('storage.vector_indexes', 0));
  if not exists (select from pg_catalog.pg_extension where extname = 'vector') then
    begin
      create extension vector with schema extensions;
    exception when others then
      raise exception using errcode = '0A000', message = sqlerrm;
    end;
  end if;
  insert into storage.vector_indexes (name, bucket_id, data_type, dimension, distance_metric, metadata_configuration)
    values (index_name, bucket, 'float32', dimension, metric, configuration) returning id into index_id;
  if (select pg_catalog.count(*) from storage.vector_indexes i where i.bucket_id = bucket) > max_indexes then
    raise exception using errcode = '54000', message = 'too many indexes';
  end if;
  select n.nspname into vectors from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector';
  execute pg_catalog.format('create table storage_vectors.%I (key text collate "C" primary key, data %I.vector(%s) not null, metadata jsonb not null)', 'vectors_' || index_id, vectors, dimension);
  execute pg_catalog.format('alter table storage_vectors.%I enable row level security', 'vectors_' || index_id);
  for role in
    select r.rolname from pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) a join pg_catalog.pg_roles r on r.oid = a.grantee
     where n.nspname = 'storage_vectors' and a.privilege_type = 'USAGE' and a.grantee <> n.nspowner
  loop
    execute pg_catalog.format('grant select, insert, update, delete on storage_vectors.%I to %I', 'vectors_' || index_id, role.rolname);
  end loop;
end $$;

create or replace function storage.delete_vector_index(bucket text, index_name text)
returns boolean language plpgsql security definer set search_path = '' as $$
declare
  index_id text;
begin
  delete from storage.vector_indexes i where i.bucket_id = bucket and i.name = index_name returning i.id into index_id;
  if index_id is null then
    return false;
  end if;
  execute pg_catalog.format('drop table if exists storage_vectors.%I', 'vectors_' || index_id);
  return true;
end $$;
`;

const ACCESS = `
revoke execute on function storage.create_vector_index, storage.delete_vector_index from public;
do $$
declare
  role record;
begin
  for role in
    select r.rolname
      from pg_catalog.pg_namespace n, aclexplode(n.nspacl) a join pg_catalog.pg_roles r on r.oid = a.grantee
     where n.nspname = 'extensions' and a.privilege_type = 'USAGE' and a.grantee <> n.nspowner and r.rolbypassrls
  loop
    execute format('grant usage on schema storage_vectors to %I', role.rolname);
    execute format('grant select, insert, update, delete on storage.buckets_vectors to %I', role.rolname);
    execute format('grant select on storage.vector_indexes to %I', role.rolname);
    execute format('grant execute on function storage.create_vector_index, storage.delete_vector_index to %I', role.rolname);
  end loop;
end $$;
`;

/** What buckets of vectors need besides the extension, which is made with the first index. Idempotent; run as the owner, after the schema `storage`. */
export const VECTOR_SETUP: string = [TABLES, FUNCTIONS, ACCESS].join("\n");
