/** Where the server keeps what is all databases': who else is there, and what they are doing. */
const CATALOGS = [
  "pg_database", "pg_roles", "pg_user", "pg_group", "pg_auth_members", "pg_db_role_setting", "pg_shdescription", "pg_shdepend", "pg_shseclabel", "pg_tablespace",
  "pg_stat_activity", "pg_stat_database", "pg_stat_database_conflicts", "pg_stat_replication", "pg_stat_ssl", "pg_stat_gssapi", "pg_stat_progress_vacuum",
  "pg_stat_progress_analyze", "pg_stat_progress_cluster", "pg_stat_progress_create_index", "pg_stat_progress_basebackup", "pg_stat_progress_copy",
  "pg_locks", "pg_prepared_xacts", "pg_replication_slots", "pg_replication_origin",
] as const;

/** What those views are made of, and what tells the same by number. */
const FUNCTIONS = [
  "pg_stat_get_activity(int)", "pg_stat_get_progress_info(text)", "pg_lock_status()", "pg_prepared_xact()", "pg_tablespace_databases(oid)",
  "pg_stat_get_backend_idset()", "pg_stat_get_backend_dbid(int)", "pg_stat_get_backend_userid(int)", "pg_stat_get_backend_activity(int)", "pg_stat_get_backend_client_addr(int)",
] as const;

/**
 * Takes from PUBLIC, in a project's own database, what the catalogs tell of other databases and roles. Only a superuser
 * can: others leave it as it is. Nor is it done where the control plane is, which is somebody's own database.
 *
 * PostgreSQL leaves ways to learn a role's or a database's name (a cast of a number to `regrole`, the words of a refused
 * connection) and the server's own settings (SHOW): they are no secret between projects. What is in the databases is.
 */
export const SECLUSION = `
do $$
declare part text;
begin
  if to_regclass('plinth.projects') is not null or not (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then return; end if;
  foreach part in array array[${CATALOGS.map((name) => `'${name}'`).join(", ")}] loop
    if to_regclass('pg_catalog.' || part) is not null then execute format('revoke all on pg_catalog.%I from public', part); end if;
  end loop;
  foreach part in array array[${FUNCTIONS.map((name) => `'${name}'`).join(", ")}] loop
    if to_regprocedure('pg_catalog.' || part) is not null then execute format('revoke all on function pg_catalog.%s from public', part); end if;
  end loop;
end $$;`;
