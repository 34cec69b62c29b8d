import type { DocumentedWorld } from "./documented.ts";

/** The tables of PostgREST's documentation on resource embedding, with what its other pages have. */
const TABLES = `
  create table directors (id int primary key, first_name text, last_name text);
  create table films (
    id int primary key, director_id int references directors, title text not null, year int, rating numeric(3, 1), language text);
  create table actors (id int primary key, first_name text, last_name text);
  create table roles (film_id int references films, actor_id int references actors, character text, primary key (film_id, actor_id));
  create table technical_specs (film_id int primary key references films, runtime time, camera text);
  create table competitions (id int primary key, name text, year int);
  create table nominations (competition_id int references competitions, film_id int references films, rank int, primary key (competition_id, film_id));
  create table addresses (id int primary key, name text);
  create table orders (
    id int primary key, name text, billing_address_id int, shipping_address_id int, amount numeric, quantity int, order_date date, details jsonb,
    constraint billing foreign key (billing_address_id) references addresses,
    constraint shipping foreign key (shipping_address_id) references addresses);
  create table presidents (id int primary key, last_name text, predecessor_id int unique references presidents);
  create table employees (id int primary key, last_name text, supervisor_id int references employees);
  create table users (id int primary key, username text unique);
  create table subscriptions (subscriber_id int references users, subscribed_id int references users, type text, primary key (subscriber_id, subscribed_id));
  create table box_office (bo_date date, film_id int references films, gross_revenue numeric(12, 2), primary key (bo_date, film_id)) partition by range (bo_date);
  create table box_office_2021_01 partition of box_office for values from ('2021-01-01') to ('2021-02-01');
  create table box_office_2021_02 partition of box_office for values from ('2021-02-01') to ('2021-03-01');
  create table people (
    id int primary key, first_name text, last_name text, age int, student boolean, job text, span int4range, tags text[], my_tsv tsvector, about text,
    json_data jsonb, plain json);
  create type coordinates as (lat decimal(8, 6), long decimal(9, 6));
  create table countries (id int primary key, location coordinates, languages text[]);
  create table "Order Items" (id int primary key, "Unit Price" numeric, "information.cpe" text);`;

const VIEWS = `
  create view nominations_view with (security_invoker) as
    select films.title as film_title, competitions.name as competition_name, nominations.rank, nominations.film_id as nominations_film_id, films.id as film_id
    from nominations join films on films.id = nominations.film_id join competitions on competitions.id = nominations.competition_id;
  create view good_films with (security_invoker) as select * from films where rating >= 8;
  create view good_recent_films with (security_invoker) as select id, title, director_id from good_films where year > 1993;
  create materialized view films_by_director as select director_id, count(*) as films from films group by director_id;
  create materialized view film_titles as select id, title, director_id from films;`;

const FUNCTIONS = `
  create function predecessor(presidents) returns setof presidents rows 1 language sql stable as 'select * from presidents where id = $1.predecessor_id';
  create function successor(presidents) returns setof presidents rows 1 language sql stable as 'select * from presidents where predecessor_id = $1.id';
  create function supervisees(employees) returns setof employees language sql stable as 'select * from employees where supervisor_id = $1.id';
  create function supervisor(employees) returns setof employees rows 1 language sql stable as 'select * from employees where id = $1.supervisor_id';
  create function subscribers(users) returns setof users language sql stable as 'select u.* from users u, subscriptions s where s.subscriber_id = u.id and s.subscribed_id = $1.id';
  create function following(users) returns setof users language sql stable as 'select u.* from users u, subscriptions s where s.subscribed_id = u.id and s.subscriber_id = $1.id';
  create function full_name(people) returns text language sql stable as $$ select $1.first_name || ' ' || $1.last_name $$;
  create function full_name(directors) returns text language sql stable as $$ select $1.first_name || ' ' || $1.last_name $$;
  create function getallfilms() returns setof films language sql stable as 'select * from films';
  create function first_film() returns films language sql stable as 'select * from films where id = 1';
  create function no_film() returns films language sql stable as 'select * from films where id = 0';
  create function films_since(since int default 1900) returns table (id int, title text) language sql stable as 'select id, title from films where year >= since';
  create function film_titles_of(director int) returns setof text language sql stable as 'select title from films where director_id = director order by id';
  create function add_them(a int, b int) returns int language sql immutable as 'select a + b';
  create function greet_user(username text default 'guest') returns text language sql immutable as $$ select 'Hello ' || username || '!' $$;
  create function mult_them(json) returns int language sql immutable as $$ select ($1->>'x')::int * ($1->>'y')::int $$;
  create function shout(text) returns text language sql immutable as 'select upper($1)';
  create function size_of(bytea) returns int language sql immutable as 'select length($1)';
  create function plus_one(arr int[]) returns int[] language sql immutable as 'select array_agg(n + 1) from unnest($1) as n';
  create function plus_all(variadic v int[]) returns int[] language sql immutable as 'select array_agg(n + 1) from unnest($1) as n';
  create function rental_duration(customer_id int) returns text language sql stable as $$ select 'one' $$;
  create function rental_duration(customer_id int, from_date date) returns text language sql stable as $$ select 'two' $$;
  create function twofold(a int) returns text language sql immutable as $$ select 'int' $$;
  create function twofold(a text) returns text language sql immutable as $$ select 'text' $$;
  create function films_as_record() returns setof record language sql stable as 'select id, title from films where id < 3';
  create function in_out(a int, inout b int, out c int) language sql immutable as 'select a + b, a - b';
  create function nothing_at_all() returns void language sql as 'select';
  create function null_text() returns text language sql stable as 'select null::text';
  create function delete_nominations() returns setof nominations language sql as 'delete from nominations where rank > 1 returning *';
  create function rename_film(id int, title text) returns films language sql as 'update films set title = rename_film.title where id = rename_film.id returning *';`;

const RESPONSES = `
  create function teapot() returns json language plpgsql as $$
  begin
    perform set_config('response.status', '418', true);
    return json_build_object('message', 'The requested entity body is short and stout.', 'hint', 'Tip it over and pour it out.');
  end $$;
  create function set_headers(value text) returns int language plpgsql as $$
  begin
    perform set_config('response.headers', value, true);
    return 1;
  end $$;
  create function set_status(value text) returns int language plpgsql as $$
  begin
    perform set_config('response.status', value, true);
    return 1;
  end $$;
  create function just_fail() returns void language plpgsql as $$
  begin
    raise exception 'I refuse!' using detail = 'Pretty simple', hint = 'There is nothing you can do.';
  end $$;
  create function fail_with(state text, message text, detail text default null, hint text default null) returns void language plpgsql as $$
  begin
    if detail is null then raise exception using errcode = state, message = fail_with.message; end if;
    raise exception using errcode = state, message = fail_with.message, detail = fail_with.detail, hint = coalesce(fail_with.hint, '');
  end $$;
  create sequence callcounter_count;
  create view callcounter as select nextval('callcounter_count');
  create function settings(name text) returns text language sql stable as 'select current_setting(name, true)';`;

const DATA = `
  insert into directors values (1, 'Louis', 'Lumière'), (2, 'William', 'Dickson'), (3, 'Georges', 'Méliès'), (4, 'Quentin', 'Tarantino'), (5, 'Robert', 'Eggers');
  insert into films values
    (1, 1, 'Workers Leaving The Lumière Factory In Lyon', 1895, 7.0, 'french'), (2, 2, 'The Dickson Experimental Sound Film', 1894, 6.5, 'english'),
    (3, 3, 'The Haunted Castle', 1896, 6.9, 'french'), (4, 4, 'Pulp Fiction', 1994, 8.9, 'english'), (5, 4, 'Reservoir Dogs', 1992, 8.3, 'english'),
    (6, 5, 'The Lighthouse', 2019, 7.4, 'english'), (7, null, 'Anonymous', null, null, null);
  insert into actors values (1, 'Jehanne', 'd''Alcy'), (2, 'Willem', 'Dafoe'), (3, 'John', 'Travolta'), (4, 'Uma', 'Thurman'), (5, 'Harvey', 'Keitel'), (6, 'Tim', 'Roth');
  insert into roles values (3, 1, 'Jehanne d''Alcy'), (6, 2, 'Thomas Wake'), (4, 3, 'Vincent Vega'), (4, 4, 'Mia Wallace'), (5, 5, 'Mr. White'), (5, 6, 'Mr. Orange');
  insert into technical_specs values (4, '02:34:00', 'Arriflex 35-III'), (5, '01:39:00', 'Arriflex BL4');
  insert into competitions values (1, 'Cannes', 1994), (2, 'Sundance', 1992), (3, 'Oscars', 1995);
  insert into nominations values (1, 4, 1), (2, 5, 5), (3, 4, 2);
  insert into addresses values (1, '32 Glenlake Dr.'), (2, '30 Glenlake Dr.');
  insert into orders values
    (1, 'Personal Water Filter', 1, 2, 100.50, 1, '2023-01-01', '{"tax_amount": 10}'), (2, 'Coffee Machine', 1, 1, 200, 2, '2023-01-01', '{"tax_amount": 20}'),
    (3, 'Kettle', 2, null, 50, null, '2023-01-02', null);
  insert into presidents values (1, 'Washington', null), (2, 'Adams', 1), (3, 'Jefferson', 2);
  insert into employees values (1, 'Taylor', null), (2, 'Johnson', 1), (3, 'Miller', 1);
  insert into users values (1, 'patrick109'), (2, 'alicia_smith'), (3, 'top_streamer'), (4, 'the_top_artist');
  insert into subscriptions values (1, 4, 'free'), (2, 4, 'paid'), (4, 3, 'free');
  insert into box_office values ('2021-01-05', 4, 1000000), ('2021-01-06', 5, 500), ('2021-02-05', 4, 2000000);
  insert into people values
    (1, 'John', 'Oliver', 30, false, 'host', '[1,10)', '{a,b}', to_tsvector('french', 'C''est un peu amusant'), 'impossible fat cats', '{"blood_type": "A-", "age": 25, "phones": [{"number": "917"}, {"number": "512"}]}', '{"a": {"b": 1}}'),
    (2, 'Jane', 'Orton', 12, true, null, '[10,20)', '{b}', to_tsvector('english', 'the fat cats ate rats'), 'nothing of note', '{"blood_type": "O+", "age": 9, "phones": []}', null),
    (3, 'Samuel', 'Beckett', 83, null, 'novelist', 'empty', '{}', null, null, null, null);
  insert into countries values (1, '(19.741755,-155.844437)', '{en,haw}'), (2, '(1.5,2.5)', '{fr}');
  insert into "Order Items" values (1, 100, 'MS-1'), (2, 300, 'x,y');
  refresh materialized view films_by_director; refresh materialized view film_titles;`;

/** The tables of PostgREST's documentation: films, their directors, actors and roles, and what else it shows its API with. */
export const FILMS: DocumentedWorld = {
  sql: TABLES + VIEWS + FUNCTIONS + RESPONSES + DATA,
  options: { rest: { aggregatesEnabled: true, planEnabled: true, txEnd: "commit-allow-override" } },
};
