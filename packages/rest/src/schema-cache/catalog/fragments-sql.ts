/** Objects that PostgreSQL begins with are below, all others are not (FirstNormalObjectId, transam.h). */
export const FIRST_NORMAL_OID = 16_384;

// Each is one value rather than one more relation to join: what the planner makes of every possible order of joins takes
// it longer than looking the values up.

/**
 * Whether a schema is one of those of a common table of schemas, `exposed` or `searched`.
 *
 * @param oid SQL of the schema's oid
 */
export const inSchemas = (oid: string, schemas: string): string => `${oid} = ANY (ARRAY(SELECT oid FROM ${schemas}))`;

/** @param oid SQL of the schema's oid */
export const schemaName = (oid: string): string => `(SELECT nspname FROM pg_namespace WHERE oid = ${oid})`;

/** What COMMENT ON says of an object, or of a part of one. */
export const descriptionSql = (catalog: "pg_class" | "pg_proc", oid: string, part = "0"): string =>
  `(SELECT description FROM pg_description WHERE objoid = ${oid} AND classoid = '${catalog}'::regclass AND objsubid = ${part})`;
