-- Lists are anybody's to read; todos are their owner's alone.

create table lists (
  id int generated always as identity primary key,
  name text not null unique
);

create table todos (
  id int generated always as identity primary key,
  list_id int not null references lists on delete cascade,
  user_id uuid not null default auth.uid(),
  title text not null check (title <> ''),
  done boolean not null default false,
  created_at timestamptz not null default now()
);

create index on todos (user_id);
create index on todos (list_id);

alter table lists enable row level security;
alter table todos enable row level security;

create policy "everybody reads lists" on lists for select using (true);

create policy "owners see and change their todos" on todos
  to authenticated
  using (user_id = (select auth.uid()))
  with check (user_id = (select auth.uid()));

-- A function is called as POST /rest/v1/rpc/open_todos; it runs as its caller, under the same policies.
create function open_todos() returns bigint
  language sql stable
  as $$ select count(*) from todos where not done $$;
