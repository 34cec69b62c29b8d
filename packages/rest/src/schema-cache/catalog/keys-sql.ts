import { inSchemas, schemaName } from "./fragments-sql.ts";

// Also those outside the exposed schemas: a view shows the keys of tables that are not exposed themselves.
const KEYS = "contype IN ('p', 'u', 'f') AND connamespace <> 'pg_catalog'::regnamespace";

/** Primary, unique and foreign keys, as `KeyRow`s. */
export const KEYS_SQL = `
  SELECT oid AS id, conname AS name, contype AS kind, conrelid AS relation, conkey AS columns,
         nullif(confrelid, 0) AS target, confkey AS "targetColumns", conparentid <> 0 AS inherited
    FROM pg_constraint
   WHERE ${KEYS}`;

/** Names of the relations that have such a key or are the target of one, and of their columns: `KeyedRelationRow`s. */
export const KEYED_RELATIONS_SQL = `
  SELECT c.oid AS id, ${schemaName("c.relnamespace")} AS schema, c.relname AS name, json_object_agg(a.attnum, a.attname) AS columns
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE c.oid IN (SELECT conrelid FROM pg_constraint WHERE ${KEYS}
                   UNION ALL SELECT confrelid FROM pg_constraint WHERE ${KEYS})
   GROUP BY c.oid, c.relnamespace, c.relname`;

/**
 * The queries of views, as PostgreSQL's parser left them: `ViewRow`s.
 * Those of the extra search path come along, because exposed views may be built upon them.
 * Expects the common tables `exposed` and `searched`.
 */
export const VIEWS_SQL = `
  SELECT c.oid AS id, ${inSchemas("c.relnamespace", "exposed")} AS exposed, r.ev_action::text AS query
    FROM pg_class c
    JOIN pg_rewrite r ON r.ev_class = c.oid AND r.ev_type = '1'
   WHERE c.relkind IN ('v', 'm') AND (${inSchemas("c.relnamespace", "exposed")} OR ${inSchemas("c.relnamespace", "searched")})`;
