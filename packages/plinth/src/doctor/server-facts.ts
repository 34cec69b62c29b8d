/** What a server says of itself and of the login. */
export interface Server {
  readonly version: number;
  readonly name: string;
  readonly login: string;
  readonly database: string;
  readonly superuser: boolean;
  readonly createRole: boolean;
  readonly createDatabase: boolean;
  /** May make schemas in the database. */
  readonly createSchema: boolean;
  /** Those of the request roles that are there, and those of them that the login may switch to. */
  readonly roles: readonly string[];
  readonly switchable: readonly string[];
  readonly vector: boolean;
}

/** Columns as in `Server`. $1: names of the request roles. */
export const SERVER_FACTS = `
  select current_setting('server_version_num')::int as version, current_setting('server_version') as name,
    current_user as login, current_database() as database, rolsuper as superuser,
    rolcreaterole or rolsuper as "createRole", rolcreatedb or rolsuper as "createDatabase",
    has_database_privilege(current_database(), 'create') as "createSchema",
    array(select rolname::text from pg_roles where rolname = any($1)) as roles,
    array(select rolname::text from pg_roles where rolname = any($1) and pg_has_role(current_user, oid, 'member')) as switchable,
    exists (select from pg_available_extensions where name = 'vector') as vector
  from pg_roles where rolname = current_user`;
