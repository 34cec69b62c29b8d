import type { RawResult, Statement } from "@plinth/core";
import type { RestConfig } from "../config/rest-config.ts";
import { buildRoutines } from "../schema-cache/build-routines.ts";
import type { RoutineRow } from "../schema-cache/catalog/catalog-rows.ts";
import { DOMAIN_BASES_SQL, jsonRows } from "../schema-cache/catalog/catalog-statement.ts";
import { routinesSql } from "../schema-cache/catalog/routines-sql.ts";
import type { Routine } from "../schema-cache/routine.ts";
import type { SchemaCache } from "../schema-cache/schema-cache.ts";
import type { Table } from "../schema-cache/table.ts";

/** What of a schema its document shows. */
export interface OpenApiContents {
  readonly tables: readonly Table[];
  readonly routines: readonly Routine[];
  readonly schemaDescription: string | null;
}

const DESCRIPTION_SQL = "(SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = $1)";

const ACCESSIBLE_TABLES_SQL = `
  SELECT c.relname AS name
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
     AND (pg_has_role(c.relowner, 'USAGE')
          OR has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
          OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))`;

const ACCESSIBLE_ROUTINES_SQL = routinesSql("p.pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND has_function_privilege(p.oid, 'execute')");

/** Without "disabled": there is no document then. */
export type OpenApiMode = Exclude<RestConfig["openapiMode"], "disabled">;

const SQL: Readonly<Record<OpenApiMode, string>> = {
  "follow-privileges": `
WITH RECURSIVE ${DOMAIN_BASES_SQL}
SELECT json_build_object('description', ${DESCRIPTION_SQL}, 'tables', ${jsonRows(ACCESSIBLE_TABLES_SQL)}, 'routines', ${jsonRows(ACCESSIBLE_ROUTINES_SQL)})`,
  "ignore-privileges": `SELECT json_build_object('description', ${DESCRIPTION_SQL})`,
};

/**
 * Asks what the current role may see of the schema, and for its comment. To be run in the request's own transaction:
 * privileges are those of its role, and types are named as its search path shows them.
 */
export const openApiStatement = (schema: string, mode: OpenApiMode): Statement => ({ sql: SQL[mode], parameters: [schema] });

interface OpenApiRows {
  readonly description?: string | null;
  readonly tables?: ReadonlyArray<{ readonly name: string }>;
  readonly routines?: readonly RoutineRow[];
}

/** @param result of `openApiStatement` for the same schema: without privileges in it, all that the schema has is shown */
export const decodeOpenApi = (result: RawResult | undefined, schema: string, cache: SchemaCache): OpenApiContents => {
  const { description, tables, routines } = JSON.parse(result?.rows[0]?.[0] ?? "{}") as OpenApiRows;
  const accessible = tables && new Set(tables.map(({ name }) => name));
  return {
    tables: [...cache.tables.values()].filter((table) => table.schema === schema && (!accessible || accessible.has(table.name))),
    routines: [...(routines ? buildRoutines(routines) : cache.routines).values()].flat().filter((routine) => routine.schema === schema),
    schemaDescription: description ?? null,
  };
};
