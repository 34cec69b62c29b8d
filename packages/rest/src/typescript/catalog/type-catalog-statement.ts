import type { RawResult, Statement } from "@plinth/core";
import { jsonRows } from "../../schema-cache/catalog/catalog-statement.ts";
import { FIRST_NORMAL_OID, inSchemas, schemaName } from "../../schema-cache/catalog/fragments-sql.ts";
import { KEYED_RELATIONS_SQL, KEYS_SQL, VIEWS_SQL } from "../../schema-cache/catalog/keys-sql.ts";
import { ENUMS_SQL, TABLES_SQL } from "../../schema-cache/catalog/tables-sql.ts";
import { textArray } from "../../schema-cache/catalog/text-array.ts";
import { PUBLIC_SCHEMA } from "../../schema-cache/version/schema-version.ts";
import type { TypeCatalogRows } from "./type-catalog-rows.ts";

/** Relations whose row type may stand in a column or a signature: the exposed ones, and all that users made. */
const DESCRIBED = `(${inSchemas("c.relnamespace", "exposed")} OR ${inSchemas("c.relnamespace", "ordinary")})`;

// pg_column_is_updatable() asks for UPDATE and DELETE both; a trigger for INSERT alone takes every column.
const INSTEAD_OF_INSERT = "EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgtype & 68 = 68)";

const COLUMNS_SQL = `
  SELECT a.attrelid AS relation, a.attnum AS position, a.attname AS name, a.atttypid AS type, a.attnotnull AS "notNull",
         a.atthasdef AS "hasDefault", a.attidentity AS identity, a.attgenerated <> '' AS generated,
         CASE WHEN c.relkind = 'v' THEN pg_column_is_updatable(c.oid, a.attnum, false) OR ${INSTEAD_OF_INSERT} ELSE c.relkind <> 'm' END AS insertable,
         CASE WHEN c.relkind = 'v' THEN pg_column_is_updatable(c.oid, a.attnum, true) ELSE c.relkind <> 'm' END AS updatable
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND ${DESCRIBED}
   ORDER BY a.attnum`;

// A type's own cast counts for what users made; a domain's where it stands for a data representation, as in conversions-sql.ts.
const TYPES_SQL = `
  SELECT t.oid AS id, ${schemaName("t.typnamespace")} AS schema, t.typname AS name, t.typtype AS kind,
         CASE WHEN t.typsubscript = 'array_subscript_handler'::regproc THEN t.typelem END AS element,
         nullif(t.typbasetype, 0) AS base, nullif(t.typrelid, 0) AS relation,
         coalesce((SELECT relkind = 'c' FROM pg_class WHERE oid = t.typrelid), false) AS standalone, t.typnotnull AS "notNull", t.typdefault IS NOT NULL AS "hasDefault",
         t.oid >= ${FIRST_NORMAL_OID} AND EXISTS (
           SELECT FROM pg_cast x WHERE x.castsource = t.oid AND x.casttarget = 'json'::regtype AND x.castmethod = 'f' AND (t.typtype <> 'd' OR x.castcontext = 'i')) AS "toJson",
         t.oid >= ${FIRST_NORMAL_OID} AND EXISTS (
           SELECT FROM pg_cast x WHERE x.casttarget = t.oid AND x.castsource = 'json'::regtype AND x.castmethod = 'f' AND (t.typtype <> 'd' OR x.castcontext = 'i')) AS "fromJson"
    FROM pg_type t
   WHERE t.typrelid = 0 OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND ${DESCRIBED})`;

const PARAMETERS = `
         (SELECT coalesce(json_agg(json_build_object('mode', mode, 'name', name, 'type', type, 'hasDefault', input > p.pronargs - p.pronargdefaults) ORDER BY place), '[]')
            FROM (SELECT coalesce(a.mode, 'i') AS mode, coalesce(a.name, '') AS name, a.type, a.place,
                         CASE WHEN coalesce(a.mode, 'i') IN ('i', 'b', 'v')
                              THEN count(*) FILTER (WHERE coalesce(a.mode, 'i') IN ('i', 'b', 'v')) OVER (ORDER BY a.place) ELSE 0 END AS input
                    FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes, p.proargnames) WITH ORDINALITY AS a (type, mode, name, place)) parameter)`;

const ROUTINES_SQL = `
  SELECT ${schemaName("p.pronamespace")} AS schema, p.proname AS name, p.proretset AS "setOf", p.prorows AS rows,
         p.prorettype AS returns, ${PARAMETERS} AS parameters
    FROM pg_proc p
   WHERE p.prokind = 'f' AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) AND ${inSchemas("p.pronamespace", "exposed")}`;

const SECTIONS: Readonly<Record<Exclude<keyof TypeCatalogRows, "schemas" | "allSchemas">, string>> = {
  tables: TABLES_SQL,
  columns: COLUMNS_SQL,
  types: TYPES_SQL,
  enums: ENUMS_SQL,
  keys: KEYS_SQL,
  keyedRelations: KEYED_RELATIONS_SQL,
  views: VIEWS_SQL,
  routines: ROUTINES_SQL,
};

const sections = Object.entries(SECTIONS).map(([name, sql]) => `'${name}', ${jsonRows(sql)}`);

// One statement, so that all of it is of one moment.
const TYPE_CATALOG_SQL = `
WITH
  exposed AS (SELECT oid, nspname FROM pg_namespace WHERE nspname = ANY ($1::name[])),
  ordinary AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'plinth', '${PUBLIC_SCHEMA}')),
  searched AS (SELECT oid FROM pg_namespace WHERE nspname = ANY ($2::name[]))
SELECT json_build_object(
  'schemas', (SELECT coalesce(json_agg(nspname), '[]') FROM exposed),
  'allSchemas', (SELECT coalesce(json_agg(nspname ORDER BY nspname), '[]') FROM ordinary),
  ${sections.join(",\n  ")})`;

/** Reads all that types need in one round trip; decode with `decodeTypeCatalog`. */
export const typeCatalogStatement = (schemas: readonly string[], extraSearchPath: readonly string[]): Statement => ({
  sql: TYPE_CATALOG_SQL,
  parameters: [textArray(schemas), textArray(extraSearchPath)],
});

export const decodeTypeCatalog = (result: RawResult): TypeCatalogRows => JSON.parse(result.rows[0]?.[0] ?? "") as TypeCatalogRows;
