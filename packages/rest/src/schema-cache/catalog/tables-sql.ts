import { descriptionSql } from "./fragments-sql.ts";

// A foreign data wrapper without a handler can't even be asked: pg_relation_is_updatable() would fail.
const ASKABLE = `
         c.relkind = 'v' OR c.relkind = 'f' AND 0 <> (
           SELECT fdwhandler FROM pg_foreign_data_wrapper
            WHERE oid = (SELECT srvfdw FROM pg_foreign_server WHERE oid = (SELECT ftserver FROM pg_foreign_table WHERE ftrelid = c.oid)))`;

/**
 * The exposed relations, as `TableRow`s. Partitions are left out: requests go to their partitioned table.
 * Expects the common table `exposed`.
 */
export const TABLES_SQL = `
  SELECT c.oid AS id, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
         ${descriptionSql("pg_class", "c.oid")} AS description,
         CASE WHEN ${ASKABLE} THEN pg_relation_is_updatable(c.oid, true) END AS events
    FROM pg_class c
    JOIN exposed n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition`;

// A domain's own default holds where the column has none; a generated column can't be written, so it has none.
const DEFAULT_SQL = `
         CASE WHEN a.attgenerated <> '' THEN NULL
              WHEN a.attidentity = 'd' THEN
                (SELECT format('nextval(%L)', s.objid::regclass)
                   FROM pg_depend s
                  WHERE s.classid = 'pg_class'::regclass AND s.refclassid = 'pg_class'::regclass
                    AND s.refobjid = a.attrelid AND s.refobjsubid = a.attnum AND s.deptype = 'i')
              WHEN a.atthasdef THEN (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = a.attrelid AND adnum = a.attnum)
              WHEN t.typtype = 'd' THEN pg_get_expr(t.typdefaultbin, 0)
         END`;

/**
 * Their columns, as `ColumnRow`s. Types of pg_catalog go without modifiers, the others as `format_type` has them;
 * a domain counts as the type it is made of where that is one of pg_catalog.
 * Expects the common tables `exposed` and `domain_bases`.
 */
export const COLUMNS_SQL = `
  SELECT a.attrelid AS relation, a.attnum AS position, a.attname AS name,
         ${descriptionSql("pg_class", "a.attrelid", "a.attnum")} AS description,
         NOT (a.attnotnull OR t.typtype = 'd' AND t.typnotnull) AS nullable,
         CASE WHEN b.base_schema = 'pg_catalog'::regnamespace THEN format_type(b.base, NULL)
              WHEN t.typtype <> 'd' AND t.typnamespace = 'pg_catalog'::regnamespace THEN format_type(t.oid, NULL)
              ELSE format_type(a.atttypid, a.atttypmod)
         END AS type,
         format_type(a.atttypid, a.atttypmod) AS "nominalType",
         CASE WHEN l.modifier = -1 THEN NULL
              WHEN l.type IN ('character'::regtype, 'character varying'::regtype) THEN l.modifier - 4
              WHEN l.type IN ('bit'::regtype, 'bit varying'::regtype) THEN l.modifier
         END AS "maxLength",
         ${DEFAULT_SQL} AS "default",
         coalesce(b.base, a.atttypid) AS "baseType"
    FROM exposed n
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    CROSS JOIN LATERAL (SELECT CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END AS type,
                               CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS modifier) l
    LEFT JOIN domain_bases b ON b.domain = a.atttypid
   ORDER BY a.attnum`;

/** The labels of all enum types, as `EnumRow`s. */
export const ENUMS_SQL = `
  SELECT enumtypid AS type, json_agg(enumlabel ORDER BY enumsortorder) AS labels FROM pg_enum GROUP BY enumtypid`;
