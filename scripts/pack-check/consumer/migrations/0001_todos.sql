create table todos (id int generated always as identity primary key, user_id text not null, task text not null);
alter table todos enable row level security;
grant select, insert on todos to anon, authenticated;
create policy own on todos to authenticated using (user_id = current_setting('request.jwt.claims')::json ->> 'sub');
insert into todos (user_id, task) values ('ann', 'water the plants'), ('ben', 'feed the cat');
