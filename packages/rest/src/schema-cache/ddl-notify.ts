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

const COMMAND_FUNCTION = `
CREATE OR REPLACE FUNCTION plinth.notify_ddl_command() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $function$
BEGIN
  IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands()
              WHERE schema_name IS DISTINCT FROM 'pg_temp' AND command_tag <> ALL ('{${IRRELEVANT_COMMANDS.join()}}')) THEN
    PERFORM pg_notify('pgrst', 'reload schema');
  END IF;
END $function$`;

// What is dropped along with the object named in the command tells nothing more.
const DROP_FUNCTION = `
CREATE OR REPLACE FUNCTION plinth.notify_ddl_drop() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $function$
BEGIN
  IF EXISTS (SELECT FROM pg_event_trigger_dropped_objects()
              WHERE original AND NOT is_temporary AND object_type <> ALL ('{${IRRELEVANT_OBJECTS.join()}}')) THEN
    PERFORM pg_notify('pgrst', 'reload schema');
  END IF;
END $function$`;

const eventTrigger = (name: string, event: string, function_: string): string => `
  IF NOT EXISTS (SELECT FROM pg_event_trigger WHERE evtname = '${name}') THEN
    CREATE EVENT TRIGGER ${name} ON ${event} EXECUTE FUNCTION ${function_};
  END IF;`;

/**
 * Makes the database tell of changes to its schema by `NOTIFY pgrst, 'reload schema'`, temporary objects aside:
 * two functions in the schema `plinth`, and the event triggers that call them. Can be run again at any time.
 *
 * Event triggers take a superuser on most servers. Whoever may not create them gets a WARNING and nothing else
 * changes: schema caches are then reloaded when a migration sends the NOTIFY itself.
 */
export const DDL_NOTIFY_SETUP = `
DO $setup$
BEGIN
  IF to_regnamespace('plinth') IS NULL THEN CREATE SCHEMA plinth; END IF;
  ${COMMAND_FUNCTION};
  ${DROP_FUNCTION};
  ${eventTrigger("plinth_ddl_command", "ddl_command_end", "plinth.notify_ddl_command()")}
  ${eventTrigger("plinth_ddl_drop", "sql_drop", "plinth.notify_ddl_drop()")}
EXCEPTION WHEN insufficient_privilege THEN
  RAISE WARNING 'changes to the schema will not be noticed by themselves: %', SQLERRM
    USING HINT = 'Have a superuser create the event triggers, or run NOTIFY pgrst after changes.';
END $setup$;
`;
