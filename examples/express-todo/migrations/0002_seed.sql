insert into lists (name) values ('Home'), ('Work');

-- A todo of Ann's that was there before anybody signed in.
insert into todos (list_id, user_id, title)
values (1, '00000000-0000-4000-8000-00000000000a', 'Water the plants');
