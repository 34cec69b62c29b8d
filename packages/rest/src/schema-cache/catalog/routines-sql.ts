import { descriptionSql, FIRST_NORMAL_OID, inSchemas, schemaName } from "./fragments-sql.ts";

// Types that ignore the declared length and take any value: what arguments are parsed as.
const UNLIMITED_TYPE = `
           CASE arg.type WHEN 'bit'::regtype THEN 'bit varying'
                         WHEN 'bit[]'::regtype THEN 'bit varying[]'
                         WHEN 'character'::regtype THEN 'character varying'
                         WHEN 'character[]'::regtype THEN 'character varying[]'
                         ELSE format_type(arg.type, NULL) END`;

// Names and modes count the OUT parameters, which may stand anywhere; types and defaults are of the IN ones alone.
const PARAMETERS = `
         (SELECT json_agg(json_build_object(
                   'name', coalesce(named.name, ''), 'type', format_type(arg.type, NULL), 'typeMaxLength', ${UNLIMITED_TYPE},
                   'required', arg.idx <= p.pronargs - p.pronargdefaults, 'variadic', coalesce(named.mode = 'v', false))
                 ORDER BY arg.idx)
            FROM unnest(p.proargtypes) WITH ORDINALITY AS arg (type, idx)
            LEFT JOIN (SELECT name, mode, row_number() OVER (ORDER BY place) AS idx
                         FROM unnest(p.proargnames, p.proargmodes) WITH ORDINALITY AS every (name, mode, place)
                        WHERE coalesce(mode, 'i') IN ('i', 'b', 'v')) named USING (idx))`;

/**
 * Functions that a request could call, as `RoutineRow`s. Without names there may be but one parameter,
 * of a type that a whole request body can be given as.
 * Expects the common table `domain_bases`.
 *
 * @param condition what else to ask of `p`, a pg_proc
 */
export const routinesSql = (condition: string): string => `
  SELECT ${schemaName("p.pronamespace")} AS schema, p.proname AS name, ${descriptionSql("pg_proc", "p.oid")} AS description, ${PARAMETERS} AS params,
         ${schemaName("rt.typnamespace")} AS "returnSchema", rt.typname AS "returnName", p.proretset AS "setOf",
         rt.typtype = 'c' OR coalesce(p.proargmodes && '{o,b,t}'::"char"[], false) AS composite,
         b.base IS NOT NULL AS "domain", p.provolatile AS volatility, p.provariadic <> 0 AS variadic, p.proconfig AS settings
    FROM pg_proc p
    LEFT JOIN domain_bases b ON b.domain = p.prorettype
    JOIN pg_type rt ON rt.oid = coalesce(b.base, p.prorettype)
   WHERE p.prokind = 'f' AND rt.oid <> 'trigger'::regtype
     AND (p.pronargs = 0 OR p.proargnames IS NOT NULL
          OR p.pronargs = 1 AND p.proargtypes[0] IN ('bytea'::regtype, 'json'::regtype, 'jsonb'::regtype, 'text'::regtype, 'xml'::regtype))
     AND ${condition}`;

/**
 * Functions from a row of an exposed relation to rows of one, as `ComputedRelationshipRow`s. None that PostgreSQL begins with is one.
 * Expects the common table `exposed`.
 */
export const COMPUTED_RELATIONSHIPS_SQL = `
  SELECT ${schemaName("p.pronamespace")} AS "functionSchema", p.proname AS "functionName",
         ${schemaName("source.relnamespace")} AS "sourceSchema", source.relname AS "sourceName",
         ${schemaName("target.relnamespace")} AS "targetSchema", target.relname AS "targetName",
         NOT p.proretset OR p.prorows = 1 AS "toOne"
    FROM pg_proc p
    JOIN pg_class source ON source.reltype = p.proargtypes[0] AND source.relkind IN ('r', 'p', 'v', 'm', 'f')
    JOIN pg_class target ON target.reltype = p.prorettype AND target.relkind IN ('r', 'p', 'v', 'm', 'f')
   WHERE ${inSchemas("source.relnamespace", "exposed")} AND ${inSchemas("target.relnamespace", "exposed")}
     AND p.prokind = 'f' AND p.pronargs = 1 AND p.oid >= ${FIRST_NORMAL_OID}`;
