import type pg from "pg";
import { z } from "zod";

/** What of the database as a whole has to be known before it is made elsewhere. */
export const databaseFactsSchema = z.object({
  /** `server_version_num` */
  version: z.int().min(90_000),
  /** Whose the objects are, and who makes them elsewhere. */
  owner: z.string(),
  /** Where its functions look for what they don't say the schema of. */
  searchPath: z.string(),
  extensions: z.array(z.object({ name: z.string(), version: z.string() })),
  /** Roles that rights and policies name, the owner aside. */
  roles: z.array(z.string()),
});
export type DatabaseFacts = Readonly<z.infer<typeof databaseFactsSchema>>;

const FACTS = `
select current_setting('server_version_num')::int as version,
  current_user::text as owner,
  current_setting('search_path') || ', public, extensions' as "searchPath",
  (select coalesce(json_agg(json_build_object('name', extname, 'version', extversion) order by extname), '[]')
     from pg_extension where extname <> 'plpgsql') as extensions,
  (select coalesce(json_agg(rolname order by rolname), '[]') from (
     select distinct r.rolname
     from pg_shdepend d join pg_roles r on r.oid = d.refobjid
     where d.refclassid = 'pg_authid'::regclass and r.rolname <> current_user
       and d.dbid = (select oid from pg_database where datname = current_database())
       and (d.deptype in ('a', 'r') or d.classid = 'pg_default_acl'::regclass)
   ) named) as roles`;

export async function readFacts(client: pg.Client): Promise<DatabaseFacts> {
  const { rows } = await client.query<DatabaseFacts>(FACTS);
  return rows[0] as DatabaseFacts;
}

/** What a transfer would leave behind without a word. */
const LEFT_BEHIND = `
select 'large objects' as what, count(*)::int as number from pg_largeobject_metadata
union all select 'subscriptions', count(*)::int from pg_subscription where subdbid = (select oid from pg_database where datname = current_database())
union all select 'prepared transactions', count(*)::int from pg_prepared_xacts where database = current_database()`;

/** @returns e.g. `3 large objects` */
export async function findUntransferable(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ what: string; number: number }>(LEFT_BEHIND);
  return rows.filter(({ number }) => number > 0).map(({ what, number }) => `${number} ${what}`);
}
