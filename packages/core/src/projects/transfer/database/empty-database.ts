import type pg from "pg";

/**
 * Takes away what a database that was made a moment ago has in it: a set-up that came with its template, say. What is to
 * be there comes with the dump; what the set-up adds to that is run after it.
 */
export async function emptyDatabase(client: pg.Client): Promise<void> {
  const { rows: metadata } = await client.query<{ present: boolean }>("select to_regclass('plinth.metadata_migrations') is not null as present");
  if (metadata[0]?.present) throw new Error("This is the database that the projects are kept in: it is not to be emptied.");
  const { rows } = await client.query<{ statement: string }>(STATEMENTS);
  for (const { statement } of rows) await client.query(statement);
}

/** In the order in which they can be run: event triggers would run at what follows. */
const STATEMENTS = `
select statement from (
  select 1 as place, format('drop event trigger %I', evtname) as statement from pg_event_trigger
  union all
  select 2, format('drop extension %I cascade', extname) from pg_extension where extname <> 'plpgsql'
  union all
  select 3, format('drop schema %I cascade', nspname) from pg_namespace
    where nspname !~ '^pg_' and nspname not in ('information_schema', 'public')
  union all
  select 4, format('alter default privileges for role %I %s revoke all on %s from %s', r.rolname, 'in schema ' || quote_ident(n.nspname),
      case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types' end,
      case a.grantee when 0 then 'public' else quote_ident(g.rolname) end)
    from pg_default_acl d
    join pg_roles r on r.oid = d.defaclrole
    join pg_namespace n on n.oid = d.defaclnamespace
    cross join lateral aclexplode(d.defaclacl) a
    left join pg_roles g on g.oid = a.grantee
    where n.nspname = 'public'
    group by 1, 2
) each order by place`;
