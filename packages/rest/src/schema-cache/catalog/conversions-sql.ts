import { inSchemas, schemaName } from "./fragments-sql.ts";

/**
 * Implicit casts between a domain and JSON or text that the login role may call, as `RepresentationRow`s.
 * https://docs.postgrest.org/en/stable/references/api/domain_representations.html
 */
export const REPRESENTATIONS_SQL = `
  SELECT format_type(c.castsource, NULL) AS source, format_type(c.casttarget, NULL) AS target,
         c.castfunc::regproc::text AS function
    FROM pg_cast c
    JOIN pg_type source ON source.oid = c.castsource
    JOIN pg_type target ON target.oid = c.casttarget
   WHERE c.castmethod = 'f' AND c.castcontext = 'i' AND has_function_privilege(c.castfunc, 'execute')
     AND (source.typtype = 'd' AND target.oid IN ('json'::regtype, 'text'::regtype)
          OR target.typtype = 'd' AND source.oid IN ('json'::regtype, 'text'::regtype))`;

/**
 * What produces a domain named like a media type, as `MediaHandlerRow`s: aggregates over a relation's rows or over
 * anyelement; and plain functions, for which the domain's own cast is the handler. A domain has its base type's output
 * function, however many domains are between them.
 * https://docs.postgrest.org/en/stable/references/api/media_type_handlers.html
 * Expects the common table `exposed`.
 */
export const MEDIA_HANDLERS_SQL = `
  WITH media AS (
    SELECT t.oid, t.typname AS name, ${schemaName("t.typnamespace")} AS schema, t.typoutput = 'pg_catalog.byteaout'::regproc AS binary
      FROM pg_type t
     WHERE t.typtype = 'd' AND (t.typname ~* '^[a-z0-9.-]+/[a-z0-9.+-]+$' OR t.typname = '*/*'))
  SELECT ${schemaName("p.pronamespace")} AS "handlerSchema", p.proname AS "handlerName",
         ${schemaName("arg.typnamespace")} AS "relationSchema", arg.typname AS "relationName", media.name AS mime, media.binary
    FROM media
    JOIN pg_proc p ON p.prorettype = media.oid AND p.prokind = 'a' AND p.pronargs = 1
    JOIN pg_type arg ON arg.oid = p.proargtypes[0]
   WHERE ${inSchemas("p.pronamespace", "exposed")}
     AND (arg.oid = 'anyelement'::regtype OR (SELECT relkind FROM pg_class WHERE oid = arg.typrelid) IN ('r', 'p', 'v', 'm', 'f'))
  UNION ALL
  SELECT media.schema, media.name, ${schemaName("p.pronamespace")}, p.proname, media.name, media.binary
    FROM media
    JOIN pg_proc p ON p.prorettype = media.oid AND p.prokind = 'f' AND NOT p.proretset
   WHERE ${inSchemas("p.pronamespace", "exposed")}`;
