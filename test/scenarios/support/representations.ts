import type { DocumentedWorld } from "./documented.ts";

/** Domain representations as PostgREST's documentation makes them: uuids that are written in base64. */
const DOMAINS = `
  create domain app_uuid as uuid;
  create table profiles (id app_uuid primary key, name text);
  create function shown(app_uuid) returns json language sql immutable as $$ select to_json(encode(uuid_send($1), 'base64')) $$;
  create cast (app_uuid as json) with function shown(app_uuid) as implicit;
  create function app_uuid(text) returns app_uuid language sql immutable as $$ select encode(decode($1, 'base64'), 'hex')::uuid $$;
  create cast (text as app_uuid) with function app_uuid(text) as implicit;
  create function app_uuid(json) returns app_uuid language sql immutable as $$ select app_uuid($1 #>> '{}') $$;
  create cast (json as app_uuid) with function app_uuid(json) as implicit;
  create table letters (id int primary key, profile_id app_uuid references profiles, text text);`;

/** Media types by aggregates over a table and by what a function returns. */
const MEDIA = `
  create domain "text/html" as text;
  create domain "application/vnd.list" as text;
  create domain "*/*" as bytea;
  create domain "text/csv" as text;
  create table lines (id int primary key, name text);
  create function list_next(state "application/vnd.list", next lines) returns "application/vnd.list" language sql immutable as $$ select (state || next.id || ';')::"application/vnd.list" $$;
  create aggregate list_lines (lines) (initcond = '', stype = "application/vnd.list", sfunc = list_next);
  create function csv_next(state "text/csv", next lines) returns "text/csv" language sql immutable as $$ select (state || next.id || '|' || next.name || E'\\n')::"text/csv" $$;
  create function csv_end(data "text/csv") returns "text/csv" language plpgsql as $$
  begin
    perform set_config('response.headers', '[{"Content-Disposition": "attachment; filename=\\"lines.csv\\""}]', true);
    return 'ID|NAME' || E'\\n' || data;
  end $$;
  create aggregate csv_lines (lines) (initcond = '', stype = "text/csv", sfunc = csv_next, finalfunc = csv_end);
  create function get_lines() returns setof lines language sql stable as 'select * from lines';
  create function hello_page(name text default 'you') returns "text/html" language sql immutable as $$ select '<h1>' || name || '</h1>' $$;
  create view "lines.xml" with (security_invoker) as select * from lines;
  create function xml_next(state "*/*", next "lines.xml") returns "*/*" language sql immutable as $$ select (state || convert_to('<line id="' || next.id || '"/>', 'UTF8'))::"*/*" $$;
  create function xml_end(data "*/*") returns "*/*" language plpgsql as $$
  declare
    accepted text := coalesce(current_setting('request.headers', true)::json->>'accept', '*/*');
  begin
    if accepted not in ('*/*', 'text/xml', 'application/xml') then raise sqlstate 'PT415' using message = 'Unsupported Media Type'; end if;
    perform set_config('response.headers', json_build_array(json_build_object('Content-Type', case accepted when '*/*' then 'text/xml' else accepted end))::text, true);
    return data;
  end $$;
  create aggregate xml_lines ("lines.xml") (initcond = '', stype = "*/*", sfunc = xml_next, finalfunc = xml_end);
  create function any_bytes() returns "*/*" language sql stable as $$ select convert_to('bytes', 'UTF8') $$;`;

/** Columns and views that PostgreSQL computes, or writes in its own way. */
const WRITES = `
  create table parts (id int generated always as identity primary key, name text not null default 'unnamed', price numeric(8, 2) default 1.5, gross numeric generated always as (price * 2) stored, made timestamptz not null default '2026-01-01T00:00:00Z', kind text check (kind in ('a', 'b')));
  create table names (code text, lang text default 'en', word text, primary key (code, lang), unique (word));
  create view part_names with (security_invoker) as select id, upper(name) as name from parts;
  create function part_names_insert() returns trigger language plpgsql as $$ begin insert into parts (name) values (lower(new.name)) returning id into new.id; return new; end $$;
  create trigger insert_part instead of insert on part_names for each row execute function part_names_insert();
  create view readable with (security_invoker) as select name, count(*) from parts group by name;
  create view part_prices with (security_invoker) as select id as part, price from parts;`;

const SCHEMAS = `
  create schema tenant2;
  grant usage on schema tenant2 to anon, authenticated, service_role;
  create table tenant2.items (id int primary key, text text);
  grant all on tenant2.items to anon, authenticated, service_role;
  create function tenant2.where_am_i() returns text language sql stable as 'select current_schema()::text';`;

const DATA = `
  insert into profiles values ('846c4ffd-92ce-4de7-8d11-8e29929f4ec4', 'John Doe');
  insert into letters values (1, '846c4ffd-92ce-4de7-8d11-8e29929f4ec4', 'Dear John');
  insert into lines values (1, 'one'), (2, 'two');
  insert into parts (name, price, kind) values ('bolt', 2, 'a'), ('nut', 3, null);
  insert into names values ('one', 'en', 'one'), ('one', 'de', 'eins');
  insert into tenant2.items values (1, 'second');`;

/** What columns are shown as, media types that SQL makes, what PostgreSQL computes, and a second schema. */
export const REPRESENTATIONS: DocumentedWorld = {
  sql: DOMAINS + MEDIA + WRITES + SCHEMAS + DATA,
  options: { rest: { schemas: ["public", "tenant2"], txEnd: "commit-allow-override", openapiMode: "follow-privileges" } },
};
