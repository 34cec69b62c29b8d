import { descriptionSql, FIRST_NORMAL_OID } from "./fragments-sql.ts";

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
  SELECT n.nspname AS schema, p.proname AS name, ${descriptionSql("pg_proc", "p.oid")} AS description, ${PARAMETERS} AS params,
         rn.nspname AS "returnSchema", rt.typname AS "returnName", p.proretset AS "setOf",
         rt.typtype = 'c' OR coalesce(p.proargmodes && '{o,b,t}'::"char"[], false) AS composite,
         b.base IS NOT NULL AS "domain", p.provolatile AS volatility, p.provariadic <> 0 AS variadic, p.proconfig AS settings
    FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace
    LEFT JOIN domain_bases b ON b.domain = p.prorettype
    JOIN pg_type rt ON rt.oid = coalesce(b.base, p.prorettype)
    JOIN pg_namespace rn ON rn.oid = rt.typnamespace
   WHERE p.prokind = 'f' AND rt.oid <> 'trigger'::regtype
     AND (p.pronargs = 0 OR p.proargnames IS NOT NULL
          OR p.pronargs = 1 AND p.proargtypes[0] IN ('bytea'::regtype, 'json'::regtype, 'jsonb'::regtype, 'text'::regtype, 'xml'::regtype))
     AND ${condition}`;

/**
 * Functions from a row of an exposed relation to rows of one, as `ComputedRelationshipRow`s. None that PostgreSQL begins with is one.
 * Expects the common table `exposed`.
 */
export const COMPUTED_RELATIONSHIPS_SQL = `
  SELECT pn.nspname AS "functionSchema", p.proname AS "functionName",
         sn.nspname AS "sourceSchema", source.relname AS "sourceName",
         tn.nspname AS "targetSchema", target.relname AS "targetName",
         NOT p.proretset OR p.prorows = 1 AS "toOne"
    FROM pg_proc p
    JOIN pg_namespace pn ON pn.oid = p.pronamespace
    JOIN pg_class source ON source.reltype = p.proargtypes[0] AND source.relkind IN ('r', 'p', 'v', 'm', 'f')
    JOIN exposed sn ON sn.oid = source.relnamespace
    JOIN pg_class target ON target.reltype = p.prorettype AND target.relkind IN ('r', 'p', 'v', 'm', 'f')
    JOIN exposed tn ON tn.oid = target.relnamespace
   WHERE p.prokind = 'f' AND p.pronargs = 1 AND p.oid >= ${FIRST_NORMAL_OID}`;
