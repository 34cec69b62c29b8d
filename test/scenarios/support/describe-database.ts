import type pg from "pg";

/** What a database has, by kind of object, as far as the catalogs of PostgreSQL 15 and 18 say it in the same words. */
export type DatabaseDescription = Readonly<Record<string, readonly string[]>>;

const OURS = "n.nspname !~ '^(pg_|plinth)' and n.nspname <> 'information_schema'";
const NOT_OF_EXTENSION = (catalog: string, oid: string) => `not exists (select from pg_depend d where d.classid = '${catalog}'::regclass and d.objid = ${oid} and d.deptype = 'e')`;
/** Without MAINTAIN, which 15 doesn't know; roles as they are called, the owner as such. */
const acl = (column: string) => `(select string_agg(distinct concat(coalesce(g.rolname, 'public'), '=', privilege_type, case when is_grantable then '*' end), ' ' order by concat(coalesce(g.rolname, 'public'), '=', privilege_type, case when is_grantable then '*' end))
  from aclexplode(${column}) a left join pg_roles g on g.oid = a.grantee where privilege_type <> 'MAINTAIN' and a.grantee <> a.grantor)`;

const QUERIES: Readonly<Record<string, string>> = {
  extensions: "select extname || ' in ' || extnamespace::regnamespace from pg_extension",
  schemas: `select concat_ws(' ', nspname, ${acl("nspacl")}, case when obj_description(oid, 'pg_namespace') not like 'plinth set-up%' then obj_description(oid, 'pg_namespace') end) from pg_namespace n where ${OURS}`,
  types: `select concat_ws(' ', t.oid::regtype, t.typtype, format_type(t.typbasetype, t.typtypmod), (select string_agg(enumlabel, '|' order by enumsortorder) from pg_enum e where e.enumtypid = t.oid), (select string_agg(pg_get_constraintdef(c.oid), ' ') from pg_constraint c where c.contypid = t.oid and c.contype = 'c')) from pg_type t join pg_namespace n on n.oid = t.typnamespace where ${OURS} and t.typcategory <> 'A' and ${NOT_OF_EXTENSION("pg_type", "t.oid")}`,
  relations: `select concat_ws(' ', c.oid::regclass, c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity, (select string_agg(option, ' ' order by option) from unnest(c.reloptions) option), c.relispopulated, pg_get_expr(c.relpartbound, c.oid), (select string_agg(inhparent::regclass::text, ',') from pg_inherits where inhrelid = c.oid), ${acl("c.relacl")}, obj_description(c.oid, 'pg_class')) from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${OURS} and c.relkind <> 'i' and ${NOT_OF_EXTENSION("pg_class", "c.oid")}`,
  columns: `select concat_ws(' ', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attstorage, pg_get_expr(f.adbin, f.adrelid), ${acl("a.attacl")}, col_description(c.oid, a.attnum)) from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace left join pg_attrdef f on f.adrelid = c.oid and f.adnum = a.attnum where ${OURS} and c.relkind in ('r', 'p', 'v', 'm') and a.attnum > 0 and not a.attisdropped`,
  constraints: `select concat_ws(' ', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) from pg_constraint c join pg_namespace n on n.oid = c.connamespace where ${OURS} and c.contype <> 'n' and c.conrelid <> 0`,
  indexes: `select pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace where ${OURS}`,
  functions: `select concat_ws(' ', case p.prokind when 'a' then p.oid::regprocedure::text else pg_get_functiondef(p.oid) end, ${acl("p.proacl")}) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${OURS} and ${NOT_OF_EXTENSION("pg_proc", "p.oid")}`,
  triggers: `select concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled) from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace where ${OURS} and not t.tgisinternal`,
  rules: `select concat_ws(' ', c.oid::regclass, r.rulename, r.ev_type, r.is_instead) from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace where ${OURS}`,
  policies: "select concat_ws(' ', schemaname, tablename, policyname, permissive, roles, cmd, qual, with_check) from pg_policies",
  "event triggers": "select concat_ws(' ', evtname, evtevent, evtenabled, evtfoid::regprocedure) from pg_event_trigger",
  "default privileges": `select concat_ws(' ', coalesce(n.nspname, '(all)'), d.defaclobjtype, ${acl("d.defaclacl")}) from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace`,
  publications: "select concat_ws(' ', pubname, schemaname, tablename) from pg_publication_tables",
  statistics: `select pg_get_statisticsobjdef(s.oid) from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace where ${OURS}`,
  operators: `select o.oid::regoperator::text from pg_operator o join pg_namespace n on n.oid = o.oprnamespace where ${OURS} and ${NOT_OF_EXTENSION("pg_operator", "o.oid")}`,
  configurations: `select concat_ws(' ', c.oid::regconfig) from pg_ts_config c join pg_namespace n on n.oid = c.cfgnamespace where ${OURS}`,
  collations: `select concat_ws(' ', c.oid::regcollation) from pg_collation c join pg_namespace n on n.oid = c.collnamespace where ${OURS}`,
};

const ROWS = `select format('select %L || '' '' || count(*) || '' '' || coalesce(md5(string_agg(t::text, E''\\n'' order by t::text collate "C")), '''') as line from (select %s from only %I.%I) as t', c.oid::regclass, case c.relkind when 'S' then 'last_value, is_called' else '*' end, n.nspname, c.relname) as query
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${OURS} and c.relkind in ('r', 'm', 'S') and c.relispopulated`;

/** @param client the owner's; leaves no trace */
export async function describeDatabase(client: pg.Client): Promise<DatabaseDescription> {
  const described: Record<string, readonly string[]> = {};
  await client.query("begin; set local search_path to public, extensions; set local row_security to off");
  for (const [kind, sql] of Object.entries(QUERIES)) {
    const { rows } = await client.query<{ line: string }>(`select line from (${sql}) as lines (line) order by line collate "C"`);
    described[kind] = rows.map(({ line }) => line);
  }
  const { rows: tables } = await client.query<{ query: string }>(ROWS);
  const lines: string[] = [];
  for (const { query } of tables) lines.push(...(await client.query<{ line: string }>(query)).rows.map(({ line }) => line));
  await client.query("rollback");
  return { ...described, rows: lines.toSorted() };
}
