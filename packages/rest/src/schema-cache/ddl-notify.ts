import { DDL_TRIGGERS, PUBLIC_SCHEMA, SCHEMA_CHANGES } from "./version/schema-version.ts";

/** Commands that change nothing a schema cache holds. */
const IRRELEVANT_COMMANDS = [
  "CREATE INDEX", "ALTER INDEX", "REINDEX",
  "CREATE POLICY", "ALTER POLICY",
  "GRANT", "REVOKE", "ALTER DEFAULT PRIVILEGES",
  "CREATE STATISTICS", "ALTER STATISTICS",
  "REFRESH MATERIALIZED VIEW",
  "CREATE PUBLICATION", "ALTER PUBLICATION", "CREATE SUBSCRIPTION", "ALTER SUBSCRIPTION",
];

const IRRELEVANT_OBJECTS = ["index", "policy", "statistics object", "publication", "subscription"];

/**
 * Each transaction that changes the schema leaves one row, under a number that nobody else has, so that transactions at
 * the same time neither wait for each other nor go unseen in whatever order they commit: the rows that are there are
 * the version. A later one takes those away that it sees committed. That can't bring back a version that was before,
 * since the row of the transaction that committed last is one that no other has seen.
 * Not within REPEATABLE READ, where a row that somebody else has taken away would be an error.
 */
const RECORD_FUNCTION = `
CREATE OR REPLACE FUNCTION plinth.record_schema_change() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $function$
DECLARE
  transaction constant text := pg_current_xact_id()::text;
  recorded uuid;
BEGIN
  PERFORM pg_notify('pgrst', 'reload schema');
  -- Gone again when a savepoint takes the row back.
  IF current_setting('plinth.schema_changed_by', true) IS NOT DISTINCT FROM transaction THEN RETURN; END IF;
  INSERT INTO ${SCHEMA_CHANGES} DEFAULT VALUES RETURNING id INTO recorded;
  IF current_setting('transaction_isolation') IN ('read committed', 'read uncommitted') THEN
    DELETE FROM ${SCHEMA_CHANGES} WHERE id = ANY (ARRAY(
      SELECT id FROM ${SCHEMA_CHANGES} WHERE id <> recorded FOR UPDATE SKIP LOCKED));
  END IF;
  PERFORM set_config('plinth.schema_changed_by', transaction, true);
END $function$;
REVOKE ALL ON FUNCTION plinth.record_schema_change() FROM PUBLIC`;

// SECURITY DEFINER, since whoever changes the schema may have no rights in the schema plinth.
const COMMAND_FUNCTION = `
CREATE OR REPLACE FUNCTION plinth.notify_ddl_command() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $function$
BEGIN
  IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands()
              WHERE schema_name IS DISTINCT FROM 'pg_temp' AND command_tag <> ALL ('{${IRRELEVANT_COMMANDS.join()}}')) THEN
    PERFORM plinth.record_schema_change();
  END IF;
END $function$`;

// What is dropped along with the object named in the command tells nothing more.
const DROP_FUNCTION = `
CREATE OR REPLACE FUNCTION plinth.notify_ddl_drop() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $function$
BEGIN
  IF EXISTS (SELECT FROM pg_event_trigger_dropped_objects()
              WHERE original AND NOT is_temporary AND object_type <> ALL ('{${IRRELEVANT_OBJECTS.join()}}')) THEN
    PERFORM plinth.record_schema_change();
  END IF;
END $function$`;

const eventTrigger = (name: string, event: string, function_: string): string => `
  IF NOT EXISTS (SELECT FROM pg_event_trigger WHERE evtname = '${name}') THEN
    CREATE EVENT TRIGGER ${name} ON ${event} EXECUTE FUNCTION ${function_};
  END IF;`;

/**
 * Makes the database tell of changes to its schema, temporary objects aside, by `NOTIFY pgrst, 'reload schema'` and,
 * for those who weren't listening, by a table of numbers that whoever is let into the database may read (a copy of a
 * database knows no logins yet): functions in the schema `plinth`, and the event triggers that call them. Can be run again at any time.
 *
 * Event triggers take a superuser on most servers. Whoever may not create them gets a WARNING and nothing else
 * changes: schema caches are then reloaded when a migration sends the NOTIFY itself, and look through the catalogs
 * where they weren't listening.
 */
export const DDL_NOTIFY_SETUP = `
DO $setup$
BEGIN
  IF to_regnamespace('plinth') IS NULL THEN CREATE SCHEMA plinth; END IF;
  CREATE SCHEMA IF NOT EXISTS ${PUBLIC_SCHEMA};
  GRANT USAGE ON SCHEMA ${PUBLIC_SCHEMA} TO PUBLIC;
  CREATE TABLE IF NOT EXISTS ${SCHEMA_CHANGES} (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
  GRANT SELECT ON ${SCHEMA_CHANGES} TO PUBLIC;
  ${RECORD_FUNCTION};
  ${COMMAND_FUNCTION};
  ${DROP_FUNCTION};
  ${eventTrigger(DDL_TRIGGERS.command, "ddl_command_end", "plinth.notify_ddl_command()")}
  ${eventTrigger(DDL_TRIGGERS.drop, "sql_drop", "plinth.notify_ddl_drop()")}
EXCEPTION WHEN insufficient_privilege THEN
  RAISE WARNING 'changes to the schema will not be noticed by themselves: %', SQLERRM
    USING HINT = 'Have a superuser create the event triggers, or run NOTIFY pgrst after changes.';
END $setup$;
`;
