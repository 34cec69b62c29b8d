import { FIRST_NORMAL_OID } from "../catalog/fragments-sql.ts";

/** A system catalog's part of the fingerprint. */
interface Part {
  readonly catalog: string;
  /** Which of its rows: those of somebody's own objects. */
  readonly oid: string;
  /** What is looked at: `xmin` is another one whenever the row has changed. */
  readonly columns: string;
  readonly condition?: string;
}

const RELATIONS = "relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND relpersistence <> 't'";

// Row types are found by their relations, arrays by their elements.
// Names rather than xmin where rows are also written by what changes nothing: GRANT, TRUNCATE, REFRESH, CREATE INDEX.
const PARTS: readonly Part[] = [
  { catalog: "pg_class", oid: "oid", columns: "oid, relname, relnamespace, relkind, relispartition", condition: RELATIONS },
  { catalog: "pg_attribute", oid: "attrelid", columns: "attrelid, attnum, attname, atttypid, atttypmod, attnotnull, atthasdef, attidentity, attgenerated, attisdropped", condition: `attnum > 0 AND attrelid IN (SELECT oid FROM pg_class WHERE ${RELATIONS})` },
  { catalog: "pg_attrdef", oid: "oid", columns: "oid, xmin" },
  { catalog: "pg_type", oid: "oid", columns: "oid, xmin", condition: "typtype <> 'c' AND typcategory <> 'A'" },
  { catalog: "pg_enum", oid: "oid", columns: "oid, xmin" },
  { catalog: "pg_constraint", oid: "oid", columns: "oid, xmin", condition: "contype IN ('p', 'u', 'f')" },
  { catalog: "pg_proc", oid: "oid", columns: "oid, xmin" },
  { catalog: "pg_cast", oid: "oid", columns: "oid, xmin" },
  { catalog: "pg_rewrite", oid: "oid", columns: "oid, xmin" },
  // INSTEAD OF triggers make a view insertable.
  { catalog: "pg_trigger", oid: "oid", columns: "oid, xmin", condition: "NOT tgisinternal" },
  { catalog: "pg_description", oid: "objoid", columns: "objoid, classoid, objsubid, xmin" },
];

const part = ({ catalog, oid, columns, condition }: Part): string =>
  `(SELECT sum(hash_record_extended(ROW(${columns}), 0)) FROM ${catalog} WHERE ${oid} >= ${FIRST_NORMAL_OID}${condition ? ` AND ${condition}` : ""})`;

/** One text that is another whenever somebody's own objects have changed: a sum over their rows, in no order. */
export const FINGERPRINT_SQL = `
  SELECT concat_ws(',', (SELECT sum(hash_record_extended(ROW(oid, nspname), 0)) FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%'), ${PARTS.map((each) => `coalesce(${part(each)}, 0)`).join(",\n    ")})`;
