import type { RawResult, Statement } from "@plinth/core";
import type { CatalogRows } from "./catalog-rows.ts";
import { MEDIA_HANDLERS_SQL, REPRESENTATIONS_SQL } from "./conversions-sql.ts";
import { inSchemas } from "./fragments-sql.ts";
import { KEYED_RELATIONS_SQL, KEYS_SQL, VIEWS_SQL } from "./keys-sql.ts";
import { COMPUTED_RELATIONSHIPS_SQL, routinesSql } from "./routines-sql.ts";
import { COLUMNS_SQL, ENUMS_SQL, TABLES_SQL } from "./tables-sql.ts";
import { textArray } from "./text-array.ts";
import { versionAsJson } from "../version/schema-version.ts";
import type { VersionSource } from "../version/schema-version.ts";

/** Every domain with the type at the bottom of it; pg_basetype() is newer than PostgreSQL 15. */
export const DOMAIN_BASES_SQL = `
  domain_layers (domain, type) AS (
    SELECT oid, typbasetype FROM pg_type WHERE typtype = 'd'
    UNION ALL
    SELECT l.domain, t.typbasetype FROM domain_layers l JOIN pg_type t ON t.oid = l.type WHERE t.typtype = 'd'),
  domain_bases AS (
    SELECT l.domain, t.oid AS base, t.typnamespace AS base_schema
      FROM domain_layers l
      JOIN pg_type t ON t.oid = l.type
     WHERE t.typtype <> 'd')`;

const SECTIONS: Readonly<Record<Exclude<keyof CatalogRows, "serverVersion" | "version">, string>> = {
  tables: TABLES_SQL,
  columns: COLUMNS_SQL,
  enums: ENUMS_SQL,
  keys: KEYS_SQL,
  keyedRelations: KEYED_RELATIONS_SQL,
  views: VIEWS_SQL,
  routines: routinesSql(inSchemas("p.pronamespace", "exposed")),
  computedRelationships: COMPUTED_RELATIONSHIPS_SQL,
  representations: REPRESENTATIONS_SQL,
  mediaHandlers: MEDIA_HANDLERS_SQL,
};

/** The rows of `sql` as one JSON array. */
export const jsonRows = (sql: string): string => `(SELECT coalesce(json_agg(section), '[]') FROM (${sql}) section)`;

const sections = Object.entries(SECTIONS).map(([name, sql]) => `'${name}', ${jsonRows(sql)}`);

// One statement, so one snapshot and one round trip. Names of types and functions are printed qualified where the search
// path doesn't lead to them, hence the empty path. CASE is what makes it empty before any section is evaluated: they are
// sub-selects of their own, run when first asked for.
const catalogSql = (source: VersionSource): string => `
WITH RECURSIVE
  exposed AS (SELECT oid, nspname FROM pg_namespace WHERE nspname = ANY ($1::name[])),
  searched AS (SELECT oid FROM pg_namespace WHERE nspname = ANY ($2::name[])),
  ${DOMAIN_BASES_SQL}
SELECT CASE WHEN (SELECT set_config('search_path', '', true)) = '' THEN json_build_object(
  'version', (${versionAsJson(source)}),
  'serverVersion', current_setting('server_version_num')::int,
  ${sections.join(",\n  ")}) END`;

const CATALOG_SQL: Readonly<Record<VersionSource, string>> = { changes: catalogSql("changes"), catalogs: catalogSql("catalogs") };

/** Reads all that a schema cache needs in one round trip; decode with `decodeCatalog`. A schema that isn't there counts as empty. */
export const catalogStatement = (schemas: readonly string[], extraSearchPath: readonly string[], source: VersionSource): Statement => ({
  sql: CATALOG_SQL[source],
  parameters: [textArray(schemas), textArray(extraSearchPath)],
});

export const decodeCatalog = (result: RawResult): CatalogRows => JSON.parse(result.rows[0]?.[0] ?? "") as CatalogRows;
